import { expect, test } from 'vitest';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { testLogger } from '../helpers/test-logger.js';
import { dashboardClient } from './client.js';

async function setUp() {
  const gateway = sampleGateway();
  const client = dashboardClient(gateway, {
    authenticate: ({ headers }) => {
      const accountId = String(headers['x-account'] ?? '');
      if (accountId === 'operator') return { accountId, role: 'admin' };
      return accountId === ''
        ? null
        : { accountId, displayName: `Ms. ${accountId}`, email: `${accountId}@Example.com` };
    },
  });
  const operate = async (path: string, body: object) => {
    const answer = await client.post(`/api/operator/${path}`, 'operator', body);
    expect([answer.status, answer.text]).toEqual([200, answer.text]);
    return answer.json();
  };
  return { gateway, client, operate };
}

test('accounts are remembered by the names that the host gives, and found by them', async () => {
  const { client, gateway } = await setUp();
  await client.get('/api/session', 'ada');
  await client.get('/api/session', 'bob');
  expect(await gateway.accounts.get('ada')).toMatchObject({ displayName: 'Ms. ada', email: 'ada@Example.com' });
  for (const search of ['ada', 'MS. ADA', 'ada@example']) {
    const { data } = (
      await client.get(`/api/operator/accounts?search=${encodeURIComponent(search)}`, 'operator')
    ).json<{ data: { id: string }[] }>();
    expect(data.map(({ id }) => id)).toEqual(['ada']);
  }
});

test('a key is found by its hint, and leads to its account', async () => {
  const { client, gateway } = await setUp();
  const { record } = await gateway.keys.create({ accountId: 'ada', name: 'laptop' });
  const answer = await client.get(`/api/operator/accounts?search=${encodeURIComponent(record.hint)}`, 'operator');
  expect(answer.json()).toMatchObject({ data: [], found: { kind: 'key', id: record.id, accountId: 'ada' } });
});

test('an operator grants, bounds, suspends, resumes and annotates an account; the account never sees the note', async () => {
  const { client, gateway, operate } = await setUp();
  await gateway.accounts.setPlan('ada', 'pro');
  await operate('accounts/ada/grant', { amount: '5', idempotencyKey: 'g1', reason: 'goodwill' });
  await operate('accounts/ada/grant', { amount: '5', idempotencyKey: 'g1', reason: 'goodwill' });
  await operate('accounts/ada/budget', { budget: { amount: '3', period: 'month' } });
  await operate('accounts/ada/note', { note: 'calls on Mondays' });
  await operate('accounts/ada/suspend', { reason: 'spam' });
  const shown = (await client.get('/api/operator/accounts/ada', 'operator')).json();
  expect(shown).toMatchObject({
    note: 'calls on Mondays',
    budget: { amount: '3', period: 'month' },
    available: '3',
    grants: [{ left: '5', reason: 'goodwill (by operator)' }],
    suspended: { reason: 'spam (by operator)' },
  });
  expect((await client.get('/api/account', 'ada')).text).not.toContain('Mondays');
  await operate('accounts/ada/resume', {});
  await operate('accounts/ada/budget', { budget: null });
  await operate('accounts/ada/note', { note: null });
  expect(await gateway.accounts.get('ada')).toMatchObject({ suspended: null, budget: null, note: null });
});

test('a budget that the operator locked stays, whatever its account does', async () => {
  const { client, gateway, operate } = await setUp();
  const { record } = await gateway.keys.create({ accountId: 'ada', name: 'laptop' });
  await operate(`keys/${record.id}`, { budget: { amount: '50', period: 'month' }, lockedBudget: true });
  const answer = await client.post(`/api/keys/${record.id}`, 'ada', { budget: null });
  expect(answer.status).toBe(403);
  expect((await client.post(`/api/keys/${record.id}`, 'ada', { name: 'renamed' })).status).toBe(200);
  expect(await gateway.keys.list('ada')).toMatchObject([{ name: 'renamed', budget: { amount: '50' } }]);
});

test('a promo code is made with an end of its credit, redeemed in any case, and disabled', async () => {
  const { client, operate } = await setUp();
  await operate('promo-codes', { code: 'Spring', amount: '3', creditDays: 30, newAccountsOnly: true });
  expect((await client.post('/api/credits/redeem', 'ada', { code: 'sPrInG' })).status).toBe(200);
  await operate('promo-codes/SPRING/disable', {});
  const refused = await client.post('/api/credits/redeem', 'bob', { code: 'SPRING' });
  expect(refused.json()).toMatchObject({ error: { code: 'promo_code_disabled' } });
  const file = await client.get('/api/operator/promo-codes.csv', 'operator');
  expect(file.text.split('\r\n')[1]).toMatch(/^SPRING,3,1,,/);
});

