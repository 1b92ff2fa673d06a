import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type AdminSite, adminSite, ajv, document, KEY } from './admin-site.js';

let site: AdminSite;
beforeAll(async () => {
  site = await adminSite();
});
afterAll(() => site.close());

describe('an operator', () => {
  test('manages accounts, keys and money; every answer is as the document says', async () => {
    const created = await site.checked('POST', '/keys', '/keys', {
      accountId: 'user_1',
      name: 'laptop',
      budget: { amount: 5, period: 'day' },
    });
    const { key, record } = created as { key: string; record: { id: string } };
    await site.checked('POST', '/credits/top-up', '/credits/top-up', {
      accountId: 'user_1',
      amount: '10',
      idempotencyKey: 'a',
    });
    await site.checked('POST', '/credits/adjust', '/credits/adjust', {
      accountId: 'user_1',
      amount: -1,
      idempotencyKey: 'b',
      note: 'fee',
    });
    await site.checked('POST', '/promo-codes', '/promo-codes', { code: 'HELLO', amount: 5, maxRedemptions: 2 });
    await site.checked('POST', '/credits/redeem', '/credits/redeem', { accountId: 'user_1', code: 'HELLO' });
    expect(await site.checked('GET', '/accounts/{id}', '/accounts/user_1')).toMatchObject({
      plan: 'pro',
      balance: '14',
    });
    expect(await site.checked('PUT', '/accounts/{id}/plan', '/accounts/user_1/plan', { plan: 'free' })).toMatchObject({
      plan: 'free',
    });
    await site.checked('GET', '/accounts/{id}/overview', '/accounts/user_1/overview');
    await site.checked('PATCH', '/keys/{id}', `/keys/${record.id}`, { name: 'desk', budget: null });
    const request = await site.gateway.fetch(
      new Request('http://gateway.test/v1/chat/completions', {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'fast', messages: [{ role: 'user', content: 'Hi' }] }),
      }),
    );
    expect(request.status).toBe(200);
    await request.text();
    expect((await site.checked('GET', '/usage', '/usage?groupBy=day,model&accountId=user_1'))['data']).toMatchObject([
      { model: 'fast', requests: 1 },
    ]);
    expect((await site.checked('GET', '/usage/events', '/usage/events?accountId=user_1&limit=1'))['data']).toHaveLength(
      1,
    );
    expect(
      (await site.checked('GET', '/accounts/{id}/movements', '/accounts/user_1/movements?limit=2'))['data'],
    ).toHaveLength(2);
    await site.checked('GET', '/accounts/{id}/keys', '/accounts/user_1/keys');
    await site.checked('GET', '/accounts', '/accounts?search=user&limit=5');
    await site.checked('GET', '/promo-codes', '/promo-codes');
    await site.checked('POST', '/keys/{id}/revoke', `/keys/${record.id}/revoke`, {});
    await site.checked('GET', '/models', '/models?accountId=user_1');
    expect(await site.checked('GET', '/plans', '/plans')).toEqual({ data: ['pro', 'free'] });
    await site.checked('GET', '/health', '/health');
    expect(await site.checked('GET', '/check', '/check')).toMatchObject({ ok: true });
    await site.checked('GET', '/requests', '/requests?status=failed&limit=5');
    await site.checked('GET', '/request-failures', '/request-failures?from=2026-01-01');
    await site.checked('POST', '/maintenance/prune', '/maintenance/prune', {});
    const lines = await site.admin.fetch(
      new Request('http://gateway.test/admin/accounts/user_1/export', { headers: { authorization: `Bearer ${KEY}` } }),
    );
    expect((await lines.text()).split('\n')[0]).toMatch(/^\{"type":"account","id":"user_1"/);
    expect((await site.call('DELETE', '/accounts/user_1')).status).toBe(409);
  });

  test('suspends, grants, refunds, bounds, rotates, and ends what was given out', async () => {
    expect(
      await site.checked('POST', '/accounts', '/accounts', {
        id: 'user_2',
        plan: 'pro',
        grant: { amount: 3, reason: 'hello' },
      }),
    ).toMatchObject({ plan: 'pro', grants: [{ left: '3' }] });
    const grant = { accountId: 'user_2', amount: 2, idempotencyKey: 'g', expiresAt: Date.now() + 86_400_000 };
    expect(await site.checked('POST', '/credits/grant', '/credits/grant', grant)).toMatchObject({
      kind: 'grant',
      amount: '2',
    });
    const created = await site.checked('POST', '/keys', '/keys', {
      accountId: 'user_2',
      name: 'ci',
      metadata: { team: 'blue' },
      routes: ['chat/completions'],
      lockedBudget: true,
    });
    const { key, record } = created as { key: string; record: { id: string } };
    const ask = async (credential: string) => {
      const answer = await site.gateway.fetch(
        new Request('http://gateway.test/v1/chat/completions', {
          method: 'POST',
          headers: { authorization: `Bearer ${credential}`, 'content-type': 'application/json' },
          body: JSON.stringify({ model: 'fast', messages: [{ role: 'user', content: 'Hi' }] }),
        }),
      );
      await answer.text();
      return answer;
    };
    const requestId = (await ask(key)).headers.get('x-request-id');
    const refund = { requestId, accountId: 'user_2', reason: 'late' };
    expect((await site.checked('POST', '/credits/refund', '/credits/refund', refund))['data']).toMatchObject([
      { kind: 'refund' },
    ]);
    expect(await site.call('POST', '/credits/refund', refund)).toMatchObject({
      status: 409,
      body: { error: { code: 'already_refunded' } },
    });
    const kinds = (path: string) => site.checked('GET', '/accounts/{id}/movements', path).then(({ data }) => data);
    expect(await kinds('/accounts/user_2/movements')).toHaveLength(4);
    expect(await kinds('/accounts/user_2/movements?usage=false')).toHaveLength(3);

    const rotated = await site.checked('POST', '/keys/{id}/rotate', `/keys/${record.id}/rotate`, { overlap: '1h' });
    const next = rotated as { key: string; record: { id: string } };
    expect([(await ask(key)).status, (await ask(next.key)).status]).toEqual([200, 200]);
    await site.checked('POST', '/keys/{id}/disable', `/keys/${next.record.id}/disable`, {});
    expect((await ask(next.key)).status).toBe(401);
    await site.checked('POST', '/keys/{id}/enable', `/keys/${next.record.id}/enable`, {});
    expect((await ask(next.key)).status).toBe(200);

    expect(
      await site.checked('PUT', '/accounts/{id}/budget', '/accounts/user_2/budget', {
        budget: { amount: 1, period: 'day' },
      }),
    ).toMatchObject({ budget: { amount: '1', period: 'day' } });
    expect(await site.checked('GET', '/accounts/{id}/budget', '/accounts/user_2/budget')).toMatchObject({
      amount: '1',
      period: 'day',
      held: '0',
    });
    await site.checked(
      'GET',
      '/accounts/{id}/budget',
      `/accounts/user_2/budget?subject=key&value=${record.id}&period=total`,
    );
    const week = await site.checked('GET', '/accounts/{id}/budget', '/accounts/user_2/budget?period=week');
    expect(week).toMatchObject({ amount: null, period: 'week' });

    const session = await site.checked('POST', '/sessions', '/sessions', {
      accountId: 'user_2',
      ttl: '15m',
      endUser: 'visitor',
    });
    const { id, token } = session as { id: string; token: string };
    expect((await ask(token)).status).toBe(200);
    await site.checked('POST', '/sessions/{id}/revoke', `/sessions/${id}/revoke`, {});
    expect((await ask(token)).status).toBe(401);

    await site.checked('POST', '/accounts/{id}/suspend', '/accounts/user_2/suspend', { reason: 'chargeback' });
    expect((await ask(key)).status).toBe(403);
    await site.checked('POST', '/accounts/{id}/resume', '/accounts/user_2/resume', {});
    expect((await ask(key)).status).toBe(200);

    await site.checked('POST', '/promo-codes', '/promo-codes', { code: 'LEAKED', amount: 5, newAccountsOnly: true });
    await site.checked('POST', '/promo-codes/{id}/disable', '/promo-codes/LEAKED/disable', {});
    expect(await site.call('POST', '/credits/redeem', { accountId: 'user_3', code: 'LEAKED' })).toMatchObject({
      status: 410,
    });
    const below = { accountId: 'user_2', amount: -500, idempotencyKey: 'd', allowNegative: true };
    expect(await site.checked('POST', '/credits/adjust', '/credits/adjust', below)).toMatchObject({ amount: '-500' });
  });

  test('reads what many accounts and keys used at once', async () => {
    const keyBudget = { amount: '5', period: 'month' } as const;
    const { record } = await site.gateway.keys.create({ accountId: 'user_many', name: 'bound', budget: keyBudget });
    const ids = 'accountIds=user_many,user_unknown';
    const used = await site.checked('GET', '/usage/accounts', `/usage/accounts?${ids}&from=2026-01-01`);
    const nothing = { requests: 0, cost: '0', providerCost: null, margin: null, lastAt: null };
    expect(used).toEqual({
      data: [
        { accountId: 'user_many', ...nothing },
        { accountId: 'user_unknown', ...nothing },
      ],
    });
    expect(await site.checked('GET', '/newest-requests', `/newest-requests?${ids}`)).toEqual({ data: [] });
    expect(await site.checked('GET', '/accounts/{id}/key-budgets', '/accounts/user_many/key-budgets')).toMatchObject({
      data: [{ keyId: record.id, amount: '5', period: 'month', spent: '0', held: '0' }],
    });
    const listed = await site.checked('GET', '/accounts', '/accounts?ids=user_unknown,user_many');
    expect(listed).toMatchObject({ data: [{ id: 'user_many' }] });
  });

  test('can do over HTTP whatever the management methods do', () => {
    const groups = [
      'accounts',
      'keys',
      'sessions',
      'credits',
      'promoCodes',
      'budgets',
      'usage',
      'requests',
      'maintenance',
    ] as const;
    const methods = groups.flatMap((group) => Object.keys(site.gateway[group]).map((method) => `${group}.${method}`));
    const offered = new Set(
      Object.values(document.paths).flatMap((path) => Object.values(path).map((one) => one.operationId)),
    );
    // A subscription is of one process, and keys.find reads a key by its id as well.
    const apart = ['usage.subscribe', 'keys.get'];
    expect(methods.filter((method) => !offered.has(method) && !apart.includes(method))).toEqual([]);
    expect(methods.length).toBeGreaterThan(30);
  });

  test.each([
    [
      'POST',
      '/promo-codes',
      { code: 'B', amount: 1, maxRedemption: 1 },
      'maxRedemption',
      "Did you mean 'maxRedemptions'?",
    ],
    ['GET', '/usage?acountId=user_1', undefined, 'acountId', "Did you mean 'accountId'?"],
    ['GET', '/usage?groupBy=week', undefined, 'groupBy', 'week'],
    ['POST', '/keys', { name: 'x' }, 'accountId', 'is missing'],
    ['POST', '/credits/top-up', { accountId: 'a', amount: 'ten', idempotencyKey: 'x' }, 'amount', 'not an amount'],
    ['GET', '/requests?status=50', undefined, 'status', 'HTTP status'],
  ])('is told which field is wrong: %s %s', async (method, path, body, param, text) => {
    const seen = await site.call(method, path, body);
    expect(seen.status).toBe(400);
    expect(seen.body).toMatchObject({ error: { param } });
    if (text !== 'week') expect(JSON.stringify(seen.body)).toContain(text);
    expect(ajv.validate({ ...document.components.schemas['Error'], components: document.components }, seen.body)).toBe(
      true,
    );
  });

  test('hears of what does not exist, and which methods a path has', async () => {
    expect(await site.call('GET', '/accounts/nobody')).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found' } },
    });
    expect((await site.call('DELETE', '/plans')).status).toBe(405);
    expect((await site.call('POST', '/keys/..%2f/revoke', {})).status).toBe(404);
  });
});
