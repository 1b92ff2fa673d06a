import type { MaybePromise } from '../exchange.js';
import type {
  AccountListing,
  AccountScope,
  AccountView,
  EntryView,
  EventView,
  KeySettings,
  KeySettingsChange,
  KeyView,
  ModelView,
  Movement,
  PageQuery,
  PlanView,
  PromoCodeSettings,
  PromoCodeView,
  TargetHealth,
  UsageRequest,
  UsageRow,
  UsageScope,
} from './gateway-views.js';

/**
 * What the dashboard asks of a gateway: the part of `createGateway`'s result that it calls.
 *
 * Amounts are decimal strings in US dollars. A method that refuses throws a `GatewayError`. Arguments named
 * `accountId` bind a call to one account: what belongs to another is not found.
 */
export interface DashboardGateway {
  readonly keys: {
    create(
      key: AccountScope & KeySettings & { readonly name: string },
    ): MaybePromise<{ readonly key: string; readonly record: KeyView }>;
    list(accountId: string): MaybePromise<readonly KeyView[]>;
    update(id: string, change: KeySettingsChange, scope: AccountScope): MaybePromise<KeyView>;
    revoke(id: string, scope: AccountScope): MaybePromise<unknown>;
  };
  readonly accounts: {
    get(id: string): MaybePromise<AccountView>;
    list(query: {
      readonly search?: string;
      readonly after?: string;
      readonly limit: number;
    }): MaybePromise<readonly AccountListing[]>;
    setPlan(id: string, plan: string): MaybePromise<unknown>;
  };
  readonly credits: {
    adjust(adjustment: Movement): MaybePromise<unknown>;
    redeem(redemption: AccountScope & { readonly code: string }): MaybePromise<unknown>;
    history(accountId: string, page: PageQuery): MaybePromise<readonly EntryView[]>;
  };
  readonly promoCodes: {
    create(code: PromoCodeSettings): MaybePromise<unknown>;
    list(page: PageQuery): MaybePromise<readonly PromoCodeView[]>;
  };
  readonly usage: {
    query(query: UsageRequest): MaybePromise<readonly UsageRow[]>;
    events(query: UsageScope & PageQuery): MaybePromise<readonly EventView[]>;
  };
  readonly models: { list(accountId: string): MaybePromise<readonly ModelView[]> };
  readonly plans: Readonly<Record<string, PlanView>>;
  health(): MaybePromise<readonly TargetHealth[]>;
}