test('a chat of the playground runs on the account’s own plan and money, and shows no key', async () => {
  const { client, gateway } = await setUp();
  const asked = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }], temperature: 0.5, maxTokens: 50 };
  const answer = await client.post('/api/playground/chat', 'ada', asked);
  expect(answer.headers['content-type']).toMatch(/^text\/event-stream/);
  expect(answer.text).toContain('data: [DONE]');
  expect(answer.text).not.toMatch(/napi-/);
  expect(await gateway.usage.events({ accountId: 'ada' })).toMatchObject([
    { via: 'session', keyId: null, session: 'playground', model: 'gpt-4o-mini' },
  ]);
  expect(await gateway.keys.list('ada')).toEqual([]);
  const refused = await client.post('/api/playground/chat', 'ada', { ...asked, model: 'gpt-4o' });
  expect(refused.status).toBe(403);
});

test('a target is tested alone, and one that is not configured is refused', async () => {
  const { client, operate } = await setUp();
  const tested = await operate('health/test', { target: 'openai/gpt-4o' });
  expect(tested).toMatchObject({ target: 'openai/gpt-4o', ok: true, error: null });
  const answer = await client.post('/api/operator/health/test', 'operator', { target: 'openai/gpt-5' });
  expect([answer.status, answer.text]).toEqual([400, expect.stringContaining("'openai/gpt-5' is not a target")]);
});

test('an account’s page has its limits as they stand, and the newest hundred of its keys', async () => {
  const { client, gateway } = await setUp();
  for (let i = 0; i < 101; i += 1) await gateway.keys.create({ accountId: 'ada', name: `key ${i}` });
  const account = (await client.get('/api/operator/accounts/ada', 'operator')).json<{ keys: { name: string }[] }>();
  expect(account).toMatchObject({
    keyCount: 101,
    limits: { requestsPerMinute: 20 },
    limitsNow: [
      { kind: 'requests', limit: 20, remaining: 20 },
      { kind: 'tokens', limit: 40_000 },
    ],
  });
  expect(account.keys.map(({ name }) => name)).toEqual(Array.from({ length: 100 }, (_, i) => `key ${100 - i}`));
});

test('health says how often targets failed and how long they took', async () => {
  const { client } = await setUp();
  await client.post('/api/playground/chat', 'ada', {
    model: 'gpt-4o-mini',
    messages: [{ role: 'user', content: 'Hi' }],
  });
  const health = (await client.get('/api/operator/health', 'operator')).json<{ data: unknown[] }>();
  expect(health).toMatchObject({ logged: true, models: [{ id: 'gpt-4o-mini', tries: 1, failed: 0 }] });
  expect(health.data).toContainEqual(
    expect.objectContaining({ target: 'openai/gpt-4o-mini', outcomes: expect.objectContaining({ tries: 1 }) }),
  );
});

test('the host’s name, color and words are served, and wrong ones are refused at start', async () => {
  const { gateway } = await setUp();
  const client = dashboardClient(gateway, {
    accent: '#ffdd00',
    logo: '/logo.svg',
    logoutUrl: '/logout',
    messages: { de: { 'nav.keys': 'API-Schlüssel' } },
  });
  const theme = /theme\.[0-9a-f]{12}\.css/.exec((await client.get('/', 'ada')).text)?.[0];
  const css = await client.get(`/${theme}`);
  expect([css.status, css.headers['content-type']]).toEqual([200, 'text/css; charset=utf-8']);
  expect(css.text).toMatch(/^:root\{--accent:#[0-9a-f]{6};/);
  expect((await client.get('/api/session', 'ada')).json()).toMatchObject({ logo: '/logo.svg', languages: ['de'] });
  expect((await client.get('/api/messages/de', 'ada')).json()).toEqual({ 'nav.keys': 'API-Schlüssel' });
  const wrong = { accent: 'red', logo: 'https://evil.example/x.png', messages: { de: { nope: 'x' } } };
  expect(() => dashboardClient(gateway, wrong as object)).toThrow(/logo.*accent.*there is no text nope/s);
});

test('the spend of an account is that of its report of 30 UTC days', async () => {
  const { client, gateway, operate } = await setUp();
  await operate('accounts/ada/note', { note: 'x' });
  const { key } = await gateway.keys.create({ accountId: 'ada', name: 'server' });
  const chat = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }] };
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  await gateway.fetch(
    new Request('http://app.example/v1/chat/completions', { method: 'POST', headers, body: JSON.stringify(chat) }),
  );
  const day = 86_400_000;
  const today = Math.floor(Date.now() / day) * day;
  const range = `from=${new Date(today - 29 * day).toISOString()}&to=${new Date(today + day).toISOString()}`;
  const report = await client.get(`/api/operator/usage/report?${range}&unit=day&group=account`, 'operator');
  const { groups } = report.json<{ groups: { id: string; cost: string }[] }>();
  const { spend } = (await client.get('/api/operator/accounts/ada', 'operator')).json();
  expect(groups).toMatchObject([{ id: 'ada', cost: '0.00045' }]);
  expect(spend).toBe('0.00045');
});

