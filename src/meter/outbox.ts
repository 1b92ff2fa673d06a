import type { MaybePromise } from '../lib/maybe-promise.js';
import type { Settlement } from './meter.js';

/** Where settlements wait while the meter can't be reached. Order does not matter: each is recorded once per id. */
export interface Outbox {
  /** Resolves when the settlement outlives whatever the outbox promises to outlive. */
  append(settlement: Settlement): MaybePromise<void>;
  /** Everything that waits. */
  pending(): MaybePromise<Settlement[]>;
  /** Forgets settlements that have been recorded; unknown ids are passed over. */
  remove(ids: readonly string[]): MaybePromise<void>;
  close?(): MaybePromise<void>;
}

/** An outbox that outlives an outage of the store, but not this process. */
export function memoryOutbox(): Outbox {
  const waiting = new Map<string, Settlement>();
  return {
    append(settlement) {
      waiting.set(settlement.id, settlement);
    },
    pending: () => [...waiting.values()],
    remove(ids) {
      for (const id of ids) waiting.delete(id);
    },
  };
}
