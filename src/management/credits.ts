import { GatewayError, type GatewayErrorCode } from '../lib/errors.js';
import { formatUsd } from '../lib/money.js';
import type { OptionNames } from '../lib/option-names.js';
import type { Credit, LedgerEntry, PromoCodeRecord, RedeemResult } from '../meter/meter.js';
import {
  invalid,
  type ManagementDeps,
  type PageOptions,
  partOf,
  readAccountId,
  readAmount,
  readName,
  readOptions,
  readPage,
  readTime,
  type Time,
} from './management.js';

/** One movement of money; amounts are decimal strings in USD, positive when money came in. */
export interface Movement {
  readonly id: string;
  readonly kind: LedgerEntry['kind'];
  readonly amount: string;
  readonly balanceAfter: string;
  readonly at: Date;
  /** Idempotency key, promo code or request id. */
  readonly reference: string;
  readonly note: string | null;
}

export interface CreditOptions {
  readonly accountId: string;
  readonly amount: string | number;
  /** The same key credits an account once, whatever happens in between: use the payment's id. */
  readonly idempotencyKey: string;
  readonly note?: string;
}

/** A correction of a balance. */
export interface AdjustOptions extends CreditOptions {
  /** Takes more than there is, too, for money that is gone already: a refund, a lost dispute. @default false */
  readonly allowNegative?: boolean;
}

const CREDIT: OptionNames<CreditOptions> = { accountId: true, amount: true, idempotencyKey: true, note: true };
const ADJUST: OptionNames<AdjustOptions> = { ...CREDIT, allowNegative: true };

/** Prepaid money of accounts. Every method rejects with a `GatewayError` for bad input. */
export interface Credits {
  /**
   * Adds money; an unknown account is created. Repeated with the same idempotency key it answers the first movement.
   *
   * @throws {GatewayError} `idempotency_conflict` when the key was used with another amount.
   */
  topUp(options: CreditOptions): Promise<Movement>;
  /**
   * Corrects a balance up or down.
   *
   * @throws {GatewayError} `insufficient_balance` below what is held, unless `allowNegative` is set.
   */
  adjust(options: AdjustOptions): Promise<Movement>;
  /** @throws {GatewayError} `promo_code_unknown`, `_expired`, `_exhausted` or `_already_used`. */
  redeem(options: RedeemOptions): Promise<Movement>;
  /** Every movement, newest first. */
  history(accountId: string, page?: PageOptions): Promise<Movement[]>;
}

/** Who redeems which promo code. */
export interface RedeemOptions {
  readonly accountId: string;
  readonly code: string;
}

const REDEEM: OptionNames<RedeemOptions> = { accountId: true, code: true };

export interface PromoCodeOptions {
  readonly code: string;
  readonly amount: string | number;
  /** @default without limit */
  readonly maxRedemptions?: number;
  /** @default never */
  readonly expiresAt?: Time;
}

const PROMO_CODE: OptionNames<PromoCodeOptions> = { code: true, amount: true, maxRedemptions: true, expiresAt: true };

export interface PromoCodeInfo {
  readonly code: string;
  readonly amount: string;
  readonly maxRedemptions: number | null;
  readonly redemptions: number;
  readonly expiresAt: Date | null;
  readonly createdAt: Date;
}

/** Codes that give money away. Every method rejects with a `GatewayError` for bad input. */
export interface PromoCodes {
  /** @throws {GatewayError} `conflict` when the code exists. */
  create(options: PromoCodeOptions): Promise<PromoCodeInfo>;
  /** Newest first. */
  list(page?: PageOptions): Promise<PromoCodeInfo[]>;
}