test('reports and requests of all accounts say what accounts are called', async () => {
  const { client, gateway } = await setUp();
  await client.get('/api/session', 'ada');
  const { key } = await gateway.keys.create({ accountId: 'ada', name: 'server' });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  await gateway.fetch(new Request('http://app.example/v1/chat/completions', { method: 'POST', headers, body: '{}' }));
  const requests = await client.get('/api/operator/requests', 'operator');
  expect(requests.json()).toMatchObject({ data: [{ accountId: 'ada' }], names: { ada: 'Ms. ada' } });
});

test('accounts say when they were last seen, those that were refused, too', async () => {
  const { client, gateway, operate } = await setUp();
  await operate('accounts/ada/note', { note: 'x' });
  await operate('accounts/bob/note', { note: 'x' });
  const { key } = await gateway.keys.create({ accountId: 'ada', name: 'server' });
  const before = Date.now();
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ model: 'no-such-model', messages: [] });
  await gateway.fetch(new Request('http://app.example/v1/chat/completions', { method: 'POST', headers, body }));
  const { data } = (await client.get('/api/operator/accounts', 'operator')).json<{
    data: { id: string; lastSeenAt: string | null }[];
  }>();
  const [ada, bob] = data;
  expect(Date.parse(ada?.lastSeenAt ?? '')).toBeGreaterThanOrEqual(before);
  expect([bob?.id, bob?.lastSeenAt]).toEqual(['bob', null]);
  expect((await client.get('/api/operator/accounts/ada', 'operator')).json()).toMatchObject({
    lastSeenAt: ada?.lastSeenAt,
  });
});

test('the overview compares with the days before, and names who spent most and who has nothing left', async () => {
  const { client, gateway } = await setUp();
  await client.get('/api/session', 'ada');
  const { key } = await gateway.keys.create({ accountId: 'ada', name: 'server' });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const call = (model: string) =>
    gateway.fetch(
      new Request('http://app.example/v1/chat/completions', {
        method: 'POST',
        headers,
        body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }] }),
      }),
    );
  await call('gpt-4o-mini');
  await gateway.accounts.setPlan('ada', 'pro');
  await gateway.credits.topUp({ accountId: 'ada', amount: '0.5', idempotencyKey: 'x' });
  await call('gpt-4o');
  const overview = (await client.get('/api/operator/overview?range=week', 'operator')).json();
  expect(overview).toMatchObject({
    now: { requests: 2, cost: '0.00795' },
    before: { requests: 0, cost: '0' },
    outcomes: { tries: 2, failed: 0 },
    models: [
      { id: 'gpt-4o', requests: 1, cost: '0.0075', providerCost: '0.006', margin: '0.0015', outcomes: { tries: 1 } },
      { id: 'gpt-4o-mini', requests: 1, cost: '0.00045', providerCost: null, margin: null },
    ],
    spenders: [{ id: 'ada', cost: '0.00795' }],
    low: [{ id: 'ada', name: 'Ms. ada', available: '0.4925' }],
    names: { ada: 'Ms. ada' },
  });
});

test('usage of all accounts adds up by month', async () => {
  const { client, gateway } = await setUp();
  const { key } = await gateway.keys.create({ accountId: 'ada', name: 'server' });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const body = JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }] });
  for (let index = 0; index < 2; index += 1)
    await gateway.fetch(new Request('http://app.example/v1/chat/completions', { method: 'POST', headers, body }));
  const month = new Date().toISOString().slice(0, 7);
  const year = new Date().getUTCFullYear();
  const range = `from=${year}-01-01T00:00:00Z&to=${year + 1}-01-01T00:00:00Z`;
  const file = await client.get(`/api/operator/usage.csv?${range}&by=month`, 'operator');
  expect(file.text.split('\r\n').slice(1)).toEqual([`${month},ada,gpt-4o-mini,2,2000,1000,0.0009,,`, '']);
});

test('every write of an operator is logged with who it was, and no read', async () => {
  const logged: object[] = [];
  const info = (fields: object) => void logged.push(fields);
  const gateway = sampleGateway();
  const client = dashboardClient(gateway, { logger: { debug() {}, info, warn() {}, error: testLogger.error } });
  await client.get('/api/operator/accounts', 'operator');
  await client.post('/api/operator/accounts/ada/plan', 'operator', { plan: 'pro' });
  expect(logged).toEqual([{ operator: 'operator', path: 'api/operator/accounts/ada/plan' }]);
});

test('an operator sees the names of all models, also of those that the own plan lacks', async () => {
  const { client } = await setUp();
  const own = (await client.get('/api/models', 'operator')).json<{ data: { id: string }[] }>();
  expect(own.data.map(({ id }) => id)).toEqual(['gpt-4o-mini']);
  const all = (await client.get('/api/operator/models', 'operator')).json();
  expect(all).toEqual({
    data: [
      { id: 'gpt-4o' },
      { id: 'gpt-4o-mini' },
      { id: 'claude-sonnet-4-5' },
      { id: 'claude-haiku-4-5' },
      { id: 'gemini-2.5-flash' },
    ],
  });
});
