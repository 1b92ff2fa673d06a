import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { postgresStore } from '../../src/stores/postgres/index.js';
import type { FullStore } from '../../src/stores/store.js';
import { itemStoreSuite, keyStoreSuite, meterSuite } from '../../src/testing/index.js';
import { type CitusCluster, citusMissing, startCitus } from '../helpers/citus-cluster.js';
import { settlementOf } from '../helpers/settlements.js';

const missing = citusMissing();

/** The runner's `test`, passed by where there is no Citus. */
const testHere = (name: string, run: () => Promise<void>) =>
  test(name, async (context) => {
    if (missing) context.skip(missing);
    await run();
  });

describe.each([
  ['a coordinator alone, as plain PostgreSQL', 0, {}],
  ['a coordinator and two workers, spread by account', 2, { distributed: 'citus' }],
] as const)('on Citus: %s', (_, workers, options) => {
  let cluster: CitusCluster | undefined;
  let store: FullStore;
  beforeAll(async () => {
    if (missing) return;
    cluster = await startCitus(workers);
    // A statement on all nodes is slow on a busy machine, and hundreds of them wait for each other.
    store = postgresStore(cluster.coordinator.pool(20), { ...options, statementTimeoutMs: 60_000 });
    await store.migrate?.();
  });
  afterAll(() => cluster?.stop());

  meterSuite(testHere, { create: () => store.meter });
  keyStoreSuite(testHere, { create: () => store.keyStore });
  itemStoreSuite(testHere, { create: () => store.items });

  testHere('requests, sums and pruning', async () => {
    const at = Date.UTC(2020, 0, 15);
    for (let i = 0; i < 40; i++)
      await store.meter.settle(settlementOf(`old_${i}`, { accountId: `citus_${i % 7}`, at, tags: { team: 'a' } }));
    const query = { groupBy: ['tag:team', 'day'], from: at, to: at + 86_400_000 } as const;
    const before = await store.meter.usage(query);
    expect(before).toMatchObject([{ tags: { team: 'a' }, day: '2020-01-15', requests: 40 }]);
    expect(await store.upkeep?.pruneEvents(at + 86_400_000, 30)).toBe(30);
    expect(await store.upkeep?.pruneEvents(at + 86_400_000, 30)).toBe(10);
    expect(await store.meter.events({ from: at, to: at + 86_400_000 }, { limit: 5 })).toEqual([]);
    expect(await store.meter.usage(query)).toEqual(before);
  });

  testHere('rows are where they should be', async () => {
    if (!cluster) return;
    const { rows } = await cluster.coordinator
      .pool(1)
      .query(`SELECT COUNT(DISTINCT nodename || ':' || nodeport) AS nodes
      FROM citus_shards WHERE table_name = 'gateway_events'::regclass`);
    expect(Number(rows[0].nodes)).toBe(workers);
  });
});
