import type { MaybePromise } from '../lib/maybe-promise.js';
import type { NanoUsd } from '../lib/money.js';
import type { TokenCounts, UnitCounts, Usage } from '../lib/usage.js';
import type { PriceSnapshot } from './price.js';

/** Records of what requests used, and sums of them. */
export interface UsageLog {
  /** Sums of usage events, grouped; the totals over all groups equal the sum of the events. */
  usage(query: UsageQuery): MaybePromise<UsageTotals[]>;
  /** Single events, newest first. */
  events(query: UsageRange, page: Page): MaybePromise<UsageEvent[]>;
  /**
   * What many accounts used, each in its place, in a few statements however many they are. A log without it is asked account
   * by account.
   */
  usageOfAll?(accountIds: readonly string[], from?: number): MaybePromise<readonly AccountUsage[]>;
}

/** What one account used. */
export interface AccountUsage {
  /** Sums from an instant on; undefined: nothing. */
  readonly totals?: Pick<UsageTotals, 'requests' | 'cost' | 'providerCost' | 'margin'>;
  /** When its newest request was settled, also before that instant; undefined: there is none. */
  readonly lastAt?: number;
}

/** How a request ended. */
export type Outcome = 'completed' | 'aborted' | 'timeout' | 'truncated' | 'error';

/**
 * What is unusual about a charge. `overrun`: the provider reported more than the request allowed;
 * `usage_suspect`: more than ten times as much, or more than any request can use or cost. Both are
 * charged in full, up to the highest count and cost there are.
 */
export type UsageFlag = 'overrun' | 'usage_suspect';

/**
 * How a request was authenticated: with an API key, with a session token, from the host's own code (`fetchFor`), or
 * with the
 * host's own session (`authenticate`).
 */
export type Via = 'key' | 'session' | 'app' | 'host';

/** What one source paid of a request. */
export interface Charge {
  readonly source: 'allowance' | 'grant' | 'balance';
  /** Of the grant. */
  readonly id?: string;
  readonly amount: NanoUsd;
  /** The windows that an `allowance` counts in: a refund is for those that still run. */
  readonly windows?: readonly { readonly id: string; readonly endsAt: number }[];
}

/** One request as it is recorded: enough to derive its charge again. */
export interface UsageEvent {
  /** The gateway's request id. */
  readonly id: string;
  readonly accountId: string;
  /** Null where no API key was involved. */
  readonly keyId: string | null;
  /** @default 'key' */
  readonly via?: Via;
  /** The account's own customer, member or visitor. */
  readonly endUser?: string;
  /** One agent run, conversation or job. */
  readonly session?: string;
  /** At most 8; names and values have at most 128 characters. */
  readonly tags?: Readonly<Record<string, string>>;
  /** When it was settled. */
  readonly at: number;
  /** The model the client asked for. */
  readonly model: string;
  /** The provider's name in the gateway's options. */
  readonly provider: string;
  /** The model that the provider was asked for. */
  readonly upstreamModel: string;
  readonly usage: Usage;
  readonly price: PriceSnapshot;
  /** `costOf(usage, price)`: what the account is charged. ≥ 0. */
  readonly cost: NanoUsd;
  /** What the operator pays for it. Undefined: not known. */
  readonly providerCost?: NanoUsd;
  readonly outcome: Outcome;
  readonly flags: readonly UsageFlag[];
  /**
   * Where `cost` came from; the amounts add up to it on all but metered plans, where what is not drawn on an allowance
   * is only counted. Set by the store. Undefined: nothing was charged.
   */
  readonly charged?: readonly Charge[];
}

/** Newest first; `before` is the id of the last entry of the previous page. */
export interface Page {
  /** 1 to 1,000. */
  readonly limit: number;
  readonly before?: string;
}

/** A page of the entries of a ledger. */
export interface HistoryPage extends Page {
  /** False: without what requests were charged. @default true */
  readonly usage?: boolean;
}

/** `tag:NAME` groups by the value of a tag. */
export type UsageDimension =
  | 'account'
  | 'model'
  | 'key'
  | 'day'
  | 'hour'
  | 'endUser'
  | 'session'
  | 'via'
  | `tag:${string}`;

export interface UsageRange {
  /** Only this account; undefined: all of them (the operator's view). */
  readonly accountId?: string;
  readonly keyId?: string;
  readonly model?: string;
  /** First instant, inclusive. */
  readonly from?: number;
  /** End, exclusive. */
  readonly to?: number;
  /** Only the event of this request. */
  readonly id?: string;
}

export interface UsageQuery extends UsageRange {
  /** Empty: one row with the totals (none when there are no events). Rows are ordered by the group's values. */
  readonly groupBy: readonly UsageDimension[];
  /** With `key` in `groupBy`: only these. A meter that does not know it may leave it out: the rows are filtered. */
  readonly keyIds?: readonly string[];
  /** Only this many groups, ordered by cost, then by number of requests, highest first. */
  readonly top?: number;
}

/** Sums over a group; the group's own values are set for the dimensions asked for, null where an event has no value. */
export interface UsageTotals extends TokenCounts {
  readonly accountId?: string;
  readonly model?: string;
  readonly keyId?: string | null;
  /** UTC: `2026-11-21`. */
  readonly day?: string;
  /** UTC: `2026-11-21T14`. */
  readonly hour?: string;
  readonly endUser?: string | null;
  readonly session?: string | null;
  readonly via?: Via;
  readonly tags?: Readonly<Record<string, string | null>>;
  /** With `top`: how many groups there are in all. */
  readonly groups?: number;
  readonly requests: number;
  /** Undefined: none. */
  readonly units?: UnitCounts;
  readonly cost: NanoUsd;
  /** Sum over the events whose provider cost is known, and what they were charged above it. Undefined: it is known for none. */
  readonly providerCost?: NanoUsd;
  readonly margin?: NanoUsd;
}
