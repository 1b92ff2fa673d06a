import { GatewayError } from '../lib/errors.js';
import { methodsLoadedLate } from '../lib/loaded-late.js';
import { formatUsd } from '../lib/money.js';
import type { OptionNames } from '../lib/option-names.js';
import type { Credit, LedgerEntry } from '../meter/meter.js';
import {
  invalid,
  type ManagementDeps,
  type PageOptions,
  readAccountId,
  readAmount,
  readFlag,
  readName,
  readOptions,
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
  /** A repeated key credits the account only once: use the payment's id. */
  readonly idempotencyKey: string;
  readonly note?: string | undefined;
}

/** Money that came in. */
export interface TopUpOptions extends CreditOptions {
  /**
   * The host's own transaction, with which the top-up is committed or rolled back: on PostgreSQL a client with `query`
   * inside a transaction (with postgres.js the `sql` of that transaction), on SQLite the
   * database object, which is written to before the method returns.
   */
  readonly tx?: unknown | undefined;
}

/** Money that may expire. */
export interface GrantOptions {
  readonly accountId: string;
  readonly amount: string | number;
  /** The first instant at which it can't be used any more. @default never */
  readonly expiresAt?: Time | undefined;
  /** Shown to the account. */
  readonly reason?: string | undefined;
  /** A repeated key grants only once. */
  readonly idempotencyKey: string;
}

export interface RefundOptions {
  /** The id of the request, as in its usage event. */
  readonly requestId: string;
  /** @default any account */
  readonly accountId?: string;
  readonly reason?: string | undefined;
}

/** A correction of a balance. */
export interface AdjustOptions extends CreditOptions {
  /** Allows a balance below zero, for money that is gone already: a refund, a lost dispute. @default false */
  readonly allowNegative?: boolean | undefined;
}

export const CREDIT: OptionNames<CreditOptions> = { accountId: true, amount: true, idempotencyKey: true, note: true };
const TOP_UP: OptionNames<TopUpOptions> = { ...CREDIT, tx: true };

/** Prepaid money of accounts. Every method rejects with a `GatewayError` for bad input. */
export interface Credits {
  /**
   * Adds money; an unknown account is created. A repetition with the same idempotency key returns the first movement.
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
   * Gives money that may expire, drawn on before the balance. A repetition with the same idempotency key returns the
   * first movement.
   *
   * @throws {GatewayError} `idempotency_conflict` when the key was used with another amount.
   */
  grant(options: GrantOptions): Promise<Movement>;
  /**
   * Returns the charge of a request to the sources it came from, or to the balance where a source has ended or expired.
   * Budgets
   * keep counting it as spent.
   *
   * @returns a movement for each source, none for a request that was charged nothing.
   * @throws {GatewayError} `not_found`, `already_refunded`.
   */
  refund(options: RefundOptions): Promise<Movement[]>;
  /**
   * Redeems a promo code, and sets the plan where it comes with one that is still configured.
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
  readonly usage?: boolean | undefined;
}

/** The account and the code to redeem. */
export interface RedeemOptions {
  readonly accountId: string;
  readonly code: string;
}

/**
 * A top-up is written before the call returns, as a synchronous transaction of the host needs; the code of the other
 * methods is loaded with their first call.
 */
export function creditsOf(deps: ManagementDeps): Credits {
  return {
    async topUp(options) {
      return credit(deps, 'top_up', readOptions('credits.topUp', options, TOP_UP));
    },
    ...methodsLoadedLate<OtherCredits>(
      { adjust: true, grant: true, refund: true, redeem: true, history: true },
      async () => (await import('./other-credits.js')).otherCreditsOf(deps),
    ),
  };
}

/** All but the top-up. */
export type OtherCredits = Omit<Credits, 'topUp'>;

/** Credits an account. With a transaction of the host's it writes before it returns. */
export async function credit(
  { keys, meter, now, notifications }: ManagementDeps,
  kind: Credit['kind'],
  options: TopUpOptions & AdjustOptions,
): Promise<Movement> {
  const amount = readAmount(options.amount, 'amount');
  if (kind === 'top_up' ? amount <= 0n : amount === 0n) throw invalid('amount', 'it must be more than zero');
  const { tx, note } = options;
  const allowNegative = readFlag(options.allowNegative, 'allowNegative');
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
  // Inside the host's transaction both writes begin in this turn: a synchronous transaction must not end before them.
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

/** Why an amount is refused that takes a balance beyond 64 bits. */
export const TOO_LARGE = 'it takes the balance beyond what can be kept (9,223,372,036 USD)';

/** A ledger entry as it is shown. */
export function movement(entry: LedgerEntry): Movement {
  const { id, kind, source, sourceId, reference, note } = entry;
  const [amount, balanceAfter] = [formatUsd(entry.amount), formatUsd(entry.balanceAfter)];
  return {
    ...{ id, kind, source, sourceId: sourceId ?? null, amount, balanceAfter },
    ...{ at: new Date(entry.at), reference, note: note ?? null },
  };
}
