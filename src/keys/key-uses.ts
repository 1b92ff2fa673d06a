import { describeFault, type Logger } from '../lib/logger.js';
import { inTime } from '../lib/time-limit.js';
import type { KeyStore } from './key-store.js';

/** `lastUsedAt` is written at most this often per key. */
const FLUSH_MS = 5_000;
const LIMIT_MS = 5_000;

/** Collects when keys were last used and writes it in batches, so that no request waits for it. */
export class KeyUses {
  readonly #store: KeyStore;
  readonly #logger: Logger;
  #uses = new Map<string, number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(store: KeyStore, logger: Logger) {
    this.#store = store;
    this.#logger = logger;
  }

  /** @param at milliseconds since the epoch. */
  note(keyId: string, at: number): void {
    this.#uses.set(keyId, at);
    if (this.#timer) return;
    this.#timer = setTimeout(() => void this.flush(), FLUSH_MS);
    (this.#timer as { unref?: () => void }).unref?.();
  }

  /** Writes what was noted. Never rejects: losing a `lastUsedAt` must not fail a request. */
  async flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#uses.size === 0) return;
    const uses = [...this.#uses].map(([id, at]) => ({ id, at }));
    this.#uses = new Map();
    try {
      await inTime(this.#store.touchKeys(uses), LIMIT_MS, 'the key store');
    } catch (thrown) {
      this.#logger.warn({ fault: describeFault(thrown) }, 'could not update lastUsedAt');
    }
  }
}
