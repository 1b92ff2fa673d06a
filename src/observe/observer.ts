import type { RequestHeaders } from '../http/exchange.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import type { AttemptRecord, RequestRecord } from '../requests/request-record.js';

/** A request at its end, as observers see it. Its account is null when it was refused before that was known. */
export interface RequestReport extends Omit<RequestRecord, 'accountId'> {
  readonly accountId: string | null;
  /** The account's plan; null: not known. */
  readonly plan: string | null;
}

/** A request at its beginning. */
export interface RequestStart {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly at: number;
  /** `chat/completions`, `responses`, … */
  readonly route: string;
  /** Header names in lower case. */
  readonly headers: RequestHeaders;
}

/** A provider's model, as an attempt asks for it. */
export interface AttemptTarget {
  readonly provider: string;
  readonly model: string;
}

/**
 * Follows requests: the request log, metrics, traces.
 *
 * Methods are called while the request runs, so each must be quick; a throw is logged and changes nothing.
 */
export interface RequestObserver {
  /** How many characters of request and answer bodies this observer wants. @default none */
  readonly bodyCharacters?: number;
  /** A request arrived. What it returns follows that request alone. */
  begin?(start: RequestStart): RequestFollower | undefined;
  /** A request ended: answered to its last byte, refused, failed, or abandoned by its client. */
  ended?(report: RequestReport): void;
  /** Ends the observer's own work. */
  close?(): MaybePromise<void>;
}

/** Follows one request. */
export interface RequestFollower {
  /** Runs an attempt inside the context (a span) that calls to the provider belong to. Must return what `work` does. */
  attempt?<T>(target: AttemptTarget, work: () => T): T;
  /** The latest attempt ended. */
  attempted?(attempt: AttemptRecord): void;
  ended?(report: RequestReport): void;
}
