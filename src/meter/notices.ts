import type { MaybePromise } from '../lib/maybe-promise.js';
import type { NanoUsd } from '../lib/money.js';

/**
 * What someone must be notified of, kept until it has been delivered. A crossing of a threshold becomes a notice in the step
 * that crosses it, so that it is there exactly once; any process delivers it, at least once.
 */
export interface Notices {
  /** Keeps a notice that no other step made. One with a known id changes nothing. */
  addNotice(notice: Notice): MaybePromise<void>;
  /** Notices that are due, oldest first, at most `limit`; they are not due again before `dueAgainAt`. */
  takeNotices(now: number, dueAgainAt: number, limit: number): MaybePromise<TakenNotice[]>;
  /** Forgets a notice that was delivered, or that is given up. */
  endNotice(notice: NoticeId): MaybePromise<void>;
  /** Makes a notice due again at `dueAt`, after an attempt that failed. */
  retryNotice(notice: NoticeId, dueAt: number): MaybePromise<void>;
}

export interface NoticeId {
  readonly accountId: string;
  readonly id: string;
}

/** The types of notices. */
export const NOTICE_TYPES = [
  'balance.low',
  'balance.empty',
  'budget.reached',
  'allowance.reached',
  'grant.expiring',
  'credit.added',
  'key.created',
  'key.revoked',
  'account.suspended',
  'target.down',
  'target.up',
] as const;

export type NoticeType = (typeof NOTICE_TYPES)[number];

/** Something that happened. */
export interface Notice extends NoticeId {
  readonly type: NoticeType;
  readonly at: number;
  /** Depends on the type; amounts are decimal strings in USD, times ISO 8601. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** A notice, and how many attempts to deliver it were begun, this one included. */
export interface TakenNotice extends Notice {
  readonly attempts: number;
}

/** Which crossings of a charge become notices. Undefined: none of that kind. */
export interface Thresholds {
  /** `balance.low`: the balance falls to one of these, or below. */
  readonly balance?: readonly NanoUsd[];
  /** `budget.reached`: what is spent reaches this share of the limit, in millionths. */
  readonly budget?: readonly number[];
  /** `allowance.reached`: what is used reaches this share of the limit, in millionths. */
  readonly allowance?: readonly number[];
}
