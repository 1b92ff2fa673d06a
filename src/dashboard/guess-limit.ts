import { GatewayError } from '../lib/errors.js';

const MOST_WRONG = 10;
const WINDOW_MS = 10 * 60_000;
const MOST_ACCOUNTS = 10_000;

/** Slows down an account that guesses promo codes: ten wrong ones in ten minutes, counted in this process. */
export class GuessLimit {
  readonly #wrong = new Map<string, { count: number; readonly until: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /** Runs a guess. @throws {GatewayError} `rate_limit_exceeded` instead when there were too many wrong ones. */
  async guess<T>(accountId: string, run: () => Promise<T>): Promise<T> {
    const now = this.#now();
    const entry = this.#wrong.get(accountId);
    if (entry && entry.until <= now) this.#wrong.delete(accountId);
    else if (entry && entry.count >= MOST_WRONG) throw tooMany(entry.until - now);
    try {
      return await run();
    } catch (error) {
      if (GatewayError.isInstance(error) && error.code === 'promo_code_unknown') this.#count(accountId, now);
      throw error;
    }
  }

  #count(accountId: string, now: number): void {
    const entry = this.#wrong.get(accountId);
    if (entry) entry.count += 1;
    else this.#wrong.set(accountId, { count: 1, until: now + WINDOW_MS });
    const [oldest] = this.#wrong.keys();
    if (this.#wrong.size > MOST_ACCOUNTS && oldest !== undefined) this.#wrong.delete(oldest);
  }
}

function tooMany(waitMs: number): GatewayError {
  const seconds = Math.min(60, Math.ceil(waitMs / 1000));
  const message = 'Too many wrong promo codes. Please try again in a few minutes.';
  return new GatewayError('rate_limit_exceeded', { message, headers: { 'retry-after': String(seconds) } });
}
