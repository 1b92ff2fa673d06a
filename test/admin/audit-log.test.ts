import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAdminApi, operatorKeys } from '../../src/admin/index.js';
import { OPERATIONS } from '../../src/admin/operations.js';
import { en } from '../../src/dashboard/messages/en.js';
import { testLogger } from '../helpers/test-logger.js';
import { type AdminSite, adminSite, KEY } from './admin-site.js';

let site: AdminSite;
beforeAll(async () => {
  site = await adminSite();
});
afterAll(() => site.close());

describe('the audit log', () => {
  const named = () =>
    createAdminApi({
      gateway: site.gateway,
      authenticate: operatorKeys({ ada: KEY, bob: `${KEY}-2` }),
      logger: testLogger,
    });
  const change = async (admin: ReturnType<typeof named>, method: string, path: string, body: object, key = KEY) => {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const request = { method, headers, ...(method !== 'GET' && { body: JSON.stringify(body) }) };
    const answer = await admin.fetch(new Request(`http://gateway.test/admin${path}`, request));
    expect(answer.status).toBe(200);
    return (await answer.json()) as Record<string, Record<string, unknown>>;
  };

  test('has what named operators changed, each under its name', async () => {
    const api = named();
    await change(api, 'PUT', '/accounts/audited/plan', { plan: 'free' });
    const grant = { accountId: 'audited', amount: '5', idempotencyKey: 'g1', reason: 'sorry' };
    await change(api, 'POST', '/credits/grant', grant, `${KEY}-2`);
    await change(api, 'PATCH', '/accounts/audited/profile', { note: 'secret' });
    const budget = { amount: '3', period: 'week' };
    const { record } = await change(api, 'POST', '/keys', { accountId: 'audited', name: 'laptop', budget });
    await change(api, 'POST', `/keys/${record?.['id']}/revoke`, {});
    await change(api, 'GET', '/accounts/audited', {});
    const noted = (await site.gateway.changes.list({ accountId: 'audited' })) ?? [];
    // Those of one millisecond stand in any order.
    const sorted = noted.toSorted((a, b) => (a.action < b.action ? 1 : -1));
    expect(sorted.map(({ id: _id, at: _at, ...rest }) => rest)).toEqual([
      { operator: 'ada', action: 'key.revoke', accountId: 'audited', subject: 'laptop', details: {} },
      { operator: 'ada', action: 'key.create', accountId: 'audited', subject: 'laptop', details: { budget } },
      { operator: 'ada', action: 'account.profile', accountId: 'audited', details: {} },
      { operator: 'ada', action: 'account.plan', accountId: 'audited', details: { plan: 'free' } },
      {
        ...{ operator: 'bob', action: 'account.grant', accountId: 'audited' },
        details: { amount: '5', reason: 'sorry' },
      },
    ]);
  });

  test('has nothing of operators without a name, and none of what was refused', async () => {
    const before = await site.gateway.changes.list();
    await site.checked('PUT', '/accounts/{id}/plan', '/accounts/user_9/plan', { plan: 'free' });
    const refused = new Request('http://gateway.test/admin/accounts/user_9/plan', {
      ...{ method: 'PUT', headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' } },
      body: JSON.stringify({ plan: 'gold' }),
    });
    expect((await named().fetch(refused)).status).toBe(400);
    expect(await site.gateway.changes.list()).toEqual(before);
  });

  test('has a line, with a text in the dashboard, for whatever changes something', () => {
    const silent = OPERATIONS.filter(({ method, note }) => (method === 'GET') !== (note === undefined));
    expect(silent.map(({ name }) => name)).toEqual([]);
    const input = { id: 'a', query: {}, body: {} };
    const actions = OPERATIONS.flatMap(({ note }) => note?.(input, {}).action ?? []);
    for (const action of actions) expect(Object.keys(en)).toContain(`change.${action}`);
  });

  test('that can not be written fails nothing, and is logged', async () => {
    const logged: unknown[] = [];
    const changes = { ...site.gateway.changes, record: () => Promise.reject(new Error('the disk is full')) };
    const api = createAdminApi({
      gateway: { ...site.gateway, changes },
      authenticate: operatorKeys({ ada: KEY }),
      logger: { ...testLogger, error: (fields) => void logged.push(fields) },
    });
    await change(api, 'PUT', '/accounts/user_9/plan', { plan: 'pro' });
    expect(logged).toMatchObject([{ operator: 'ada', operation: 'accounts.setPlan' }]);
  });
});
