/** How long answers that were told to end have for it. */
const LAST_WORDS_MS = 1_000;

/** A request that is running. */
export interface Running {
  /** Ends it at once, whatever its client does. */
  cut?: () => void;
}

/** The requests that are running, so that `close()` can wait for them and end those that take too long. */
export class InFlight {
  readonly #running = new Set<Running>();
  #closed = false;
  #idle: (() => void) | undefined;

  get closed(): boolean {
    return this.#closed;
  }

  get size(): number {
    return this.#running.size;
  }

  /** Counts a request until `leave` is called with what this returns. */
  enter(): Running {
    const running: Running = {};
    this.#running.add(running);
    return running;
  }

  readonly leave = (running: Running): void => {
    this.#running.delete(running);
    if (this.#running.size === 0) this.#idle?.();
  };

  /**
   * Lets nothing in any more, and resolves when nothing runs.
   *
   * @param onDeadline called after `deadlineMs`, to tell what still runs to end; a second later it is cut.
   */
  async close(deadlineMs: number, onDeadline: () => void): Promise<void> {
    this.#closed = true;
    if (this.#running.size === 0) return;
    const idle = new Promise<void>((resolve) => {
      this.#idle = resolve;
    });
    const cut = () => {
      for (const running of this.#running) running.cut?.();
    };
    const timers = [setTimeout(onDeadline, deadlineMs), setTimeout(cut, deadlineMs + LAST_WORDS_MS)];
    await idle;
    for (const timer of timers) clearTimeout(timer);
  }
}
