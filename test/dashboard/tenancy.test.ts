import { describe, expect, test } from 'vitest';
import { recordSampleUsage } from '../../scripts/sample-usage.js';
import type { Route } from '../../src/dashboard/api/route.js';
import { ROUTES } from '../../src/dashboard/api/routes.js';
import { memoryStore } from '../../src/index.js';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { dashboardClient } from './client.js';

/** Every text that only the victim may see holds this. */
const SECRET = 'canary';
const ATTACKER = 'mallory';

const RANGE = 'from=2026-01-01T00:00:00Z&to=2026-12-31T00:00:00Z';

/** What each route needs to get past the checks of its fields: without an entry here a new route fails the sweep. */
const REQUESTS: Readonly<Record<string, { readonly query?: string; readonly body?: object }>> = {
  'GET api/session': {},
  'GET api/messages/{id}': {},
  'GET api/account': {},
  'GET api/home': {},
  'GET api/requests': {},
  'GET api/requests.csv': {},
  'GET api/requests/{id}': {},
  'GET api/keys': {},
  'GET api/keys/activity': {},
  'POST api/keys': { body: { name: 'mine' } },
  'POST api/keys/{id}': { body: { name: 'stolen' } },
  'POST api/keys/{id}/revoke': { body: {} },
  'POST api/keys/{id}/rotate': { body: { overlap: '24h' } },
  'POST api/keys/{id}/disable': { body: {} },
  'POST api/keys/{id}/enable': { body: {} },
  'POST api/playground/chat': { body: { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }] } },
  'GET api/usage': { query: `${RANGE}&groupBy=model,key,day` },
  'GET api/usage/report': { query: `${RANGE}&group=key&unit=day` },
  'GET api/usage.csv': { query: RANGE },
  'GET api/usage/events': {},
  'GET api/credits': {},
  'GET api/credits/month': { query: 'month=2026-06' },
  'GET api/credits/month.csv': { query: 'month=2026-06' },
  'POST api/credits/redeem': { body: { code: 'HELLO' } },
  'GET api/models': {},
  'GET api/operator/accounts': {},
  'GET api/operator/accounts.csv': {},
  'GET api/operator/accounts/{id}': {},
  'POST api/operator/accounts/{id}/grant': { body: { amount: '5', idempotencyKey: 'x' } },
  'POST api/operator/accounts/{id}/refund': { body: { requestId: 'req_1' } },
  'POST api/operator/accounts/{id}/budget': { body: { budget: null } },
  'POST api/operator/accounts/{id}/suspend': { body: {} },
  'POST api/operator/accounts/{id}/resume': { body: {} },
  'POST api/operator/accounts/{id}/note': { body: { note: 'x' } },
  'POST api/operator/keys/{id}': { body: { lockedBudget: false } },
  'POST api/operator/keys/{id}/revoke': { body: {} },
  'GET api/operator/promo-codes.csv': {},
  'POST api/operator/promo-codes/{id}/disable': { body: {} },
  'POST api/operator/accounts/{id}/plan': { body: { plan: 'pro' } },
  'POST api/operator/accounts/{id}/adjust': { body: { amount: '5', idempotencyKey: 'x' } },
  'GET api/operator/promo-codes': {},
  'POST api/operator/promo-codes': { body: { code: 'MINE', amount: '100' } },
  'GET api/operator/usage': { query: RANGE },
  'GET api/operator/usage.csv': { query: RANGE },
  'GET api/operator/usage/report': { query: `${RANGE}&group=account&unit=day` },
  'GET api/operator/requests': {},
  'GET api/operator/requests.csv': {},
  'GET api/operator/requests/{id}': {},
  'GET api/operator/health': {},
};

const nameOf = ({ method, path }: Route) => `${method} ${path}`;

async function setUp() {
  const store = memoryStore();
  const gateway = sampleGateway(store);
  const victim = `${SECRET}-account`;
  await gateway.accounts.setPlan(victim, 'pro');
  await gateway.credits.topUp({ accountId: victim, amount: '100', idempotencyKey: `${SECRET}-payment` });
  await gateway.promoCodes.create({ code: 'HELLO', amount: '1' });
  const { record } = await gateway.keys.create({ accountId: victim, name: `${SECRET} key` });
  await recordSampleUsage({
    meter: store.meter,
    requests: store.requests,
    accountId: victim,
    keyIds: [record.id],
    prices: { 'gpt-4o': { input: 1, output: 2 } },
    days: 3,
    now: Date.UTC(2026, 5, 10),
  });
  const state = async () => ({
    keys: await gateway.keys.list(victim),
    account: await gateway.accounts.get(victim),
    history: await gateway.credits.history(victim),
  });
  return { gateway, client: dashboardClient(gateway), victim, keyId: record.id, state };
}

type Setup = Awaited<ReturnType<typeof setUp>>;

async function call({ client }: Setup, route: Route, id: string, account: string | undefined) {
  const { query = '', body = {} } = REQUESTS[nameOf(route)] ?? {};
  const path = `/${route.path.replace('{id}', encodeURIComponent(id))}?${query}`;
  return route.method === 'GET' ? client.get(path, account) : client.post(path, account, body);
}

describe('the table of routes', () => {
  test('is swept in full', () => {
    expect(Object.keys(REQUESTS).sort()).toEqual(ROUTES.map(nameOf).sort());
  });

  test('has operator routes exactly below api/operator', () => {
    for (const route of ROUTES)
      expect(route.access, route.path).toBe(route.path.startsWith('api/operator/') ? 'operator' : 'account');
  });
});

describe.each(ROUTES.map((route) => [nameOf(route), route] as const))('%s', (_, route) => {
  test('answers 401 to nobody', async () => {
    const setup = await setUp();
    const before = await setup.state();
    const answer = await call(setup, route, setup.keyId, undefined);
    expect([answer.status, answer.json<{ error: { code: string } }>().error.code]).toEqual([401, 'unauthenticated']);
    expect(await setup.state()).toEqual(before);
  });

  test('shows and changes nothing of another account', async () => {
    const setup = await setUp();
    const before = await setup.state();
    for (const id of [setup.keyId, setup.victim]) {
      const answer = await call(setup, route, id, ATTACKER);
      expect(answer.text).not.toContain(SECRET);
      expect(answer.text).not.toContain(setup.keyId);
      if (route.access === 'operator') expect(answer.status).toBe(403);
      else if (route.path.includes('{id}')) expect(answer.status).toBe(404);
    }
    expect(await setup.state()).toEqual(before);
  });

  test('takes no account id from the query', async () => {
    const setup = await setUp();
    const { query = '' } = REQUESTS[nameOf(route)] ?? {};
    if (route.method !== 'GET' || route.access === 'operator') return;
    const answer = await setup.client.get(`/${route.path}?${query}&accountId=${setup.victim}`, ATTACKER);
    expect(answer.text).not.toContain(setup.keyId);
    expect(answer.text).not.toContain(`${SECRET} key`);
  });
});
