import { describeFault, type Logger } from '../lib/logger.js';
import { guarded, type MaybePromise } from '../lib/maybe-promise.js';
import { inTime } from '../lib/time-limit.js';
import type { Meter, Settlement } from '../meter/meter.js';
import type { Outbox } from '../meter/outbox.js';

/** Records settlements: in the ledger, or in the outbox while the ledger can't be reached. */
export interface Settler {
  /** Done when the settlement can't be lost any more; never fails. */
  settle(settlement: Settlement): MaybePromise<unknown>;
}

/** @param storeMs how long the ledger may take before a settlement goes to the outbox. */
export function createSettler(
  meter: Meter,
  outbox: Outbox,
  onStored: () => void,
  logger: Logger,
  storeMs: number,
): Settler {
  return {
    settle(settlement) {
      return guarded<unknown>(
        () => inTime<unknown>(meter.settle(settlement), storeMs, 'the store'),
        (thrown) => {
          logger.warn(
            { requestId: settlement.id, fault: describeFault(thrown) },
            'the store refused a settlement; it waits in the outbox',
          );
          return store(settlement);
        },
      );
    },
  };

  async function store(settlement: Settlement): Promise<void> {
    try {
      await outbox.append(settlement);
      onStored();
    } catch (thrown) {
      logger.error(
        { settlement: printable(settlement), fault: describeFault(thrown) },
        'a settlement could not be stored',
      );
    }
  }
}

/** A settlement as a log line can hold it: enough to charge it by hand. */
export function printable(settlement: Settlement): string {
  return JSON.stringify(settlement, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}
