import Database from 'libsql';
import { expect, test } from 'vitest';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { ALL_KEYS_STEP, USAGE_SUMS_STEP } from '../../src/stores/sqlite/sqlite-usage-sums.js';
import { settlementOf } from '../helpers/settlements.js';

const DAY = 86_400_000;
const END = Date.UTC(2026, 10, 21);

/** A store with so many events over thirty days, half of them of one account with 50 keys and 7 models. */
async function storeWith(events: number) {
  const database = new Database(':memory:');
  const store = sqliteStore(database);
  await store.meter.settle(settlementOf('first', { accountId: 'seed', at: END - 40 * DAY }));
  database.exec(`
    INSERT INTO gateway_events (seq, id, account_id, key_id, via, at, model, provider, upstream_model, input_tokens,
      cached_input_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens, source, price_id,
      cost, outcome, flags)
    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ${events - 1})
    SELECT i + 2, 'req_' || i, CASE i % 2 WHEN 0 THEN 'busy' ELSE 'user_' || (i % 9973) END, 'key_' || (i / 2 % 50), 'key',
      ${END - 30 * DAY} + i * ${30 * DAY} / ${events}, 'model_' || (i / 2 % 7), 'openai', 'gpt', 10, 0, 0, 0, 20, 0,
      'provider', (SELECT id FROM gateway_prices), 50000, 'completed', '' FROM n;
    DROP TABLE gateway_usage; DROP TABLE gateway_usage_units; DROP INDEX gateway_events_time;
    ${USAGE_SUMS_STEP} ${ALL_KEYS_STEP}`);
  return store;
}

/** The least CPU time of ten calls, in milliseconds. */
async function cpuOf(call: () => unknown): Promise<number> {
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 10; i++) {
    const before = process.cpuUsage();
    await call();
    const { user, system } = process.cpuUsage(before);
    least = Math.min(least, (user + system) / 1_000);
  }
  return least;
}

test('a chart of thirty days costs about the same after a hundred times as many events', async () => {
  const from = END - 30 * DAY + 12_345;
  const chart = { accountId: 'busy', from, to: END, groupBy: ['day'] as const };
  const [small, large] = [await storeWith(30_000), await storeWith(1_000_000)];
  const costs = {
    small: await cpuOf(() => small.meter.usage(chart)),
    large: await cpuOf(() => large.meter.usage(chart)),
  };
  const byHand = await large.meter.usage({ ...chart, groupBy: [] });
  expect(byHand[0]?.requests).toBeGreaterThan(499_000);
  console.log('CPU of a chart of thirty days, in ms', costs);
  expect(costs.large).toBeLessThan(costs.small * 2 + 2);
  // 1.4 ms on two shared cores; before there were sums it took 350 ms.
  expect(costs.large).toBeLessThan(20);
  const page = await cpuOf(() => large.meter.events({}, { limit: 50 }));
  console.log("CPU of the operator's first page of events, in ms", page);
  expect(page).toBeLessThan(20);
}, 300_000);
