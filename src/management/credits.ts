import { GatewayError, type GatewayErrorCode } from '../lib/errors.js';
import { formatUsd } from '../lib/money.js';
import type { OptionNames } from '../lib/option-names.js';
import type { Credit, Grant, LedgerEntry, RedeemRefusal } from '../meter/meter.js';
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
  readPromoCode,
  readTime,
  type Time,
} from './management.js';

/** One movement of money; amounts are decimal strings in USD, positive when money came in. */
export interface Movement {
  readonly id: string;
  readonly kind: LedgerEntry['kind'];
  /** What moved; `sourceId` is the grant's. */
  readonly source: LedgerEntry['source'];
  readonly sourceId: string | null;
  readonly amount: string;
  /** The balance after it, which movements of other sources do not change. */
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

/** Money that came in. */
export interface TopUpOptions extends CreditOptions {
  /**
   * The host's own transaction, with which the top-up is committed or rolled back: on PostgreSQL a client with `query`
   * inside a transaction (or the `sql` of one of postgres.js), on SQLite the database object, which is written to before the method returns.
   */
  readonly tx?: unknown;
}

/** Money that may expire. */
export interface GrantOptions {
  readonly accountId: string;
  readonly amount: string | number;
  /** The first instant at which it can't be used any more. @default never */
  readonly expiresAt?: Time;
  /** Shown to the account. */
  readonly reason?: string;
  /** The same key grants once, whatever happens in between. */
  readonly idempotencyKey: string;
}

export interface RefundOptions {
  /** The id of the request, as in its usage event. */
  readonly requestId: string;
  /** @default any account */
  readonly accountId?: string;
  readonly reason?: string;
}

/** A correction of a balance. */
export interface AdjustOptions extends CreditOptions {
  /** Takes more than there is, too, for money that is gone already: a refund, a lost dispute. @default false */
  readonly allowNegative?: boolean;
}

const CREDIT: OptionNames<CreditOptions> = { accountId: true, amount: true, idempotencyKey: true, note: true };
const TOP_UP: OptionNames<TopUpOptions> = { ...CREDIT, tx: true };
const ADJUST: OptionNames<AdjustOptions> = { ...CREDIT, allowNegative: true };

/** Prepaid money of accounts. Every method rejects with a `GatewayError` for bad input. */
export interface Credits {
  /**
   * Adds money; an unknown account is created. Repeated with the same idempotency key it answers the first movement.
   *
   * @throws {GatewayError} `idempotency_conflict` when the key was used with another amount.
   */
  topUp(options: TopUpOptions): Promise<Movement>;
  /**
   * Corrects a balance up or down.
   *
   * @throws {GatewayError} `insufficient_balance` below what is held, unless `allowNegative` is set.
   */
  adjust(options: AdjustOptions): Promise<Movement>;
  /**
   * Gives money that may expire, drawn on before the balance. Repeated with the same idempotency key it answers the first
   * movement.
   *
   * @throws {GatewayError} `idempotency_conflict` when the key was used with another amount.
   */
  grant(options: GrantOptions): Promise<Movement>;
  /**
   * Gives the charge of a request back to where it came from: to the balance where that has ended or expired. Budgets
   * keep counting it as spent.
   *
   * @returns a movement for each source, none for a request that was charged nothing.
   * @throws {GatewayError} `not_found`, `already_refunded`.
   */
  refund(options: RefundOptions): Promise<Movement[]>;
  /**
   * Redeems a promo code, and sets the plan where it comes with one.
   *
   * @throws {GatewayError} `promo_code_unknown`, `_expired`, `_exhausted`, `_already_used`, `_disabled` or
   * `_new_accounts_only`.
   */
  redeem(options: RedeemOptions): Promise<Movement>;
  /** Every movement, newest first. */
  history(accountId: string, page?: HistoryOptions): Promise<Movement[]>;
}

/** A page of an account's movements. */
export interface HistoryOptions extends PageOptions {
  /** False: without what requests were charged. @default true */
  readonly usage?: boolean;
}

/** Who redeems which promo code. */
export interface RedeemOptions {
  readonly accountId: string;
  readonly code: string;
}

const HISTORY: OptionNames<HistoryOptions> = { limit: true, before: true, usage: true };
const GRANT: OptionNames<GrantOptions> = {
  accountId: true,
  amount: true,
  expiresAt: true,
  reason: true,
  idempotencyKey: true,
};
const REFUND: OptionNames<RefundOptions> = { requestId: true, accountId: true, reason: true };
const REDEEM: OptionNames<RedeemOptions> = { accountId: true, code: true };

export function creditsOf({ keys, meter, now, notifications }: ManagementDeps): Credits {
  async function credit(kind: Credit['kind'], options: TopUpOptions & AdjustOptions): Promise<Movement> {
    const amount = readAmount(options.amount, 'amount');
    if (kind === 'top_up' ? amount <= 0n : amount === 0n) throw invalid('amount', 'it must be more than zero');
    const { tx, allowNegative, note } = options;
    const accountId = readAccountId(options.accountId);
    const request: Credit = {
      accountId,
      kind,
      amount,
      idempotencyKey: readName(options.idempotencyKey, 'idempotencyKey', 512),
      now: now(),
      ...(notifications.wants('credit.added') && { notify: true }),
      ...(allowNegative && { allowNegative }),
      ...(note !== undefined && { note: readName(note, 'note', 1_000) }),
    };
    const saved = keys.saveAccount({ id: accountId, now: now(), ...(tx !== undefined && { tx }) });
    // Inside the host's transaction both are begun at once: a synchronous one must not end before them.
    if (tx === undefined) await saved;
    const credited = meter.credit(tx === undefined ? request : { ...request, tx });
    const [result] = await Promise.all([credited, saved]);
    notifications.wake();
    if (result.ok) return movement(result.entry);
    if (result.reason === 'conflict') throw new GatewayError('idempotency_conflict', { param: 'idempotencyKey' });
    if (result.reason === 'too_large') throw invalid('amount', TOO_LARGE);
    throw new GatewayError('insufficient_balance', {
      message: 'The balance, less what is held, does not cover this adjustment.',
      param: 'amount',
    });
  }

  return {
    async topUp(options) {
      return credit('top_up', readOptions('credits.topUp', options, TOP_UP));
    },
    async adjust(options) {
      return credit('adjustment', readOptions('credits.adjust', options, ADJUST));
    },

    async grant(options) {
      const { reason, expiresAt } = readOptions('credits.grant', options, GRANT);
      const amount = readAmount(options.amount, 'amount');
      if (amount <= 0n) throw invalid('amount', 'it must be more than zero');
      const grant: Grant = {
        accountId: readAccountId(options.accountId),
        amount,
        idempotencyKey: readName(options.idempotencyKey, 'idempotencyKey', 512),
        now: now(),
        ...(expiresAt !== undefined && { expiresAt: readTime(expiresAt, 'expiresAt') }),
        ...(reason !== undefined && { reason: readName(reason, 'reason', 1_000) }),
        ...(notifications.wants('credit.added') && { notify: true }),
      };
      await keys.saveAccount({ id: grant.accountId, now: now() });
      const result = await partOf(meter, 'grant')(grant);
      notifications.wake();
      if (result.ok) return movement(result.entry);
      throw new GatewayError('idempotency_conflict', { param: 'idempotencyKey' });
    },

    async refund(options) {
      const { accountId, reason } = readOptions('credits.refund', options, REFUND);
      const result = await partOf(
        meter,
        'refund',
      )({
        requestId: readName(options.requestId, 'requestId', 512),
        now: now(),
        ...(accountId !== undefined && { accountId: readAccountId(accountId) }),
        ...(reason !== undefined && { reason: readName(reason, 'reason', 1_000) }),
      });
      if (result.ok) return result.entries.map(movement);
      if (result.reason === 'already_refunded') throw new GatewayError('already_refunded', { param: 'requestId' });
      if (result.reason === 'too_large') throw invalid('requestId', TOO_LARGE);
      throw new GatewayError('not_found', { message: 'There is no such request.', param: 'requestId' });
    },

    async redeem(options) {
      readOptions('credits.redeem', options, REDEEM);
      const accountId = readAccountId(options.accountId);
      const code = readPromoCode(options.code);
      await keys.saveAccount({ id: accountId, now: now() });
      const notify = notifications.wants('credit.added');
      const result = await partOf(meter, 'redeem')({ accountId, code, now: now(), ...(notify && { notify }) });
      if (!result.ok) {
        if (result.reason === 'too_large') throw invalid('code', TOO_LARGE);
        throw new GatewayError(REDEEM_ERRORS[result.reason], { param: 'code' });
      }
      if (result.plan !== undefined) await keys.saveAccount({ id: accountId, plan: result.plan, now: now() });
      notifications.wake();
      return movement(result.entry);
    },

    async history(accountId, page) {
      const { usage, ...rest } = readOptions('credits.history', page ?? {}, HISTORY);
      if (usage !== undefined && typeof usage !== 'boolean') throw invalid('usage', 'it must be true or false');
      const rows = { ...readPage('credits.history', rest), ...(usage === false && { usage }) };
      return (await meter.history(readAccountId(accountId), rows)).map(movement);
    },
  };
}

const TOO_LARGE = 'it takes the balance beyond what can be kept (9,223,372,036 USD)';

const REDEEM_ERRORS: Readonly<Record<Exclude<RedeemRefusal, 'too_large'>, GatewayErrorCode>> = {
  unknown: 'promo_code_unknown',
  expired: 'promo_code_expired',
  exhausted: 'promo_code_exhausted',
  already_used: 'promo_code_already_used',
  disabled: 'promo_code_disabled',
  not_new: 'promo_code_new_accounts_only',
};

/** A ledger entry as it is shown. */
function movement(entry: LedgerEntry): Movement {
  const { id, kind, source, sourceId, reference, note } = entry;
  const [amount, balanceAfter] = [formatUsd(entry.amount), formatUsd(entry.balanceAfter)];
  return {
    ...{ id, kind, source, sourceId: sourceId ?? null, amount, balanceAfter },
    ...{ at: new Date(entry.at), reference, note: note ?? null },
  };
}
