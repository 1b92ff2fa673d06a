import { Turnstile } from '../lib/turnstile.js';
import { reportTimeout } from './report-limits.js';

/** After a report this many times as long as it took passes, up to a second, before another one has its place. */
const PAUSE = 3;
const LONGEST_PAUSE_MS = 1_000;
/** As many as a page of the dashboard asks for at once may wait without being many. */
const FEW = 6;

/**
 * Runs reports some at a time, and with pauses where requests are served or many reports wait, so that they get a bounded share
 * of the database however many are asked for.
 * Those that ask the same while they wait are one: it begins after all of them have asked, and so knows what each must see.
 */
export class ReportQueue {
  readonly #limitMs: number;
  readonly #turns: Turnstile;
  readonly #waiting = new Map<string, Promise<unknown>>();
  readonly #writes: () => number;

  /**
   * @param limitMs how long a report may wait for its turn.
   * @param writes how many statements of others than reports the store has run.
   */
  constructor(places: number, limitMs: number, writes: () => number) {
    this.#writes = writes;
    this.#turns = new Turnstile(places);
    this.#limitMs = limitMs;
  }

  /**
   * What `work` finds, once its turn comes.
   *
   * @param question what is asked: reports with the same one share an answer.
   * @throws {GatewayError} `service_unavailable` when its turn does not come in time.
   */
  run<T>(question: string, work: () => Promise<T>): Promise<T> {
    const waiting = this.#waiting.get(question);
    if (waiting) return waiting as Promise<T>;
    const answer = this.#run(question, work);
    this.#waiting.set(question, answer);
    return answer;
  }

  async #run<T>(question: string, work: () => Promise<T>): Promise<T> {
    try {
      await this.#turns.enter(this.#limitMs, () => reportTimeout(this.#limitMs));
    } finally {
      this.#waiting.delete(question);
    }
    const [began, writes] = [performance.now(), this.#writes()];
    try {
      return await work();
    } finally {
      const quiet = this.#writes() === writes && this.#waiting.size <= FEW;
      if (quiet) this.#turns.leave();
      else setTimeout(() => this.#turns.leave(), Math.min(PAUSE * (performance.now() - began), LONGEST_PAUSE_MS));
    }
  }
}
