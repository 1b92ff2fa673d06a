import type { MaybePromise } from '../lib/maybe-promise.js';
import type { Settlement } from './meter.js';

/** Where settlements wait while the meter can't be reached. Order does not matter: each is recorded once per id. */
export interface Outbox {
  /** Resolves once the settlement is as durable as this outbox guarantees. */
  append(settlement: Settlement): MaybePromise<void>;
  /** Everything that waits. */
  pending(): MaybePromise<Settlement[]>;
  /** Forgets settlements that have been recorded; unknown ids are ignored. */
  remove(ids: readonly string[]): MaybePromise<void>;
  close?(): MaybePromise<void>;
}

/** An outbox that survives an outage of the store, but not of this process. */
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
