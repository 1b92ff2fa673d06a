import type { Settings } from '../../config/options.js';
import { Cancellation } from '../../lib/cancellation.js';
import type { Drains } from './drains.js';

/** Whether a client still waits for its answer, and what its leaving means for the provider. */
export interface Presence {
  /** Of the provider's work, because of the client. */
  readonly cancellation: Cancellation;
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
export function followClient(client: Cancellation, stream: boolean, settings: Settings, drains: Drains): Presence {
  const { onClientAbort, drain } = settings;
  if (onClientAbort === 'drain') return new OwnPresence(client, drain.maxMs, drains);
  return stream ? new OwnPresence(client, 0, undefined) : new ClientPresence(client);
}

/** The provider works as long as the client waits. */
class ClientPresence implements Presence {
  readonly cancellation: Cancellation;

  constructor(client: Cancellation) {
    this.cancellation = client;
  }

  leave(): boolean {
    return false;
  }

  done(): void {
    this.cancellation.release();
  }
}

/** Stops the provider when the client leaves, or lets it go on for a while if there is a place for it. */
class OwnPresence implements Presence {
  readonly cancellation = new Cancellation();
  readonly #client: Cancellation;
  readonly #maxMs: number;
  readonly #drains: Drains | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Cancellation, maxMs: number, drains: Drains | undefined) {
    this.#client = client;
    this.#maxMs = maxMs;
    this.#drains = drains;
    client.onCancel(this.leave);
  }

  readonly leave = (): boolean => {
    const { cancellation } = this;
    if (this.#timer !== undefined || cancellation.cancelled) return !cancellation.cancelled;
    if (this.#drains?.enter()) this.#timer = setTimeout(() => cancellation.cancel(), this.#maxMs);
    else cancellation.cancel();
    return !cancellation.cancelled;
  };

  done(): void {
    this.#client.off(this.leave);
    this.#client.release();
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#drains?.leave();
  }
}
