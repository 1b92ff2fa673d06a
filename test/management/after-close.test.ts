import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { expect, onTestFinished, test, vi } from 'vitest';
import { createAdminApi, operatorKeys } from '../../src/admin/index.js';
import { createGateway, type GatewayEvent, type GatewayOptions, openai } from '../../src/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { fakeUpstream } from '../../src/testing/index.js';
import { dashboardClient } from '../dashboard/client.js';
import { testLogger } from '../helpers/test-logger.js';

const OPERATOR = 'operator-0123456789abcdef';

/** A gateway on a SQLite file that has answered one request and is closed. */
async function closedGateway(options: Pick<GatewayOptions, 'on' | 'logger'> = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-closed-'));
  const database = new Database(join(folder, 'gateway.db'));
  const upstream = await fakeUpstream();
  const gateway = createGateway({
    providers: { openai: openai(upstream.openai) },
    models: { fast: { provider: 'openai', model: 'gpt-4o-mini', price: { input: 1, output: 2 } } },
    plans: { pro: { models: '*', billing: 'prepaid' } },
    store: sqliteStore(database),
    logger: testLogger,
    ...options,
  });
  onTestFinished(async () => {
    if (database.open) database.close();
    rmSync(folder, { recursive: true });
    await upstream.close();
  });
  await gateway.credits.topUp({ accountId: 'user_1', amount: '1', idempotencyKey: 'first' });
  const ask = () =>
    gateway.fetchFor({ accountId: 'user_1' })('http://gateway.test/v1/chat/completions', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'fast', messages: [{ role: 'user', content: 'Hi' }] }),
    });
  expect((await ask()).status).toBe(200);
  await gateway.close();
  return { gateway, database, ask };
}

test('requests of the own code are refused; keys, money and reports are managed on', async () => {
  const { gateway, ask } = await closedGateway();
  const refused = await ask();
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, expect.any(String)]);
  expect(await refused.json()).toMatchObject({ error: { code: 'service_unavailable' } });

  await gateway.credits.topUp({ accountId: 'user_1', amount: '2', idempotencyKey: 'late payment' });
  const { record } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
  expect(await gateway.keys.revoke(record.id)).toMatchObject({ id: record.id });
  expect(await gateway.usage.query({ accountId: 'user_1', groupBy: [] })).toMatchObject([{ requests: 1 }]);
  expect(await gateway.usage.events({ accountId: 'user_1' })).toHaveLength(1);
  expect(await gateway.accounts.get('user_1')).toMatchObject({ held: '0' });

  const client = dashboardClient(gateway);
  expect((await client.get('/api/keys', 'user_1')).status).toBe(200);
  const admin = createAdminApi({ gateway, authenticate: operatorKeys(OPERATOR) });
  const account = new Request('http://gateway.test/accounts/user_1', {
    headers: { authorization: `Bearer ${OPERATOR}` },
  });
  expect((await admin.fetch(account)).status).toBe(200);
});

test('events of the last requests are delivered before it is closed, and nothing is read from the store afterwards', async () => {
  const seen: GatewayEvent['type'][] = [];
  const warn = vi.fn();
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval'] });
  onTestFinished(() => {
    vi.useRealTimers();
  });
  const note = ({ type }: GatewayEvent) => void seen.push(type);
  const { gateway, database } = await closedGateway({
    on: { 'credit.added': note, 'key.created': note },
    logger: { debug() {}, info() {}, warn, error: warn },
  });
  expect(seen).toEqual(['credit.added']);
  await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
  database.close();
  await vi.advanceTimersByTimeAsync(600_000);
  expect(seen).toEqual(['credit.added']);
  expect(warn).not.toHaveBeenCalled();
});
