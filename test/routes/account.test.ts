import { afterEach, beforeEach, expect, test } from 'vitest';
import { createGateway, type Gateway, type GatewayEvent } from '../../src/index.js';
import { echoProvider } from '../helpers/echo-provider.js';

const START = Date.UTC(2026, 10, 28, 12);
let now = START;
let gateway: Gateway;

beforeEach(() => {
  now = START;
  gateway = createGateway({
    providers: { echo: echoProvider() },
    models: {
      one: { provider: 'echo', price: { input: 1, output: 1 } },
      two: { provider: 'echo', price: { input: 1, output: 1 } },
    },
    plans: { free: { models: '*' } },
    maxKeysPerAccount: 2,
    now: () => now,
  });
});

afterEach(() => gateway.close());

async function ask(secret: string, path = 'chat/completions', ip?: string) {
  const { status, headers, body } = await gateway.handle({
    method: path.startsWith('chat') ? 'POST' : 'GET',
    path: `/v1/${path}`,
    headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
    ip,
    body: () =>
      new TextEncoder().encode(
        JSON.stringify({ model: 'one', max_tokens: 600, messages: [{ role: 'user', content: 'Hi' }] }),
      ),
    signal: new AbortController().signal,
  });
  const json = JSON.parse(String(body));
  return { status, headers, json, code: json.error?.code };
}

test('a session token works until its time, to the millisecond, and is not among the keys', async () => {
  const { id, token, expiresAt } = await gateway.sessions.create({
    accountId: 'user_1',
    ttl: '15m',
    endUser: 'visitor',
  });
  expect(id).toMatch(/^ses_/);
  expect(expiresAt).toEqual(new Date(START + 900_000));
  now = START + 899_999;
  expect((await ask(token)).status).toBe(200);
  now = START + 900_000;
  expect((await ask(token)).code).toBe('invalid_api_key');
  expect(await gateway.keys.list('user_1')).toEqual([]);
  const [event] = await gateway.usage.events({ accountId: 'user_1' });
  expect(event).toMatchObject({ via: 'session', keyId: null, endUser: 'visitor' });
});

test('a revoked session dies at once, and its budget bounds it alone', async () => {
  const { id, token } = await gateway.sessions.create({ accountId: 'user_1', ttl: '15m', budget: '0.002' });
  expect((await ask(token)).status).toBe(200);
  expect((await ask(token)).code).toBe('budget_exceeded');
  await gateway.sessions.revoke(id);
  expect((await ask(token)).code).toBe('invalid_api_key');
  const other = await gateway.sessions.create({ accountId: 'user_1', ttl: '15m', budget: '0.002' });
  expect((await ask(other.token)).status).toBe(200);
});

test('a rotated key works through the overlap and not longer; the budget is shared', async () => {
  const budget = { amount: '0.0035', period: 'total' } as const;
  const { key, record } = await gateway.keys.create({
    accountId: 'user_1',
    name: 'laptop',
    budget,
    metadata: { team: 'a' },
  });
  expect((await ask(key)).status).toBe(200);
  const next = await gateway.keys.rotate(record.id, { overlap: '24h' });
  expect(next.record).toMatchObject({ name: 'laptop', metadata: { team: 'a' }, budget: { amount: '0.0035' } });
  expect((await ask(next.key)).status).toBe(200);
  expect((await ask(key)).code).toBe('budget_exceeded');
  expect((await ask(next.key)).code).toBe('budget_exceeded');
  now = START + 24 * 3_600_000;
  expect((await ask(key)).code).toBe('invalid_api_key');
});

test('an old key works to the last millisecond of the overlap; without one it ends at once', async () => {
  const { key, record } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
  const next = await gateway.keys.rotate(record.id, { overlap: '1h' });
  now = START + 3_599_999;
  expect((await ask(key)).status).toBe(200);
  now = START + 3_600_000;
  expect((await ask(key)).code).toBe('invalid_api_key');
  const last = await gateway.keys.rotate(next.record.id);
  expect((await ask(next.key)).code).toBe('invalid_api_key');
  expect((await ask(last.key)).status).toBe(200);
});

test('an overlap never lengthens the life of a key, and its successor ends when it would have', async () => {
  const { key, record } = await gateway.keys.create({ accountId: 'user_1', name: 'x', expiresAt: START + 1_000 });
  const next = await gateway.keys.rotate(record.id, { overlap: '24h' });
  now = START + 1_000;
  expect((await ask(key)).code).toBe('invalid_api_key');
  expect((await ask(next.key)).code).toBe('invalid_api_key');
  await expect(gateway.keys.rotate(next.record.id)).rejects.toMatchObject({ code: 'conflict' });
});

