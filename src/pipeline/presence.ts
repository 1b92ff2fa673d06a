import type { Settings } from '../options.js';
import type { Drains } from './drains.js';

/** Whether a client still waits for its answer, and what its leaving means for the provider. */
export interface Presence {
  /** Aborted when the provider is to stop because of the client. */
  readonly signal: AbortSignal;
  /** Notes that the client is gone; true when its answer is to be read to the end all the same. */
  leave(): boolean;
  /** The answer is over. */
  done(): void;
}

/**
 * Follows one client by the policy of `onClientAbort`.
 *
 * @param stream a stream can be left without a signal, by no longer reading it; a whole answer can't.
 */
export function followClient(client: AbortSignal, stream: boolean, settings: Settings, drains: Drains): Presence {
  const { onClientAbort, drain } = settings;
  if (onClientAbort === 'drain') return new OwnPresence(client, drain.maxMs, drains);
  if (stream) return new OwnPresence(client, 0, undefined);
  return { signal: client, leave: () => false, done() {} };
}

/** Stops the provider when the client leaves, or lets it go on for a while if there is a place for it. */
class OwnPresence implements Presence {
  readonly #controller = new AbortController();
  readonly #client: AbortSignal;
  readonly #maxMs: number;
  readonly #drains: Drains | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: AbortSignal, maxMs: number, drains: Drains | undefined) {
    this.#client = client;
    this.#maxMs = maxMs;
    this.#drains = drains;
    if (client.aborted) this.leave();
    else client.addEventListener('abort', this.leave, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  readonly leave = (): boolean => {
    if (this.#timer !== undefined || this.signal.aborted) return !this.signal.aborted;
    if (this.#drains?.enter()) this.#timer = setTimeout(() => this.#controller.abort(), this.#maxMs);
    else this.#controller.abort();
    return !this.signal.aborted;
  };

  done(): void {
    this.#client.removeEventListener('abort', this.leave);
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#drains?.leave();
  }
}
