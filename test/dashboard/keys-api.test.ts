import { describe, expect, test } from 'vitest';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { dashboardClient } from './client.js';

interface Created {
  key: string;
  record: { id: string; name: string; hint: string };
}

interface Listed {
  data: Record<string, unknown>[];
}

function setUp() {
  const gateway = sampleGateway();
  return { gateway, client: dashboardClient(gateway) };
}

describe('the keys API', () => {
  test('shows a new key once: no later answer holds it', async () => {
    const { client } = setUp();
    const created = await client.post('/api/keys', 'alice', { name: 'laptop' });
    expect(created.status).toBe(200);
    expect(created.headers['cache-control']).toBe('no-store');
    const { key, record } = created.json<Created>();
    expect(key).toMatch(/^napi-/);

    const listed = await client.get('/api/keys', 'alice');
    expect(listed.text).not.toContain(key);
    expect(listed.json<Listed>().data).toMatchObject([
      { id: record.id, name: 'laptop', hint: record.hint, revokedAt: null },
    ]);
  });

  test('keeps expiry, budget and models, and removes them with null', async () => {
    const { client } = setUp();
    const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
    const settings = { expiresAt, budget: { amount: '12.5', period: 'month' }, models: ['gpt-4o-mini'] };
    const { record } = (await client.post('/api/keys', 'alice', { name: 'ci', ...settings })).json<Created>();
    expect(record).toMatchObject(settings);

    const changed = await client.post(`/api/keys/${record.id}`, 'alice', {
      name: 'build',
      expiresAt: null,
      budget: null,
      models: null,
    });
    expect(changed.json()).toMatchObject({ name: 'build', expiresAt: null, budget: null, models: null });
  });

  test('revokes a key for good', async () => {
    const { client } = setUp();
    const { record } = (await client.post('/api/keys', 'alice', { name: 'laptop' })).json<Created>();
    expect((await client.post(`/api/keys/${record.id}/revoke`, 'alice', {})).status).toBe(200);
    const [key] = (await client.get('/api/keys', 'alice')).json<Listed>().data;
    expect(key?.['revokedAt']).toMatch(/^\d{4}-/);
  });

  test.each([
    ['a field that nobody knows', { name: 'x', accountId: 'bob' }, 'accountId'],
    ['a field inside a field', { name: 'x', budget: { amount: '1', period: 'day', spent: '0' } }, 'budget.spent'],
    ['a prototype', '{"name":"x","__proto__":{"admin":true}}', '__proto__'],
    ['no name', {}, 'name'],
    ['a blank name', { name: '   ' }, 'name'],
    ['a name of the wrong type', { name: 7 }, 'name'],
    ['an endless name', { name: 'x'.repeat(101) }, 'name'],
    ['an amount that is no decimal string', { name: 'x', budget: { amount: '1e9', period: 'day' } }, 'budget.amount'],
    ['an unknown period', { name: 'x', budget: { amount: '1', period: 'year' } }, 'budget.period'],
    ['a time that is none', { name: 'x', expiresAt: 'soon' }, 'expiresAt'],
    ['a time in the past', { name: 'x', expiresAt: '2020-01-01T00:00:00Z' }, 'expiresAt'],
    ['a model that the plan lacks', { name: 'x', models: ['gpt-4o-mini', 'gpt-4o'] }, 'models[1]'],
    ['no model at all', { name: 'x', models: [] }, 'models'],
  ])('refuses %s and names the field', async (_, body, field) => {
    const { client, gateway } = setUp();
    const answer = await client.post('/api/keys', 'alice', body);
    expect(answer.status).toBe(400);
    expect(answer.json<{ error: { param: string } }>().error.param).toBe(field);
    expect(await gateway.keys.list('alice')).toEqual([]);
  });

  test.each([
    ['no JSON', '{"name":', 'invalid_json'],
    ['no object', '["name"]', 'invalid_type'],
  ])('refuses a body that is %s', async (_, body, code) => {
    const { client } = setUp();
    const answer = await client.post('/api/keys', 'alice', body);
    expect([answer.status, answer.json<{ error: { code: string } }>().error.code]).toEqual([400, code]);
  });
});

describe('session tokens', () => {
  test('are listed apart from keys, with whom they are for, and ended by their account', async () => {
    const { gateway, client } = setUp();
    const { id, token } = await gateway.sessions.create({
      accountId: 'alice',
      ttl: '1h',
      endUser: 'visitor_7',
      budget: '2',
    });
    const listed = await client.get('/api/sessions', 'alice');
    expect(listed.text).not.toContain(token);
    expect(listed.json<Listed>().data).toMatchObject([
      { id, endUser: 'visitor_7', budget: '2', revokedAt: null, lastUsedAt: null },
    ]);
    expect((await client.get('/api/keys', 'alice')).json<Listed>().data).toEqual([]);
    expect((await client.post(`/api/sessions/${id}/revoke`, 'alice', {})).status).toBe(200);
    const [ended] = (await client.get('/api/sessions', 'alice')).json<Listed>().data;
    expect(ended?.['revokedAt']).toMatch(/^\d{4}-/);
  });

  test('the playground goes on with a new one when its own was ended', async () => {
    const { gateway, client } = setUp();
    const chat = { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }] };
    expect((await client.post('/api/playground/chat', 'alice', chat)).status).toBe(200);
    const [session] = await gateway.sessions.list('alice');
    await client.post(`/api/sessions/${session?.id}/revoke`, 'alice', {});
    expect((await client.post('/api/playground/chat', 'alice', chat)).status).toBe(200);
  });
});

test('a rotated key shows what all keys of the rotation spent of their budget', async () => {
  const { gateway, client } = setUp();
  const budget = { amount: '5', period: 'month' } as const;
  const old = await gateway.keys.create({ accountId: 'alice', name: 'server', budget });
  const call = (key: string) =>
    gateway.fetch(
      new Request('http://app.example/v1/chat/completions', {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }] }),
      }),
    );
  expect((await call(old.key)).status).toBe(200);
  const next = await gateway.keys.rotate(old.record.id, { accountId: 'alice', overlap: '1h' });
  expect((await call(next.key)).status).toBe(200);
  const { data } = (await client.get('/api/keys', 'alice')).json<Listed>();
  expect(Object.fromEntries(data.map(({ id, budgetSpent }) => [id, budgetSpent]))).toEqual({
    [old.record.id]: '0.0009',
    [next.record.id]: '0.0009',
  });
});
