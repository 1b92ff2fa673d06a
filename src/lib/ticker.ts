import { unrefTimer } from './timers.js';

/** One repeating timer for many things to look after; it does not keep the process alive. */
export class Ticker {
  readonly #everyMs: number;
  readonly #tick: () => boolean;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** @param tick returns false when there is nothing left to look after, which stops the timer. */
  constructor(everyMs: number, tick: () => boolean) {
    this.#everyMs = everyMs;
    this.#tick = tick;
  }

  get running(): boolean {
    return this.#timer !== undefined;
  }

  /** Starts the timer; changes nothing while it runs. */
  start(): void {
    this.#timer ??= unrefTimer(
      setInterval(() => {
        if (!this.#tick()) this.stop();
      }, this.#everyMs),
    );
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
