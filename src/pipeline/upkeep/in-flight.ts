import { IntrusiveList, ListNode } from '../../lib/intrusive-list.js';
import type { HoldId } from '../../meter/holds.js';

/** Grace period after asking requests to end, and again after cutting them. */
const LAST_WORDS_MS = 500;

/** A request that is running. */
export abstract class RunningRequest extends ListNode {
  /** Ends it at once, whatever its client does. */
  abstract cut(): void;
  /** Its hold, from when it is made until it is settled. */
  abstract readonly held: HoldId | undefined;
}

/** The requests that are running, so that `close()` can wait for them and end those that take too long. */
export class InFlight {
  readonly #running = new IntrusiveList<RunningRequest>();
  #closed = false;
  #waiting: (() => void)[] = [];

  get closed(): boolean {
    return this.#closed;
  }

  get size(): number {
    return this.#running.size;
  }

  /** All open holds. */
  holds(): HoldId[] {
    const holds: HoldId[] = [];
    for (const { held } of this.#running.items()) if (held !== undefined) holds.push(held);
    return holds;
  }

  /** Counts a request until `leave` is called with it. */
  enter(running: RunningRequest): void {
    this.#running.add(running);
  }

  readonly leave = (running: RunningRequest): void => {
    this.#running.delete(running);
    if (this.#running.size === 0) this.#release();
  };

  /**
   * Lets nothing in any more, and resolves when nothing runs, at most a second after `deadlineMs`. Called again, the
   * earlier deadline counts.
   *
   * @param onDeadline called after `deadlineMs`, to ask what still runs to end; soon after that it is cut.
   */
  async close(deadlineMs: number, onDeadline: () => void): Promise<void> {
    this.#closed = true;
    if (this.#running.size === 0) return;
    const timers = [
      setTimeout(onDeadline, deadlineMs),
      setTimeout(() => this.#cut(), deadlineMs + LAST_WORDS_MS),
      // What ignores that (a store that hangs, a body that never comes) is left behind.
      setTimeout(() => this.#release(), deadlineMs + 2 * LAST_WORDS_MS),
    ];
    await new Promise<void>((resolve) => this.#waiting.push(resolve));
    for (const timer of timers) clearTimeout(timer);
  }

  #cut(): void {
    for (const running of this.#running.items()) running.cut();
  }

  #release(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}
