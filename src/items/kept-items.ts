import { unreachable } from '../lib/errors.js';
import { describeFault, type Logger } from '../lib/logger.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import { guarded } from '../lib/maybe-promise.js';
import { inSmallSteps } from '../lib/small-steps.js';
import { inTime } from '../lib/time-limit.js';
import { unrefTimer } from '../lib/timers.js';
import type { FoundItem, ItemStore, KeptItem } from './item-store.js';

const MAX_ID_LENGTH = 512;
const MAX_VALUE_LENGTH = 1024 * 1024;
const SWEEP_MS = 3_600_000;

/** What the store of kept items is used with. */
export interface KeptItemsOptions {
  readonly store: ItemStore;
  /** How long a text is kept after its last use, in milliseconds. */
  readonly lifetimeMs: number;
  /** How long the store may take. */
  readonly storeMs: number;
  readonly now: () => number;
  readonly logger: Logger;
}

/**
 * What answers leave behind, kept for as long as a conversation uses it. Nothing is done, and no timer runs, before the first
 * answer that leaves something; from then on what has expired is deleted every hour.
 */
export class KeptItems {
  readonly #options: KeptItemsOptions;
  #sweep: ReturnType<typeof setTimeout> | undefined;
  #failing = false;
  #closed = false;

  constructor(options: KeptItemsOptions) {
    this.#options = options;
  }

  /** Keeps texts of an answer. Never fails: what could not be kept is logged. */
  put(accountId: string, items: readonly KeptItem[]): MaybePromise<void> {
    const { store, storeMs, lifetimeMs, now } = this.#options;
    const fitting = items.filter(({ id, value }) => id.length <= MAX_ID_LENGTH && value.length <= MAX_VALUE_LENGTH);
    if (fitting.length === 0) return;
    if (this.#sweep === undefined && !this.#closed) this.#sweepLater();
    return guarded<void>(
      () => inTime(store.put(accountId, fitting, now() + lifetimeMs), storeMs, 'the store of kept items'),
      (thrown) => this.#lose(thrown),
    );
  }

  /**
   * What is kept under these ids. An item that is used after half its lifetime gets a new lifetime.
   *
   * @throws {GatewayError} `service_unavailable` when the store can't be reached.
   */
  async get(accountId: string, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    const { store, storeMs, lifetimeMs, now } = this.#options;
    const found = await guarded<ReadonlyMap<string, FoundItem>>(
      () => inTime(store.get(accountId, ids.filter(isPossible), now()), storeMs, 'the store of kept items'),
      unreachable,
    );
    this.#failing = false;
    const half = now() + lifetimeMs / 2;
    const aging = [...found].filter(([, { expiresAt }]) => expiresAt < half);
    if (aging.length > 0)
      await this.put(
        accountId,
        aging.map(([id, { value }]) => ({ id, value })),
      );
    return new Map([...found].map(([id, { value }]) => [id, value]));
  }

  /** Deletes what has expired; returns how many. */
  prune(): Promise<number> {
    const { store, now } = this.#options;
    return inSmallSteps((limit) => store.prune(now(), limit));
  }

  /** Deletes all that is kept for an account. */
  async erase(accountId: string): Promise<void> {
    await this.#options.store.erase(accountId);
  }

  /** Ends the sweep. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#sweep);
  }

  /** Logs a failure of the store once, until it works again. */
  #lose(thrown: unknown): void {
    if (!this.#failing) {
      const fault = describeFault(thrown);
      this.#options.logger.warn({ fault }, 'could not keep what later requests may refer to');
    }
    this.#failing = true;
  }

  #sweepLater(): void {
    const round = () =>
      void this.prune()
        .catch((thrown: unknown) => this.#lose(thrown))
        .then(() => {
          if (!this.#closed) this.#sweepLater();
        });
    this.#sweep = unrefTimer(setTimeout(round, SWEEP_MS));
  }
}

/** Nothing is kept under an id with control characters, which some databases refuse to look for. */
function isPossible(id: string): boolean {
  return !/\p{Cc}/u.test(id);
}
