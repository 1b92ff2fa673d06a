import { describeFault, type Logger } from '../logger.js';
import type { Meter, Settlement } from '../meter/meter.js';
import type { Outbox } from '../meter/outbox.js';

/** Records settlements: in the ledger, or in the outbox while the ledger can't be reached. */
export interface Settler {
  /** Resolves when the settlement can't be lost any more; never rejects. */
  settle(settlement: Settlement): Promise<void>;
}

export function createSettler(meter: Meter, outbox: Outbox, onStored: () => void, logger: Logger): Settler {
  return {
    async settle(settlement) {
      try {
        await meter.settle(settlement);
      } catch (thrown) {
        logger.warn(
          { requestId: settlement.id, fault: describeFault(thrown) },
          'the store refused a settlement; it waits in the outbox',
        );
        await store(settlement);
      }
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

function printable(settlement: Settlement): string {
  return JSON.stringify(settlement, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
}
