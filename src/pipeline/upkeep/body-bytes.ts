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
export interface BodyPlace {
  /**
   * Counts more bytes.
   *
   * @throws {GatewayError} `rate_limit_exceeded` where the key or the account, `service_unavailable` where the process has
   * too many already; then nothing was counted.
   */
  grow(bytes: number): void;
  /** Gives everything back. */
  release(): void;
}

const TOTAL = '';

/** Bounds the bodies that are in memory: of a key, of an account and in all. */
export class BodyBytes {
  readonly #bounds: BodyBounds;
  readonly #kept = new Map<string, number>();

  constructor(bounds: BodyBounds) {
    this.#bounds = bounds;
  }

  /** A place for the body of one request, empty at first. */
  open({ account, keyId }: Principal): BodyPlace {
    const { perKey, perAccount, total } = this.#bounds;
    const bounds: (readonly [subject: string, bound: number])[] = [
      [`account:${account.id}`, perAccount],
      [TOTAL, total],
    ];
    if (keyId !== null) bounds.unshift([`key:${keyId}`, perKey]);
    let taken = 0;
    return {
      grow: (bytes) => {
        for (const [subject, bound] of bounds) {
          if ((this.#kept.get(subject) ?? 0) + bytes > bound) throw refused(subject, bound);
        }
        for (const [subject] of bounds) this.#kept.set(subject, (this.#kept.get(subject) ?? 0) + bytes);
        taken += bytes;
      },
      release: () => {
        for (const [subject] of bounds) this.#giveBack(subject, taken);
        taken = 0;
      },
    };
  }

  #giveBack(subject: string, bytes: number): void {
    const left = (this.#kept.get(subject) ?? 0) - bytes;
    if (left > 0) this.#kept.set(subject, left);
    else this.#kept.delete(subject);
  }
}

function refused(subject: string, bound: number): GatewayError {
  if (subject === TOTAL) {
    const message = 'Too much is being sent to the service right now. Please try again.';
    return new GatewayError('service_unavailable', { message, headers: retryHeaders(1_000) });
  }
  const scope = subject.startsWith('key:') ? 'API key' : 'account';
  const message = `Too much is being sent at the same time: the requests of this ${scope} may hold ${bound} bytes together. Please try again when one of them has ended.`;
  return new GatewayError('rate_limit_exceeded', { message, type: 'concurrency', headers: retryHeaders(1_000) });
}
