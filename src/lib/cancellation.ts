/** A callback that stops some work. */
export type OnCancel = () => void;

/**
 * Asks running work to stop.
 *
 * The gateway's own parts use this instead of an `AbortSignal`, which costs more than all checks of a request together;
 * one is made for those who ask for it.
 */
export class Cancellation {
  #canceled = false;
  /** Most have only this one. */
  #first: OnCancel | undefined;
  #others: Set<OnCancel> | undefined;
  #controller: AbortController | undefined;
  #unfollow: (() => void) | undefined;

  /** Follows a foreign signal until `release` is called. */
  static following(signal: AbortSignal): Cancellation {
    const cancellation = new Cancellation();
    const cancel = () => cancellation.cancel();
    if (signal.aborted) cancel();
    else {
      signal.addEventListener('abort', cancel, { once: true });
      const unfollow = () => signal.removeEventListener('abort', cancel);
      cancellation.#unfollow = unfollow;
    }
    return cancellation;
  }

  get canceled(): boolean {
    return this.#canceled;
  }

  /** The same as a signal. */
  get signal(): AbortSignal {
    if (!this.#controller) {
      this.#controller = new AbortController();
      if (this.#canceled) this.#controller.abort();
    }
    return this.#controller.signal;
  }

  /** Calls every listener, once. */
  cancel(): void {
    if (this.#canceled) return;
    this.#canceled = true;
    this.release();
    const first = this.#first;
    const others = this.#others;
    this.#first = undefined;
    this.#others = undefined;
    first?.();
    if (others) for (const listener of others) listener();
    this.#controller?.abort();
  }

  /** Calls the listener once when this is canceled, at once when it already is. */
  onCancel(listener: OnCancel): void {
    if (this.#canceled) listener();
    else if (!this.#first) this.#first = listener;
    else (this.#others ??= new Set()).add(listener);
  }

  /** Removes a listener. */
  off(listener: OnCancel): void {
    if (this.#first === listener) this.#first = undefined;
    else this.#others?.delete(listener);
  }

  /** Stops following the signal it was made from, if any. */
  release(): void {
    this.#unfollow?.();
    this.#unfollow = undefined;
  }
}

/** Where an object that has a signal keeps the cancellation that the signal is made from. */
export const CANCELLATION = Symbol('metask-gateway.cancellation');

/**
 * The cancellation of a request or call: its own where the gateway made it, else one that follows its signal.
 *
 * A signal costs 10 µs, more than all checks of a request together (bench:tricks `Cancellation`), so that one is made only for
 * those who ask for it.
 */
export function cancellationOf(source: { readonly signal: AbortSignal }): Cancellation {
  const own = (source as { readonly [CANCELLATION]?: Cancellation })[CANCELLATION];
  return own ?? Cancellation.following(source.signal);
}
