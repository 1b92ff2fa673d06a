import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAdminApi, openApiDocument, operatorKeys } from '../../src/admin/index.js';
import { toNodeHandler } from '../../src/http/node.js';
import { openai } from '../../src/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { listen } from '../helpers/listen.js';
import { type FakedGateway, fakedGateway } from '../helpers/test-gateway.js';
import { testLogger } from '../helpers/test-logger.js';
import { type ApiDocument, documentedClient } from './documented-client.js';

const KEY = 'operator-0123456789abcdef';
let site: FakedGateway;
let api: Awaited<ReturnType<typeof listen>>;
let client: ReturnType<typeof documentedClient>;

beforeAll(async () => {
  const price = { input: 1, output: 2 };
  site = await fakedGateway((upstream) => ({
    providers: { openai: openai(upstream.openai) },
    models: { fast: { provider: 'openai', model: 'gpt-4o-mini', price } },
    plans: {
      free: { models: '*' },
      pro: {
        models: '*',
        billing: 'prepaid',
        limits: { requestsPerMinute: 100, tokensPerMinute: 100_000, concurrentRequests: 5 },
        allowance: { amount: 1, per: 'month' },
      },
    },
    defaultPlan: 'pro',
    store: sqliteStore(new Database(':memory:')),
    requestLog: { bodies: { sample: 1, maxBytes: 1_000 } },
  }));
  const admin = createAdminApi({ gateway: site.gateway, authenticate: operatorKeys({ ada: KEY }), logger: testLogger });
  api = await listen(toNodeHandler(admin));
  client = documentedClient(openApiDocument() as unknown as ApiDocument, api.origin, KEY);
});

afterAll(async () => {
  await api?.close();
  await site?.close();
});

/** One chat request; its id. */
async function chat(key: string, model = 'fast'): Promise<string> {
  const body = { model, messages: [{ role: 'user', content: 'Hi' }], user: 'visitor' };
  const answer = await site.post('v1/chat/completions', body, { authorization: `Bearer ${key}` });
  await answer.text();
  return answer.headers.get('x-request-id') ?? '';
}

const IN_AN_HOUR = () => Date.now() + 3_600_000;

