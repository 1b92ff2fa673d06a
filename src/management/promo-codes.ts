import type { Duration } from '../lib/duration.js';
import { GatewayError } from '../lib/errors.js';
import { formatUsd } from '../lib/money.js';
import type { OptionNames } from '../lib/option-names.js';
import type { PromoCodeRecord } from '../meter/meter.js';
import { checkPlan } from './key-settings.js';
import {
  invalid,
  type ManagementDeps,
  type PageOptions,
  readAmount,
  readFlag,
  readOptions,
  type Time,
} from './management.js';
import { partOf, readDuration, readFutureTime, readPage, readPromoCode } from './queries.js';

export interface PromoCodeOptions {
  /** Case-insensitive. */
  readonly code: string;
  readonly amount: string | number;
  /** @default without limit */
  readonly maxRedemptions?: number | undefined;
  /** When it can't be redeemed any more. @default never */
  readonly expiresAt?: Time | undefined;
  /** How long the redeemed money can be used, which makes it a grant. @default without end, on the balance */
  readonly creditExpiresAfter?: Duration | undefined;
  /** The plan that the account gets with it. @default the one it has */
  readonly plan?: string | undefined;
  /** Only for accounts that have neither paid, redeemed nor used anything. @default false */
  readonly newAccountsOnly?: boolean | undefined;
}

const PROMO_CODE: OptionNames<PromoCodeOptions> = {
  code: true,
  amount: true,
  maxRedemptions: true,
  expiresAt: true,
  creditExpiresAfter: true,
  plan: true,
  newAccountsOnly: true,
};

export interface PromoCodeInfo {
  readonly code: string;
  readonly amount: string;
  readonly maxRedemptions: number | null;
  readonly redemptions: number;
  readonly expiresAt: Date | null;
  /** Milliseconds. */
  readonly creditExpiresAfter: number | null;
  readonly plan: string | null;
  readonly newAccountsOnly: boolean;
  readonly disabledAt: Date | null;
  readonly createdAt: Date;
}

/** Promo codes. Every method rejects with a `GatewayError` for bad input. */
export interface PromoCodes {
  /** @throws {GatewayError} `conflict` when the code exists. */
  create(options: PromoCodeOptions): Promise<PromoCodeInfo>;
  /** Disables a code for good; money that was redeemed stays. @throws {GatewayError} `promo_code_unknown`. */
  disable(code: string): Promise<void>;
  /** Newest first. */
  list(page?: PageOptions): Promise<PromoCodeInfo[]>;
}

export function promoCodesOf({ meter, catalog, now }: ManagementDeps): PromoCodes {
  return {
    async create(options) {
      readOptions('promoCodes.create', options, PROMO_CODE);
      const amount = readAmount(options.amount, 'amount');
      if (amount <= 0n) throw invalid('amount', 'it must be more than zero');
      const { maxRedemptions, plan, creditExpiresAfter } = options;
      const newAccountsOnly = readFlag(options.newAccountsOnly, 'newAccountsOnly');
      if (plan !== undefined) checkPlan(plan, { catalog });
      if (maxRedemptions !== undefined && (!Number.isSafeInteger(maxRedemptions) || maxRedemptions < 1)) {
        throw invalid('maxRedemptions', 'it must be a positive integer');
      }
      const createdAt = now();
      const code = {
        code: readPromoCode(options.code),
        amount,
        createdAt,
        ...(maxRedemptions !== undefined && { maxRedemptions }),
        ...(creditExpiresAfter !== undefined && { creditExpiresAfterMs: readExpiry(creditExpiresAfter) }),
        ...(plan !== undefined && { plan }),
        ...(newAccountsOnly && { newAccountsOnly }),
        ...(options.expiresAt !== undefined && {
          expiresAt: readFutureTime(options.expiresAt, 'expiresAt', createdAt),
        }),
      };
      if (!(await partOf(meter, 'createPromoCode')(code))) {
        throw new GatewayError('conflict', { message: 'This promo code already exists.', param: 'code' });
      }
      return promoCodeInfo({ ...code, redemptions: 0 });
    },

    async disable(code) {
      const known = await partOf(meter, 'disablePromoCode')(readPromoCode(code), now());
      if (!known) throw new GatewayError('promo_code_unknown', { param: 'code' });
    },

    async list(page) {
      return (await partOf(meter, 'listPromoCodes')(readPage('promoCodes.list', page))).map(promoCodeInfo);
    },
  };
}

function readExpiry(duration: Duration): number {
  const ms = readDuration(duration, 'creditExpiresAfter');
  if (ms === 0) throw invalid('creditExpiresAfter', 'it must be more than nothing');
  return ms;
}

function promoCodeInfo(record: PromoCodeRecord): PromoCodeInfo {
  return {
    code: record.code,
    amount: formatUsd(record.amount),
    maxRedemptions: record.maxRedemptions ?? null,
    redemptions: record.redemptions,
    expiresAt: record.expiresAt === undefined ? null : new Date(record.expiresAt),
    creditExpiresAfter: record.creditExpiresAfterMs ?? null,
    plan: record.plan ?? null,
    newAccountsOnly: record.newAccountsOnly ?? false,
    disabledAt: record.disabledAt === undefined ? null : new Date(record.disabledAt),
    createdAt: new Date(record.createdAt),
  };
}
