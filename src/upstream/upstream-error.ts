import type { GatewayError } from '../lib/errors.js';
import type { Usage } from '../lib/usage.js';

/**
 * What went wrong at a provider.
 *
 * - `connect`: no byte of the request left. `lost`: sent, but no complete answer came.
 * - `timeout`: first byte, idle or total. `status`: an HTTP error. `event`: an error event in a stream.
 * - `invalid`: a response that is not a valid answer. `truncated`: a stream that ended without its terminal event.
 * - `too_large`: an answer above one of the gateway's limits: not a fault of the target, and billed anyway.
 * - `auth`: the provider refused the gateway's own credential. `shutdown`: the gateway is closing.
 */
export type UpstreamFault =
  | 'connect'
  | 'lost'
  | 'timeout'
  | 'status'
  | 'event'
  | 'invalid'
  | 'truncated'
  | 'too_large'
  | 'auth'
  | 'shutdown';

const MARK = Symbol.for('metask-gateway.upstream-error');

/** One failed attempt: what the retry policy needs to know, and the error for the client should it be the last. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  /** HTTP status of the answer, or the one that an error event stands for. */
  readonly status: number | undefined;
  /** How long the provider asked to wait. */
  readonly retryAfterMs: number | undefined;
  /** True when the request brought its own credential: what the provider limits is then not the target for everyone. */
  ownCredential = false;
  /** Usage that the provider bills although its answer is unusable; the client is charged for it, and there is no retry. */
  readonly billed: Usage | undefined;
  /** What the provider said, without secrets and host names; undefined where it concerns the gateway's own account. */
  readonly providerMessage: string | undefined;
  /** The provider's own id of the request, for its support. */
  requestId: string | undefined = undefined;

  constructor(
    readonly fault: UpstreamFault,
    /** What the client sees when no other attempt succeeds; holds no upstream secret. */
    readonly clientError: GatewayError,
    details: {
      readonly status?: number;
      readonly retryAfterMs?: number;
      readonly providerMessage?: string | undefined;
      readonly billed?: Usage | undefined;
      readonly cause?: unknown;
    } = {},
  ) {
    super(clientError.message, { cause: details.cause });
    Object.defineProperty(this, MARK, { value: true });
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
    this.providerMessage = details.providerMessage;
    this.billed = details.billed;
  }

  /** True for an error of this class, also one that another copy of the package made. */
  static isInstance(value: unknown): value is UpstreamError {
    return typeof value === 'object' && value !== null && MARK in value;
  }
}
