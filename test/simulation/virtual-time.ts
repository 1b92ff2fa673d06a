interface Event {
  readonly at: number;
  readonly order: number;
  readonly owner: number;
  readonly run: () => void;
  canceled: boolean;
}

/** Whose events never die: the world's own. */
export const WORLD = 0;

const real = { setImmediate: globalThis.setImmediate };

/** All that runs by itself after an event: microtasks and ticks, to the last one. */
function drained(): Promise<void> {
  return new Promise((resolve) => real.setImmediate(resolve));
}

/**
 * Time that passes from event to event. While it is installed every timer of this process is an event of it, and belongs
 * to whoever's event ran when it was made: a simulated process that is killed loses its timers.
 *
 * One event runs at a time, and everything that it sets off ends before the next one, so that the same events come in
 * the same order whenever their times are the same.
 */
export class VirtualTime {
  /** Milliseconds since the world began; never goes back. */
  now = 0;
  /** How many events have run. */
  steps = 0;
  #owner = WORLD;
  #order = 0;
  readonly #heap: Event[] = [];
  readonly #dead = new Set<number>();

  /** Calls back after a delay, unless its owner is killed first. */
  after(delayMs: number, owner: number, run: () => void): () => void {
    const at = this.now + Math.max(0, delayMs);
    const event = { at, order: ++this.#order, owner, run, canceled: false };
    this.#push(event);
    return () => {
      event.canceled = true;
    };
  }

  /** Drops everything that an owner waits for. */
  kill(owner: number): void {
    this.#dead.add(owner);
  }

  isDead(owner: number): boolean {
    return this.#dead.has(owner);
  }

  /** Runs something now as its owner, and all it sets off. */
  async as(owner: number, run: () => void): Promise<void> {
    this.#owner = owner;
    run();
    await drained();
    this.#owner = WORLD;
  }

  /** Runs the next event; false when there is none. */
  async step(): Promise<boolean> {
    for (let event = this.#pop(); event; event = this.#pop()) {
      if (event.canceled || this.#dead.has(event.owner)) continue;
      this.now = Math.max(this.now, event.at);
      this.steps++;
      await this.as(event.owner, event.run);
      return true;
    }
    return false;
  }

  /** Puts every timer and clock of this process under this time; returns how to undo it. */
  install(): () => void {
    const timer = (callback: (...args: unknown[]) => void, delayMs: unknown, args: unknown[]) => {
      const owner = this.#owner;
      return handleOf(this.after(Number(delayMs) || 0, owner, () => callback(...args)));
    };
    const interval = (callback: (...args: unknown[]) => void, delayMs: number, ...args: unknown[]) => {
      const owner = this.#owner;
      let cancel = () => {};
      const again = () => {
        cancel = this.after(Math.max(1, delayMs), owner, () => {
          again();
          callback(...args);
        });
      };
      again();
      return handleOf(() => cancel());
    };
    const clear = (handle: { cancel?: () => void } | undefined) => handle?.cancel?.();
    const replacements = {
      setTimeout: (callback: () => void, delayMs?: number, ...args: unknown[]) => timer(callback, delayMs, args),
      setImmediate: (callback: () => void, ...args: unknown[]) => timer(callback, 0, args),
      setInterval: interval,
      clearTimeout: clear,
      clearImmediate: clear,
      clearInterval: clear,
    };
    const originals = Object.fromEntries(
      Object.keys(replacements).map((name) => [name, Reflect.get(globalThis, name)]),
    );
    const wallClock = Date.now;
    Object.assign(globalThis, replacements);
    Object.defineProperty(performance, 'now', { configurable: true, value: () => this.now });
    Date.now = () => this.now;
    // Refusals are errors, and their stacks cost more than they do; the seed of a failure plays it again.
    const { stackTraceLimit } = Error;
    Error.stackTraceLimit = 0;
    return () => {
      Error.stackTraceLimit = stackTraceLimit;
      Object.assign(globalThis, originals);
      Reflect.deleteProperty(performance, 'now');
      Date.now = wallClock;
    };
  }

  #push(event: Event): void {
    const heap = this.#heap;
    let i = heap.push(event) - 1;
    while (i > 0) {
      const parent = (i - 1) >> 1;
      if (!isBefore(event, heap[parent] as Event)) break;
      heap[i] = heap[parent] as Event;
      i = parent;
    }
    heap[i] = event;
  }

  #pop(): Event | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (heap.length === 0 || !last) return first;
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1] as Event, heap[child] as Event)) child++;
      if (!isBefore(heap[child] as Event, last)) break;
      heap[i] = heap[child] as Event;
      i = child;
    }
    heap[i] = last;
    return first;
  }
}

function isBefore(one: Event, other: Event): boolean {
  return one.at === other.at ? one.order < other.order : one.at < other.at;
}

/** What the code under test takes for a timer of Node. */
function handleOf(cancel: () => void) {
  const handle = { cancel, ref: () => handle, unref: () => handle, hasRef: () => false };
  return handle;
}
