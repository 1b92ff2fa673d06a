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

/** What one request has taken; released when nothing of its body is kept any more. */
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
    this.#all.release(this.#taken, this.#account, this.#key);
    this.#taken = 0;
  }
}

/** Bounds the bodies that are in memory: of a key, of an account and in all. */
export class BodyBytes {
  readonly #bounds: BodyBounds;
  readonly #ofKeys = new Tally();
  readonly #ofAccounts = new Tally();
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
    if (key !== null && this.#ofKeys.of(key) + bytes > perKey) throw tooMuchOf('API key', perKey);
    if (this.#ofAccounts.of(account) + bytes > perAccount) throw tooMuchOf('account', perAccount);
    if (this.#total + bytes > total) throw tooMuchInAll();
    this.#add(bytes, account, key);
  }

  release(bytes: number, account: string, key: string | null): void {
    if (bytes !== 0) this.#add(-bytes, account, key);
  }

  #add(bytes: number, account: string, key: string | null): void {
    if (key !== null) this.#ofKeys.add(key, bytes);
    this.#ofAccounts.add(account, bytes);
    this.#total += bytes;
  }
}

/** Subjects that a tally keeps before it looks for those that have nothing. */
const FEW_SUBJECTS = 1_024;

/**
 * How many bytes each subject has.
 *
 * Those that have none are dropped together, now and then: a `Map` whose last entry comes and goes with every request makes
 * a table each time, half a kilobyte of garbage that only a full collection finds.
 */
class Tally {
  readonly #bytes = new Map<string, number>();
  #sweepAbove = FEW_SUBJECTS;

  of(subject: string): number {
    return this.#bytes.get(subject) ?? 0;
  }

  add(subject: string, bytes: number): void {
    this.#bytes.set(subject, this.of(subject) + bytes);
    if (this.#bytes.size > this.#sweepAbove) this.#sweep();
  }

  #sweep(): void {
    for (const [subject, bytes] of this.#bytes) if (bytes === 0) this.#bytes.delete(subject);
    this.#sweepAbove = Math.max(FEW_SUBJECTS, 2 * this.#bytes.size);
  }
}

function tooMuchInAll(): GatewayError {
  const message = 'Too much is being sent to the service right now. Please try again.';
  return new GatewayError('service_unavailable', { message, headers: retryHeaders(1_000) });
}

function tooMuchOf(scope: string, bound: number): GatewayError {
  const message = `Too many request bytes at the same time: the running requests of this ${scope} may hold ${bound} bytes together. Please try again when one of them has ended.`;
  return new GatewayError('rate_limit_exceeded', { message, type: 'concurrency', headers: retryHeaders(1_000) });
}