export function creditsOf({ keys, meter, now }: ManagementDeps): Credits {
  async function credit(kind: Credit['kind'], options: AdjustOptions): Promise<Movement> {
    if (kind === 'top_up') readOptions('credits.topUp', options, CREDIT);
    else readOptions('credits.adjust', options, ADJUST);
    const amount = readAmount(options.amount, 'amount');
    if (kind === 'top_up' ? amount <= 0n : amount === 0n) throw invalid('amount', 'it must be more than zero');
    const accountId = readAccountId(options.accountId);
    const idempotencyKey = readName(options.idempotencyKey, 'idempotencyKey', 512);
    await keys.saveAccount({ id: accountId, now: now() });
    const result = await meter.credit({
      accountId,
      kind,
      amount,
      idempotencyKey,
      now: now(),
      ...(options.allowNegative && { allowNegative: true }),
      ...(options.note !== undefined && { note: readName(options.note, 'note', 1_000) }),
    });
    if (result.ok) return movement(result.entry);
    if (result.reason === 'conflict') throw new GatewayError('idempotency_conflict', { param: 'idempotencyKey' });
    throw new GatewayError('insufficient_balance', {
      message: 'The balance, less what is held, does not cover this adjustment.',
      param: 'amount',
    });
  }

  return {
    topUp: (options) => credit('top_up', options),
    adjust: (options) => credit('adjustment', options),

    async redeem(options) {
      readOptions('credits.redeem', options, REDEEM);
      const accountId = readAccountId(options.accountId);
      const code = readName(options.code, 'code');
      await keys.saveAccount({ id: accountId, now: now() });
      const result = await partOf(meter, 'redeem')({ accountId, code, now: now() });
      if (result.ok) return movement(result.entry);
      throw new GatewayError(REDEEM_ERRORS[result.reason], { param: 'code' });
    },

    async history(accountId, page) {
      return (await meter.history(readAccountId(accountId), readPage('credits.history', page))).map(movement);
    },
  };
}

const REDEEM_ERRORS: Readonly<Record<Exclude<RedeemResult, { ok: true }>['reason'], GatewayErrorCode>> = {
  unknown: 'promo_code_unknown',
  expired: 'promo_code_expired',
  exhausted: 'promo_code_exhausted',
  already_used: 'promo_code_already_used',
  disabled: 'promo_code_disabled',
  not_new: 'promo_code_new_accounts_only',
};

export function promoCodesOf({ meter, now }: ManagementDeps): PromoCodes {
  return {
    async create(options) {
      readOptions('promoCodes.create', options, PROMO_CODE);
      const amount = readAmount(options.amount, 'amount');
      if (amount <= 0n) throw invalid('amount', 'it must be more than zero');
      const { maxRedemptions } = options;
      if (maxRedemptions !== undefined && (!Number.isSafeInteger(maxRedemptions) || maxRedemptions < 1)) {
        throw invalid('maxRedemptions', 'it must be a positive integer');
      }
      const code = {
        code: readName(options.code, 'code'),
        amount,
        createdAt: now(),
        ...(maxRedemptions !== undefined && { maxRedemptions }),
        ...(options.expiresAt !== undefined && { expiresAt: readTime(options.expiresAt, 'expiresAt') }),
      };
      if (!(await partOf(meter, 'createPromoCode')(code))) {
        throw new GatewayError('conflict', { message: 'This promo code exists already.', param: 'code' });
      }
      return promoCodeInfo({ ...code, redemptions: 0 });
    },

    async list(page) {
      return (await partOf(meter, 'listPromoCodes')(readPage('promoCodes.list', page))).map(promoCodeInfo);
    },
  };
}

function movement(entry: LedgerEntry): Movement {
  const { id, kind, reference, note } = entry;
  const [amount, balanceAfter] = [formatUsd(entry.amount), formatUsd(entry.balanceAfter)];
  return { id, kind, amount, balanceAfter, at: new Date(entry.at), reference, note: note ?? null };
}

function promoCodeInfo(record: PromoCodeRecord): PromoCodeInfo {
  return {
    code: record.code,
    amount: formatUsd(record.amount),
    maxRedemptions: record.maxRedemptions ?? null,
    redemptions: record.redemptions,
    expiresAt: record.expiresAt === undefined ? null : new Date(record.expiresAt),
    createdAt: new Date(record.createdAt),
  };
}
