import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../src/index.js';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { NOW, settlementOf } from '../helpers/settlements.js';
import { dashboardClient } from './client.js';

const RANGE = 'from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z';

interface Rows {
  data: Record<string, unknown>[];
}

async function setUp(keyName = 'laptop') {
  const store = memoryStore();
  const gateway = sampleGateway(store);
  const { record } = await gateway.keys.create({ accountId: 'alice', name: keyName });
  const alice = { accountId: 'alice', keyId: record.id };
  await store.meter.settle(settlementOf('req_1', alice));
  await store.meter.settle(settlementOf('req_2', { ...alice, model: 'gpt-4o', at: NOW - 86_400_000 }));
  await store.meter.settle(settlementOf('req_3', { accountId: 'bob', keyId: 'key_bob' }));
  return { client: dashboardClient(gateway), keyId: record.id };
}

describe('the usage API', () => {
  test('sums the caller’s usage by the dimensions asked for', async () => {
    const { client, keyId } = await setUp();
    const { data } = (await client.get(`/api/usage?${RANGE}&groupBy=day,model,key`, 'alice')).json<Rows>();
    expect(data).toEqual([
      expect.objectContaining({
        day: '2026-11-20',
        model: 'gpt-4o',
        keyId,
        requests: 1,
        totalTokens: 30,
        cost: '0.00005',
      }),
      expect.objectContaining({ day: '2026-11-21', model: 'gpt-4o-mini', keyId, requests: 1, totalTokens: 30 }),
    ]);
  });

  test('shows operators all accounts', async () => {
    const { client } = await setUp();
    const { data } = (await client.get(`/api/operator/usage?${RANGE}&groupBy=account`, 'operator')).json<Rows>();
    expect(data.map(({ accountId, requests }) => [accountId, requests])).toEqual([
      ['alice', 2],
      ['bob', 1],
    ]);
  });

  test('lists single requests, newest first, page by page', async () => {
    const { client } = await setUp();
    const ids = async (query: string) =>
      (await client.get(`/api/usage/events?${query}`, 'alice')).json<Rows>().data.map(({ id }) => id);
    expect(await ids('')).toEqual(['req_2', 'req_1']);
    expect(await ids('limit=1')).toEqual(['req_2']);
    expect(await ids('limit=1&before=req_2')).toEqual(['req_1']);
  });

  test('exports comma-separated values with the names of the keys', async () => {
    const { client } = await setUp();
    const answer = await client.get(`/api/usage.csv?${RANGE}`, 'alice');
    expect(answer.headers['content-disposition']).toBe('attachment; filename="usage-2026-11-01-2026-12-01.csv"');
    expect(answer.text.split('\r\n')).toEqual([
      'day,model,key,requests,input_tokens,cached_input_tokens,output_tokens,reasoning_tokens,total_tokens,cost_usd',
      '2026-11-20,gpt-4o,laptop,1,10,0,20,0,30,0.00005',
      '2026-11-21,gpt-4o-mini,laptop,1,10,0,20,0,30,0.00005',
      '',
    ]);
  });

  test.each([
    ['=HYPERLINK("http://evil.example")', `"'=HYPERLINK(""http://evil.example"")"`],
    ['@SUM(A1)', `'@SUM(A1)`],
    ['-1+1', `'-1+1`],
    ['＝1+1', `'＝1+1`],
    ['＋1', `'＋1`],
    ['＠SUM(A1)', `'＠SUM(A1)`],
    ['a, "b"', '"a, ""b"""'],
  ])('exports the key name %s so that no spreadsheet runs it', async (name, cell) => {
    const { client } = await setUp(name);
    const { text } = await client.get(`/api/usage.csv?${RANGE}`, 'alice');
    expect(text).toContain(`,gpt-4o,${cell},1,`);
  });

  test.each([
    ['usage', 'to=2026-12-01', 'from'],
    ['usage', 'from=yesterday&to=2026-12-01', 'from'],
    ['usage', 'from=2026-12-01&to=2026-11-01', 'to'],
    ['usage', 'from=2020-01-01&to=2026-11-01', 'from'],
    ['usage', `${RANGE}&groupBy=account`, 'groupBy[0]'],
    ['usage', `${RANGE}&accountId=bob`, 'accountId'],
    ['usage/events', 'limit=0', 'limit'],
    ['usage/events', 'limit=101', 'limit'],
    ['usage/events', 'limit=1e1', 'limit'],
    ['credits', 'limit=1000', 'limit'],
  ])('refuses %s?%s and names the parameter', async (path, query, param) => {
    const { client } = await setUp();
    const answer = await client.get(`/api/${path}?${query}`, 'alice');
    expect([answer.status, answer.json<{ error: { param: string } }>().error.param]).toEqual([400, param]);
  });
});