test('rotated keys share their limits, however often the key was rotated', async () => {
  const limits = { requestsPerMinute: 3 };
  const first = await gateway.keys.create({ accountId: 'user_1', name: 'laptop', limits });
  const second = await gateway.keys.rotate(first.record.id, { overlap: '1h' });
  const third = await gateway.keys.rotate(second.record.id, { overlap: '1h' });
  for (const { key } of [first, second, third]) expect((await ask(key)).status).toBe(200);
  for (const { key } of [first, second, third]) expect((await ask(key)).code).toBe('rate_limit_exceeded');
});

test('the budget of a rotated key is one, by whichever of its keys it is asked for', async () => {
  const budget = { amount: '1', period: 'total' } as const;
  const { key, record } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop', budget });
  const next = await gateway.keys.rotate(record.id, { overlap: '1h' });
  await ask(key);
  await ask(next.key);
  for (const value of [record.id, next.record.id]) {
    const found = await gateway.budgets.get({ accountId: 'user_1', subject: 'key', value });
    expect(found).toMatchObject({ amount: '1', period: 'total', spent: '0.003' });
  }
  expect((await ask(next.key, 'key')).json.budget).toMatchObject({ spent: '0.003' });
  const foreign = await gateway.budgets.get({ accountId: 'user_2', subject: 'key', value: next.record.id });
  expect(foreign).toMatchObject({ amount: null, spent: '0' });
});

test('a key may be bound to addresses and routes, and disabled', async () => {
  const options = {
    accountId: 'user_1',
    name: 'x',
    allowIps: ['10.0.0.0/8', '2001:db8::/32'],
    routes: ['chat/completions'],
  };
  const { key, record } = await gateway.keys.create(options);
  expect((await ask(key, 'chat/completions', '10.1.2.3')).status).toBe(200);
  expect((await ask(key, 'chat/completions', '::ffff:10.1.2.3')).status).toBe(200);
  expect((await ask(key, 'chat/completions', '2001:db8::1')).status).toBe(200);
  expect((await ask(key, 'chat/completions', '192.168.0.1')).code).toBe('ip_not_allowed');
  expect((await ask(key, 'chat/completions')).code).toBe('ip_not_allowed');
  expect((await ask(key, 'models', '10.1.2.3')).code).toBe('route_not_allowed');
  await gateway.keys.disable(record.id);
  expect((await ask(key, 'chat/completions', '10.1.2.3')).code).toBe('invalid_api_key');
  await gateway.keys.enable(record.id);
  expect((await ask(key, 'chat/completions', '10.1.2.3')).status).toBe(200);
});

test('a session token tells what it may do and spend, and when it ends', async () => {
  const options = { accountId: 'user_1', ttl: '15m', budget: '0.05', models: ['one'], session: 'run_1' } as const;
  const { id, token, expiresAt } = await gateway.sessions.create(options);
  const other = await gateway.sessions.create(options);
  await ask(token);
  const spent = { amount: '0.05', period: 'total', spent: '0.0015' };
  expect((await ask(token, 'key')).json).toMatchObject({
    id: null,
    via: 'session',
    account_id: 'user_1',
    models: ['one'],
    budget: { ...spent, resets_at: null },
    expires_at: expiresAt.toISOString(),
  });
  expect(await gateway.budgets.get({ accountId: 'user_1', subject: 'key', value: id })).toMatchObject(spent);
  // Tokens of one session have a budget each.
  expect((await ask(other.token, 'key')).json.budget.spent).toBe('0');
});

test('a key is shown the lower of two limits', async () => {
  await gateway.configure({
    plans: { free: { models: '*', limits: { requestsPerMinute: 20, tokensPerMinute: 1_000 } } },
  });
  const limits = { requestsPerMinute: 100, tokensPerMinute: 500, concurrentRequests: 2 };
  const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'x', limits });
  const expected = { requestsPerMinute: 20, tokensPerMinute: 500, concurrentRequests: 2 };
  expect((await ask(key, 'key')).json.limits).toEqual(expected);
});