describe('a client made of the document', () => {
  test('manages accounts and their keys', async () => {
    const grant = { amount: 3, reason: 'hello', expiresAt: IN_AN_HOUR() };
    await client.call('accounts.create', { body: { id: 'user_1', plan: 'pro', grant } });
    await client.call('accounts.setPlan', { id: 'user_1', body: { plan: 'pro' } });
    await client.call('accounts.setBudget', { id: 'user_1', body: { budget: { amount: '50', period: 'week' } } });
    const profile = { displayName: 'Ada', email: 'ada@example.com', note: 'pays late' };
    const named = await client.call('accounts.setProfile', { id: 'user_1', body: profile });
    expect(named.body).toMatchObject({ displayName: 'Ada', email: 'ada@example.com', note: 'pays late' });
    const settings = {
      models: ['fast'],
      limits: { requestsPerMinute: 10, tokensPerMinute: 1_000, concurrentRequests: 2 },
      budget: { amount: 5, period: 'day' },
      metadata: { team: 'blue' },
      allowIps: ['127.0.0.0/8', '::1'],
      routes: ['chat/completions'],
      lockedBudget: true,
      expiresAt: IN_AN_HOUR(),
    };
    const { body: made } = await client.call('keys.create', { body: { accountId: 'user_1', name: 'a', ...settings } });
    expect(made.record).toMatchObject({ metadata: { team: 'blue' }, routes: ['chat/completions'] });
    await chat(made.key);
    const id = made.record.id;
    for (const name of ['keys.disable', 'keys.enable', 'keys.find']) await client.call(name, { id });
    await client.call('keys.update', { id, body: { name: 'b', limits: null, expiresAt: null } });
    const next = await client.call('keys.rotate', { id, body: { overlap: '1h', accountId: 'user_1' } });
    await client.call('keys.revoke', { id: next.body.record.id });
    expect((await client.call('keys.list', { id: 'user_1', query: { limit: 10 } })).body.data).toHaveLength(3);
    await client.call('budgets.get', { id: 'user_1' });
    await client.call('budgets.get', { id: 'user_1', query: { subject: 'key', value: id, period: 'day' } });
    expect((await client.call('budgets.ofKeys', { id: 'user_1' })).body.data).not.toEqual([]);
    for (const name of ['accounts.get', 'accounts.overview', 'accounts.limits'])
      await client.call(name, { id: 'user_1' });
    await client.call('accounts.suspend', { id: 'user_1', body: { reason: 'chargeback' } });
    expect((await client.call('accounts.list', { query: { search: 'ada', limit: 5 } })).body.data).toHaveLength(1);
    await client.call('accounts.list', { query: { ids: ['user_1', 'nobody'] } });
    await client.call('accounts.resume', { id: 'user_1' });
  });

  test('gives out sessions, and ends them', async () => {
    const bounds = { models: ['fast'], budget: '1', endUser: 'visitor', session: 's1', tags: { page: 'help' } };
    const { body } = await client.call('sessions.create', { body: { accountId: 'user_2', ttl: '15m', ...bounds } });
    await client.call('sessions.create', { body: { accountId: 'user_2', ttl: 60_000 } });
    await client.call('sessions.revoke', { id: body.id });
    expect((await client.call('sessions.list', { id: 'user_2', query: { limit: 5 } })).body.data).toHaveLength(2);
  });

  test('moves money', async () => {
    const accountId = 'user_3';
    const of = (idempotencyKey: string, amount: string | number) => ({ accountId, amount, idempotencyKey });
    await client.call('credits.topUp', { body: { ...of('a', '10'), note: 'card' } });
    await client.call('credits.adjust', { body: { ...of('b', -20), note: 'fee', allowNegative: true } });
    await client.call('credits.grant', { body: { ...of('c', 5), expiresAt: IN_AN_HOUR(), reason: 'sorry' } });
    const promo = { maxRedemptions: 3, expiresAt: IN_AN_HOUR(), plan: 'pro', creditExpiresAfter: '30d' };
    await client.call('promoCodes.create', { body: { code: 'HELLO', amount: 2, ...promo, newAccountsOnly: false } });
    await client.call('credits.redeem', { body: { accountId, code: 'HELLO' } });
    await client.call('promoCodes.disable', { id: 'HELLO' });
    expect((await client.call('promoCodes.list', { query: { limit: 5 } })).body.data).toHaveLength(1);
    const { body } = await client.call('keys.create', { body: { accountId, name: 'a' } });
    const requestId = await chat(body.key);
    await client.call('credits.refund', { body: { requestId, accountId, reason: 'late' } });
    await client.call('accounts.get', { id: accountId });
    const kinds = (await client.call('credits.history', { id: accountId, query: { limit: 50 } })).body.data;
    expect(new Set(kinds.map(({ kind }: { kind: string }) => kind)).size).toBeGreaterThanOrEqual(5);
    await client.call('credits.history', { id: accountId, query: { usage: false } });
  });

  test('reads usage and the request log', async () => {
    const { body } = await client.call('keys.create', { body: { accountId: 'user_4', name: 'a' } });
    const id = await chat(body.key);
    await chat(body.key, 'unknown');
    const from = new Date(Date.now() - 86_400_000).toISOString();
    for (const groupBy of [
      [],
      ['account'],
      ['key', 'model'],
      ['day'],
      ['hour'],
      ['via'],
      ['endUser'],
      ['session'],
      ['tag:x'],
    ])
      expect((await client.call('usage.query', { query: { groupBy, from } })).body.data).not.toEqual([]);
    await client.call('usage.query', { query: { accountId: 'user_4', groupBy: ['model'], top: 3, to: Date.now() } });
    const accountIds = ['user_4', 'nobody'];
    expect((await client.call('usage.ofAccounts', { query: { accountIds, from } })).body.data).toHaveLength(2);
    expect((await client.call('usage.events', { query: { accountId: 'user_4', limit: 5 } })).body.data).toHaveLength(1);
    await expect
      .poll(async () => (await client.call('requests.list', { query: { accountId: 'user_4' } })).body.data.length)
      .toBe(2);
    await client.call('requests.list', { query: { status: 'failed', code: 'model_not_found', from, limit: 5 } });
    await client.call('requests.list', { query: { status: 200 } });
    expect((await client.call('requests.get', { id })).body).toMatchObject({ id, answerBody: expect.any(String) });
    expect((await client.call('requests.newestOf', { query: { accountIds } })).body.data).toHaveLength(1);
    await client.call('requests.countFailures', { query: { from } });
  });

  test('looks after the gateway', async () => {
    await client.call('models.list', { query: { accountId: 'user_1' } });
    for (const name of ['models.list', 'plans', 'health', 'check', 'maintenance.prune']) await client.call(name);
    const before = new Date(Date.now() - 2 * 86_400_000).toISOString();
    const ages = { eventsBefore: before, requestsBefore: before, sessionsBefore: before, holdsBefore: before };
    await client.call('maintenance.prune', { body: ages });
    const { text } = await client.call('accounts.export', { id: 'user_4' });
    const lines = text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(lines[0]).toMatchObject({ type: 'account', id: 'user_4' });
    expect((await client.call('accounts.erase', { id: 'user_4' })).body.pseudonym).toEqual(expect.any(String));
  });

  test('is refused as the document says', async () => {
    const wrong: Record<string, object> = {
      'accounts.get': { id: 'nobody' },
      'keys.find': { id: 'nobody' },
      'requests.get': { id: 'nobody' },
      'sessions.revoke': { id: 'nobody' },
      'credits.topUp': { body: { accountId: 'user_1', amount: 'ten', idempotencyKey: 'x' } },
      'promoCodes.create': { body: { code: 'HELLO', amount: 2 } },
    };
    for (const name of client.names) {
      expect((await client.callWrongly(name, { id: 'a' }, {})).status, `${name} without a key`).toBeGreaterThan(400);
      const sent = { id: 'nobody', query: { nothing: 1 }, body: { nothing: 1 } };
      expect((await client.callWrongly(name, sent)).status, `${name} with unknown fields`).toBe(400);
      const own = wrong[name];
      if (own) expect((await client.callWrongly(name, own)).status, name).toBeGreaterThanOrEqual(400);
    }
  });

  test('has been answered and refused by every operation', () => {
    expect(client.names.filter((name) => !client.answered.has(name))).toEqual([]);
    expect(client.names.filter((name) => !client.refused.has(name))).toEqual([]);
  });
});
