import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../src/index.js';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { recordOf } from '../helpers/request-records.js';
import { settlementOf } from '../helpers/settlements.js';
import { dashboardClient } from './client.js';

const DAY_MS = 86_400_000;
/** More than the newest requests that times are taken from. */
const MANY = 1_100;

interface Overview {
  readonly errors: { readonly failed: number; readonly tries: number } | null;
  readonly outcomes: { readonly tries: number; readonly failed: number };
  readonly models: readonly { readonly id: string; readonly errors: Overview['errors'] }[];
}

/** `MANY` requests of today that were answered, and 300 of three days ago that were not. */
async function setUp({ countFailures = true } = {}) {
  const store = memoryStore();
  const { requests } = store;
  const { countFailures: _, ...without } = requests ?? {};
  const gateway = sampleGateway(countFailures ? store : ({ ...store, requests: without } as typeof store));
  const now = Date.now();
  const answered = Array.from({ length: MANY }, (_each, i) => recordOf(`req_${i}`, { at: now - i }));
  for (const { id, at } of answered) await store.meter.settle(settlementOf(id, { at, model: 'fast' }));
  const failed = Array.from({ length: 300 }, (_each, i) =>
    recordOf(`req_failed_${i}`, { at: now - 3 * DAY_MS - i, status: i < 200 ? 502 : 404, model: 'fast', usage: null }),
  );
  await requests?.append([...answered, ...failed]);
  return { store, now, client: dashboardClient(gateway) };
}

const overviewOf = async ({ client }: Awaited<ReturnType<typeof setUp>>) =>
  (await client.get('/api/operator/overview?range=week', 'operator')).json<Overview>();

describe('who has almost nothing left', () => {
  test('is found among all accounts that spent or were refused, and accounts that nobody uses are passed over', async () => {
    const store = memoryStore();
    const gateway = sampleGateway(store);
    const now = Date.now();
    for (let i = 0; i < 1_050; i++)
      await gateway.accounts.create({ id: `a${String(i).padStart(4, '0')}`, plan: 'pro' });
    for (const id of ['z-spent', 'z-refused', 'z-rich', 'z-gone']) await gateway.accounts.create({ id, plan: 'pro' });
    await gateway.credits.topUp({ accountId: 'z-spent', amount: '0.5', idempotencyKey: '1' });
    await gateway.credits.topUp({ accountId: 'z-rich', amount: '50', idempotencyKey: '2' });
    for (const accountId of ['z-spent', 'z-rich', 'erased_account'])
      await store.meter.settle(settlementOf(`req_${accountId}`, { accountId, at: now, cost: 1_000n }));
    await store.requests?.append([
      recordOf('req_refused', {
        accountId: 'z-refused',
        at: now,
        status: 403,
        code: 'insufficient_balance',
        usage: null,
      }),
    ]);
    const answer = await dashboardClient(gateway).get('/api/operator/overview?range=week', 'operator');
    const { low } = answer.json<{ low: { id: string }[] }>();
    expect(low.map(({ id }) => id)).toEqual(['z-refused', 'z-spent']);
  });
});

describe('the error rate of the overview', () => {
  test('is that of the whole period, however many requests are newer, and leaves out what clients sent wrongly', async () => {
    const overview = await overviewOf(await setUp());
    expect(overview.errors).toEqual({ failed: 200, tries: MANY + 200 });
    expect(overview.models).toMatchObject([{ id: 'fast', errors: { failed: 200, tries: MANY + 200 } }]);
    expect(overview.outcomes).toMatchObject({ tries: 1_000, failed: 0 });
  });

  test('is that of the newest requests alone where the log is younger than the period', async () => {
    const setup = await setUp();
    await setup.store.meter.settle(settlementOf('req_old', { at: setup.now - 9 * DAY_MS, model: 'fast' }));
    expect(await overviewOf(setup)).toMatchObject({ errors: null, outcomes: { tries: 1_000, failed: 0 } });
  });

  test('is that of the newest requests alone where the host’s own log does not count failures', async () => {
    expect(await overviewOf(await setUp({ countFailures: false }))).toMatchObject({ errors: null });
  });
});
