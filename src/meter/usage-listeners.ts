import { describeFault, type Logger } from '../lib/logger.js';
import type { UsageEvent } from './meter.js';

/** Hears of each recorded request. */
export type UsageListener = (event: UsageEvent) => void;

/** Everybody who hears of recorded requests: the `onUsage` option, and who subscribed later. */
export class UsageListeners {
  readonly #listeners = new Set<UsageListener>();
  readonly #logger: Logger;

  constructor(onUsage: UsageListener | undefined, logger: Logger) {
    this.#logger = logger;
    if (onUsage) this.#listeners.add(onUsage);
  }

  /** @returns what ends the subscription. */
  add(listener: UsageListener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** A throw of a listener is logged and changes nothing. @param toEvent called only when somebody listens. */
  notify(toEvent: () => UsageEvent): void {
    if (this.#listeners.size === 0) return;
    const event = toEvent();
    for (const listener of this.#listeners) {
      try {
        listener(event);
      } catch (thrown) {
        this.#logger.error({ requestId: event.id, fault: describeFault(thrown) }, 'onUsage threw');
      }
    }
  }
}
