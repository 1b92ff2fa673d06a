import { describe, expect, test, vi } from 'vitest';
import { memoryStore } from '../../src/index.js';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { NOW, settlementOf } from '../helpers/settlements.js';
import { dashboardClient } from './client.js';

const DAY_MS = 86_400_000;
const YEAR = 'from=2025-12-01T00:00:00Z&to=2026-12-01T00:00:00Z';

interface Point {
  readonly at: string;
  readonly requests: number;
  readonly cost: string;
}
interface Report {
  readonly groups: readonly ({ readonly id: string; readonly lastUsed: string | null } & Point)[];
  readonly groupCount: number;
  readonly points: readonly Point[];
  readonly series: readonly { readonly id: string; readonly points: readonly Point[] }[];
}

/** Three requests of alice and one of bob; the second of alice's is 40 days older than the others. */
async function setUp() {
  const store = memoryStore();
  const gateway = sampleGateway(store);
  const alice = { accountId: 'alice', keyId: 'key_alice' };
  const settle = (id: string, more: object) => store.meter.settle(settlementOf(id, { ...alice, ...more }));
  await settle('req_1', { endUser: 'ann', tags: { team: 'search', stage: 'live' } });
  await settle('req_2', { endUser: 'ann', tags: { team: 'labs' }, at: NOW - 40 * DAY_MS });
  await settle('req_3', { endUser: 'ben' });
  await settle('req_4', { accountId: 'bob', keyId: 'key_bob', endUser: 'ann', tags: { secret: 'plan' } });
  return dashboardClient(gateway);
}

const seriesOf = ({ series }: Report) =>
  series.map(({ id, points }) => [id, points.map(({ at, requests, cost }) => [at, requests, cost])]);

describe('the usage report', () => {
  test('splits by end user, in months that are added up from their days', async () => {
    const client = await setUp();
    const answer = await client.get(`/api/usage/report?${YEAR}&unit=month&group=endUser`, 'alice');
    const report = answer.json<Report>();
    expect(report.groups.map(({ id, requests, lastUsed }) => [id, requests, lastUsed])).toEqual([
      ['ann', 2, '2026-11-21'],
      ['ben', 1, '2026-11-21'],
    ]);
    expect(report.points.map(({ at, requests, cost }) => [at, requests, cost])).toEqual([
      ['2026-10', 1, '0.00005'],
      ['2026-11', 2, '0.0001'],
    ]);
    expect(seriesOf(report)).toEqual([
      [
        'ann',
        [
          ['2026-10', 1, '0.00005'],
          ['2026-11', 1, '0.00005'],
        ],
      ],
      ['ben', [['2026-11', 1, '0.00005']]],
    ]);
  });

  test('splits by the value of a tag; what has none is a group without a name and without a series', async () => {
    const client = await setUp();
    const answer = await client.get(`/api/usage/report?${YEAR}&unit=day&group=tag:team&top=2`, 'alice');
    const report = answer.json<Report>();
    expect(report.groups.map(({ id }) => id).sort()).toEqual(['', 'labs', 'search']);
    expect(seriesOf(report).sort()).toEqual([
      ['labs', [['2026-10-12', 1, '0.00005']]],
      ['search', [['2026-11-21', 1, '0.00005']]],
    ]);
  });

  test('splits months by model and by key, too, and those of all accounts for an operator', async () => {
    const client = await setUp();
    for (const [path, group, account] of [
      ['usage', 'model', 'alice'],
      ['usage', 'key', 'alice'],
      ['operator/usage', 'account', 'operator'],
    ]) {
      const report = (
        await client.get(`/api/${path}/report?${YEAR}&unit=month&group=${group}`, account)
      ).json<Report>();
      const sum = report.series.flatMap(({ points }) => points).reduce((all, { requests }) => all + requests, 0);
      expect([group, sum]).toEqual([group, account === 'operator' ? 4 : 3]);
      expect(report.points.map(({ at }) => at)).toEqual(['2026-10', '2026-11']);
    }
  });

  test('goes over a range once for all keys, and keeps to each what is its own', async () => {
    const store = memoryStore();
    const client = dashboardClient(sampleGateway(store));
    for (const [index, keyId] of ['key_a', 'key_b', 'key_c', 'key_a'].entries())
      await store.meter.settle(settlementOf(`req_${index}`, { accountId: 'alice', keyId }));
    await store.meter.settle(settlementOf('req_bob', { accountId: 'bob', keyId: 'key_bob' }));
    const asked = vi.spyOn(store.meter, 'usage');
    const answer = await client.get(`/api/usage/report?${YEAR}&unit=day&group=key`, 'alice');
    expect(asked.mock.calls.length).toBe(4);
    const series = answer.json<Report>().series.map(({ id, points }) => [id, points.map(({ requests }) => requests)]);
    expect(series.sort()).toEqual([
      ['key_a', [2]],
      ['key_b', [1]],
      ['key_c', [1]],
    ]);
  });

  test('names the tags of the caller’s newest requests, and of all accounts for an operator', async () => {
    const client = await setUp();
    expect((await client.get('/api/usage/tags', 'alice')).json()).toEqual({ data: ['stage', 'team'] });
    expect((await client.get('/api/usage/tags', 'carol')).json()).toEqual({ data: [] });
    expect((await client.get('/api/operator/usage/tags', 'operator')).json()).toEqual({
      data: ['secret', 'stage', 'team'],
    });
    expect((await client.get('/api/operator/usage/tags', 'alice')).status).toBe(403);
  });

  test.each([
    ['group=account', 'group'],
    ['group=tag:', 'group'],
    ['group=session', 'group'],
    ['', 'group'],
    ['group=model&top=11', 'top'],
    ['group=model&accountId=bob', 'accountId'],
  ])('refuses %s for an account, and names the parameter', async (query, param) => {
    const client = await setUp();
    const answer = await client.get(`/api/usage/report?${YEAR}&unit=day&${query}`, 'alice');
    expect([answer.status, answer.json<{ error: { param: string } }>().error.param]).toEqual([400, param]);
  });
});