test('a suspended account is refused however it asks, and the host hears of it', async () => {
  await gateway.close();
  const suspended = new Promise<GatewayEvent>((resolve) => {
    gateway = createGateway({
      providers: { echo: echoProvider() },
      models: { one: { provider: 'echo', price: { input: 1, output: 1 } } },
      plans: { free: { models: '*' } },
      authenticate: () => ({ accountId: 'user_1' }),
      on: { 'account.suspended': resolve },
    });
  });
  const { token } = await gateway.sessions.create({ accountId: 'user_1', ttl: '15m' });
  await gateway.accounts.suspend('user_1', { reason: 'abuse' });
  const fetch = gateway.fetchFor({ accountId: 'user_1' });
  const inside = await fetch('http://gateway.test/v1/models');
  const host = await gateway.fetch(new Request('http://gateway.test/v1/models'));
  const refusal = { error: { code: 'account_suspended' } };
  expect(await Promise.all([inside.json(), host.json()])).toMatchObject([refusal, refusal]);
  expect((await ask(token)).code).toBe('account_suspended');
  expect(await suspended).toMatchObject({ accountId: 'user_1', data: { reason: 'abuse' } });
});

test('a suspended account is refused until it is resumed', async () => {
  const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'x' });
  await gateway.accounts.suspend('user_1', { reason: 'abuse' });
  expect(await ask(key)).toMatchObject({ status: 403, code: 'account_suspended' });
  expect((await gateway.accounts.get('user_1')).suspended).toMatchObject({ reason: 'abuse' });
  await gateway.accounts.resume('user_1');
  expect((await ask(key)).status).toBe(200);
});

test('keys are bounded and paged; a locked budget is the operator’s', async () => {
  const one = await gateway.keys.create({
    accountId: 'user_1',
    name: 'a',
    lockedBudget: true,
    budget: { amount: 1, period: 'day' },
  });
  const two = await gateway.keys.create({ accountId: 'user_1', name: 'b' });
  await expect(gateway.keys.create({ accountId: 'user_1', name: 'c' })).rejects.toMatchObject({ code: 'conflict' });
  expect((await gateway.keys.list('user_1', { limit: 1 })).map(({ id }) => id)).toEqual([two.record.id]);
  const page = await gateway.keys.list('user_1', { limit: 5, before: two.record.id });
  expect(page.map(({ id }) => id)).toEqual([one.record.id]);
  await expect(gateway.keys.update(one.record.id, { budget: null }, { accountId: 'user_1' })).rejects.toMatchObject({
    code: 'forbidden',
  });
  expect((await gateway.keys.update(one.record.id, { budget: null })).budget).toBeNull();
});

test('a key can ask about itself, its usage and one request', async () => {
  const budget = { amount: '1', period: 'month' } as const;
  const { key, record } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop', budget, models: ['one'] });
  const { headers } = await ask(key);
  expect(headers['x-gateway-cost']).toBe('0.0015');
  expect((await ask(key, 'key')).json).toMatchObject({
    object: 'key',
    id: record.id,
    name: 'laptop',
    account_id: 'user_1',
    plan: 'free',
    models: ['one'],
    budget: { amount: '1', period: 'month', spent: '0.0015', resets_at: '2026-12-01T00:00:00.000Z' },
    expires_at: null,
  });
  const { json } = await ask(key, 'usage?group_by=model&scope=key');
  expect(json).toMatchObject({ object: 'list', data: [{ model: 'one', requests: 1, cost: '0.0015' }] });
  const id = headers['x-request-id'];
  expect((await ask(key, `requests/${id}`)).json).toMatchObject({ id, cost: '0.0015', keyId: record.id });
  const other = await gateway.keys.create({ accountId: 'user_2', name: 'other' });
  expect((await ask(other.key, `requests/${id}`)).status).toBe(404);
});

test('a group of usage that does not exist is refused by the name that the query has', async () => {
  const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
  const { status, json } = await ask(key, 'usage?group_by=model,week');
  expect(status).toBe(400);
  const message = expect.stringContaining("Invalid value for 'group_by': it must be of ");
  expect(json).toMatchObject({ error: { code: 'invalid_value', param: 'group_by', message } });
});

test('whoever asks on another plan than that of the account is shown what that plan includes', async () => {
  await gateway.configure({
    plans: {
      free: { models: '*' },
      pro: { models: '*', billing: 'prepaid', allowance: { amount: '5', per: 'month' } },
    },
    defaultPlan: 'free',
  });
  const shown = async (plan?: string) => {
    const answer = await gateway.fetchFor({ accountId: 'user_1', plan })('http://gateway.test/v1/key');
    return answer.json();
  };
  expect(await shown()).toMatchObject({ plan: 'free', allowances: [], available: null });
  expect(await shown('pro')).toMatchObject({ plan: 'pro', allowances: [{ amount: '5', left: '5' }], available: '5' });
});
