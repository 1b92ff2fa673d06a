import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { FullMeter, HoldId } from '../../src/meter/meter.js';
import { Leases } from '../../src/pipeline/upkeep/leases.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { holdOf } from '../helpers/settlements.js';
import { testLogger } from '../helpers/test-logger.js';

const missing = postgresMissing();
let server: PostgresServer | undefined;
beforeAll(async () => {
  if (!missing) server = await startPostgres();
});
afterAll(() => server?.stop());
beforeEach((context) => {
  if (missing) context.skip(missing);
});

const HOUR = 3_600_000;

/** A process with a clock of its own, on the one database. */
function processOf(ahead: number) {
  const { meter } = postgresStore(server?.pool(2) as never);
  const open: HoldId[] = [];
  const now = () => Date.now() + ahead;
  const leases = new Leases(meter, () => open, now, testLogger);
  return {
    meter,
    leases,
    open,
    async hold(accountId: string) {
      const expiresAt = await leases.begin(now());
      const hold = holdOf('request', { accountId, now: now(), expiresAt });
      expect(await meter.reserve(hold)).toMatchObject({ ok: true });
      open.push({ accountId, id: hold.id });
      return hold;
    },
    async sweep() {
      await leases.beat();
      leases.stop();
    },
  };
}

const openHolds = async (meter: FullMeter, accountId: string) =>
  (await meter.audit(accountId)).openHolds.map(({ id }) => id);

describe('processes whose clocks differ by hours, on one database', () => {
  test.each([
    ['ahead', 'behind', HOUR, -HOUR],
    ['behind', 'ahead', -HOUR, HOUR],
    ['right', 'ahead', 0, 24 * HOUR],
  ])('the hold of one that is %s is not ended by one that is %s', async (_, __, mine, other) => {
    const accountId = `account_${mine}_${other}`;
    const [owner, sweeper] = [processOf(mine), processOf(other)];
    await owner.meter.credit({
      accountId,
      kind: 'top_up',
      amount: 10n ** 9n,
      idempotencyKey: 'first',
      now: Date.now(),
    });
    const hold = await owner.hold(accountId);
    for (let beat = 0; beat < 3; beat++) {
      await sweeper.sweep();
      expect(await openHolds(sweeper.meter, accountId)).toEqual([hold.id]);
      await owner.sweep();
    }
    // A dead process's hold lapses for everybody by the database's clock.
    await owner.meter.extend(owner.open, Date.now() - 1_000);
    await sweeper.sweep();
    expect(await openHolds(owner.meter, accountId)).toEqual([]);
  });
});
