import { describeFault } from '../lib/logger.js';
import { memoryOutbox, type Outbox } from '../meter/outbox.js';
import { type OutboxDrainer, outboxDrainer } from '../meter/outbox-drainer.js';
import { printable } from '../pipeline/settler.js';
import type { Foundations } from './foundations.js';

/** The outbox and what empties it. */
export interface OutboxParts {
  readonly outbox: Outbox;
  readonly drainer: OutboxDrainer;
  /** Writes what waits in it, at the end; what still waits after the time is logged. */
  readonly lastDrain: (timeoutMs: number) => Promise<void>;
}

export function outboxOf({ options, meter, random, logger }: Foundations): OutboxParts {
  const outbox = options.outbox ?? memoryOutbox();
  const drainer = outboxDrainer({
    meter,
    outbox,
    random,
    onFailure: (waiting, cause) =>
      logger.warn({ waiting, fault: describeFault(cause) }, 'settlements are still queued in the outbox'),
  });
  // An outbox of the user's may hold what an earlier process left.
  if (options.outbox) drainer.wake();
  const lastDrain = async (timeoutMs: number) => {
    drainer.stop();
    const waiting = await drainer.drain(timeoutMs);
    if (waiting === 0) return;
    logger.error({ waiting }, 'closed with settlements in the outbox');
    // An outbox in memory ends with the process: the log is where they can be charged from by hand.
    if (options.outbox) return;
    for (const settlement of await outbox.pending()) {
      logger.error({ settlement: printable(settlement) }, 'a settlement was not recorded');
    }
  };
  return { outbox, drainer, lastDrain };
}
