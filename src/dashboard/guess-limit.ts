import { GatewayError } from '../lib/errors.js';

const MOST_REFUSED = 10;
const WINDOW_MS = 10 * 60_000;
const MOST_ACCOUNTS = 10_000;

/** Slows down an account that guesses promo codes: ten refused ones in ten minutes, counted in this process. */
export class GuessLimit {
  readonly #tried = new Map<string, { count: number; readonly until: number }>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Runs a guess. It counts before it is tried, so that any number of them at once are ten; one that succeeds, or that
   * nobody has judged, is taken back.
   *
   * @throws {GatewayError} `rate_limit_exceeded` instead when too many were refused.
   */
  async guess<T>(accountId: string, run: () => Promise<T>): Promise<T> {
    const entry = this.#count(accountId);
    try {
      const result = await run();
      entry.count -= 1;
      return result;
    } catch (error) {
      if (!isRefusal(error)) entry.count -= 1;
      throw error;
    }
  }

  #count(accountId: string): { count: number } {
    const now = this.#now();
    const known = this.#tried.get(accountId);
    if (known && known.until > now) {
      if (known.count >= MOST_REFUSED) throw tooMany(known.until - now);
      known.count += 1;
      return known;
    }
    const entry = { count: 1, until: now + WINDOW_MS };
    this.#tried.set(accountId, entry);
    const [oldest] = this.#tried.keys();
    if (this.#tried.size > MOST_ACCOUNTS && oldest !== undefined) this.#tried.delete(oldest);
    return entry;
  }
}

/** Every answer that reveals something about a code. */
function isRefusal(error: unknown): boolean {
  return GatewayError.isInstance(error) && error.status < 500;
}

function tooMany(waitMs: number): GatewayError {
  const seconds = Math.min(60, Math.ceil(waitMs / 1000));
  const message = 'Too many promo codes were refused. Please try again in a few minutes.';
  return new GatewayError('rate_limit_exceeded', { message, headers: { 'retry-after': String(seconds) } });
}
