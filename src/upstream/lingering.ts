import { Ticker } from '../lib/ticker.js';

/** The rest of a finished answer may take this long, at most twice as long, before its connection is given up. */
const PATIENCE_MS = 1_000;

/** Something that is expected to end by itself soon. */
export interface LingeringExchange {
  cancel(): void;
}

/** Cancels responses that do not finish on their own, with one shared timer instead of one each. */
export class Lingering {
  #new = new Set<LingeringExchange>();
  #old = new Set<LingeringExchange>();
  readonly #ticker = new Ticker(PATIENCE_MS, () => this.#sweep());

  add(exchange: LingeringExchange): void {
    this.#new.add(exchange);
    this.#ticker.start();
  }

  remove(exchange: LingeringExchange): void {
    if (!this.#new.delete(exchange)) this.#old.delete(exchange);
  }

  /** Cancels all of them. */
  end(): void {
    this.#sweep();
    this.#sweep();
    this.#ticker.stop();
  }

  /** False when there is nothing left. */
  #sweep(): boolean {
    const overdue = this.#old;
    this.#old = this.#new;
    this.#new = new Set();
    for (const exchange of overdue) exchange.cancel();
    return this.#old.size > 0;
  }
}
