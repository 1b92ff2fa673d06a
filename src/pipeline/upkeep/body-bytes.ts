import { GatewayError } from '../../lib/errors.js';
import { retryHeaders } from '../../limits/rate-limit-headers.js';
import type { Principal } from '../principal.js';

/** Bytes of request bodies that may be in memory at once. */
export interface BodyBounds {
  readonly perKey: number;
  readonly perAccount: number;
  /** In this process. */
  readonly total: number;
}

/** What one request has taken; given back when nothing of its body is kept any more. */
export class BodyPlace {
  readonly #all: BodyBytes;
  readonly #account: string;
  readonly #key: string | null;
  #taken = 0;

  constructor(all: BodyBytes, account: string, key: string | null) {
    this.#all = all;
    this.#account = account;
    this.#key = key;
  }

  /**
   * Counts more bytes.
   *
   * @throws {GatewayError} `rate_limit_exceeded` where the key or the account, `service_unavailable` where the process has
   * too many already; then nothing was counted.
   */
  grow(bytes: number): void {
    this.#all.take(bytes, this.#account, this.#key);
    this.#taken += bytes;
  }

  /** Gives everything back. */
  release(): void {
    this.#all.giveBack(this.#taken, this.#account, this.#key);
    this.#taken = 0;
  }
}

/** Bounds the bodies that are in memory: of a key, of an account and in all. */
export class BodyBytes {
  readonly #bounds: BodyBounds;
  readonly #ofKeys = new Map<string, number>();
  readonly #ofAccounts = new Map<string, number>();
  #total = 0;

  constructor(bounds: BodyBounds) {
    this.#bounds = bounds;
  }

  /** A place for the body of one request, empty at first. */
  open({ account, keyId }: Principal): BodyPlace {
    return new BodyPlace(this, account.id, keyId);
  }

  /** @throws {GatewayError} @see BodyPlace.grow */
  take(bytes: number, account: string, key: string | null): void {
    const { perKey, perAccount, total } = this.#bounds;
    const ofKey = key === null ? 0 : (this.#ofKeys.get(key) ?? 0) + bytes;
    const ofAccount = (this.#ofAccounts.get(account) ?? 0) + bytes;
    if (ofKey > perKey) throw tooMuchOf('API key', perKey);
    if (ofAccount > perAccount) throw tooMuchOf('account', perAccount);
    if (this.#total + bytes > total) throw tooMuchInAll();
    if (key !== null) this.#ofKeys.set(key, ofKey);
    this.#ofAccounts.set(account, ofAccount);
    this.#total += bytes;
  }

  giveBack(bytes: number, account: string, key: string | null): void {
    if (bytes === 0) return;
    if (key !== null) lessen(this.#ofKeys, key, bytes);
    lessen(this.#ofAccounts, account, bytes);
    this.#total -= bytes;
  }
}

function lessen(kept: Map<string, number>, subject: string, bytes: number): void {
  const left = (kept.get(subject) ?? 0) - bytes;
  if (left > 0) kept.set(subject, left);
  else kept.delete(subject);
}

function tooMuchInAll(): GatewayError {
  const message = 'Too much is being sent to the service right now. Please try again.';
  return new GatewayError('service_unavailable', { message, headers: retryHeaders(1_000) });
}

function tooMuchOf(scope: string, bound: number): GatewayError {
  const message = `Too much is being sent at the same time: the requests of this ${scope} may hold ${bound} bytes together. Please try again when one of them has ended.`;
  return new GatewayError('rate_limit_exceeded', { message, type: 'concurrency', headers: retryHeaders(1_000) });
}
