import { describe, expect, test } from 'vitest';
import { recordSampleUsage } from '../../scripts/sample-usage.js';
import type { Route } from '../../src/dashboard/api/route.js';
import { ROUTES } from '../../src/dashboard/api/routes.js';
import { memoryStore } from '../../src/index.js';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { testLogger } from '../helpers/test-logger.js';
import { dashboardClient } from './client.js';
import { type Ids, nameOf, REQUESTS } from './route-requests.js';

/** Every text that only the victim may see holds this. */
const SECRET = 'canary';
const ATTACKER = 'mallory';

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
    keys: [record],
    prices: { 'gpt-4o': { input: 1, output: 2 } },
    days: 1,
    now: Date.UTC(2026, 5, 10, 23),
  });
  const session = await gateway.sessions.create({ accountId: victim, ttl: '1h', endUser: `${SECRET} visitor` });
  const [request] = await gateway.usage.events({ accountId: victim }, { limit: 1 });
  const ids: Ids = {
    account: victim,
    key: record.id,
    session: session.id,
    request: request?.id ?? '',
    code: 'HELLO',
    language: 'de',
  };
  const state = async () => ({
    keys: await gateway.keys.list(victim),
    sessions: await gateway.sessions.list(victim),
    account: await gateway.accounts.get(victim),
    history: await gateway.credits.history(victim),
    codes: (await gateway.promoCodes.list()).map(({ code, disabledAt }) => [code, disabledAt]),
  });
  const client = dashboardClient(gateway, { messages: { de: { 'nav.keys': 'Schlüssel' } }, logger: testLogger });
  return { client, ids, state, changes: () => gateway.changes.list() };
}

type Setup = Awaited<ReturnType<typeof setUp>>;

function pathOf(route: Route, id: string): string {
  const { query = '' } = REQUESTS[nameOf(route)] ?? {};
  return `/${route.path.replace('{id}', encodeURIComponent(id))}?${query}`;
}

function call({ client, ids }: Setup, route: Route, id: string, account: string | undefined, headers = {}) {
  const { body: given = {} } = REQUESTS[nameOf(route)] ?? {};
  const body = typeof given === 'function' ? given(ids) : given;
  const path = pathOf(route, id);
  return route.method === 'GET' ? client.get(path, account, headers) : client.post(path, account, body, headers);
}

/** The victim's id that the path is for. */
function ownId({ ids }: Setup, route: Route): string {
  return ids[REQUESTS[nameOf(route)]?.names ?? 'account'];
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
  test('answers its owner, so that what others are refused is there', async () => {
    const setup = await setUp();
    const account = route.access === 'operator' ? 'operator' : setup.ids.account;
    const answer = await call(setup, route, ownId(setup, route), account);
    const { status = 200 } = REQUESTS[nameOf(route)] ?? {};
    expect([answer.status, answer.text]).toEqual([status, answer.text]);
  });

  test('answers 401 to nobody', async () => {
    const setup = await setUp();
    const before = await setup.state();
    const answer = await call(setup, route, ownId(setup, route), undefined);
    expect([answer.status, answer.json<{ error: { code: string } }>().error.code]).toEqual([401, 'unauthenticated']);
    expect(await setup.state()).toEqual(before);
  });

  test('shows and changes nothing of another account', async () => {
    const setup = await setUp();
    const before = await setup.state();
    for (const [kind, id] of Object.entries(setup.ids)) {
      const answer = await call(setup, route, id, ATTACKER);
      expect(answer.text).not.toContain(SECRET);
      for (const other of [setup.ids.key, setup.ids.session, setup.ids.request])
        expect(answer.text).not.toContain(other);
      if (route.access === 'operator') expect(answer.status).toBe(403);
      else if (route.path.includes('{id}') && kind !== 'language') expect(answer.status).toBe(404);
    }
    expect(await setup.state()).toEqual(before);
  });

  test('answers nothing to a page that another account was loaded for', async () => {
    const setup = await setUp();
    const before = await setup.state();
    const account = route.access === 'operator' ? 'operator' : setup.ids.account;
    const refused = (answer: Awaited<ReturnType<typeof call>>) =>
      expect([answer.status, answer.json<{ error: { code: string } }>().error.code]).toEqual([401, 'unauthenticated']);
    for (const header of [ATTACKER, '', '%'])
      refused(await call(setup, route, ownId(setup, route), account, { 'x-dashboard-account': header }));
    if (route.method !== 'GET') return;
    // A file is asked for by the browser, which sends no header of the page's.
    const path = pathOf(route, ownId(setup, route));
    refused(await setup.client.get(`${path}&pageAccount=${ATTACKER}`, account));
    const own = await setup.client.get(`${path}&pageAccount=${encodeURIComponent(account)}`, account);
    expect(own.status).not.toBe(400);
    expect(own.status).not.toBe(401);
    expect(await setup.state()).toEqual(before);
  });

  test('takes no id of another account from the query, whatever it is called there', async () => {
    const setup = await setUp();
    if (route.method !== 'GET' || route.access === 'operator') return;
    const { account, key, session, request } = setup.ids;
    for (const name of ['accountId', 'keyId', 'before', 'after', 'search', 'model', 'code', 'id'])
      for (const id of [account, key, session, request]) {
        const path = `${pathOf(route, ownId(setup, route))}&${name}=${id}`;
        const { text } = await setup.client.get(path, ATTACKER);
        for (const hidden of [SECRET, key, session, request]) expect(text, path).not.toContain(hidden);
      }
  });

  test('refuses a write that another site or a form sends, even of its owner', async () => {
    if (route.method === 'GET') return;
    const setup = await setUp();
    const account = route.access === 'operator' ? 'operator' : setup.ids.account;
    const before = await setup.state();
    const send = (headers: Record<string, string>) => call(setup, route, ownId(setup, route), account, headers);
    expect((await send({ origin: 'https://evil.example' })).status).toBe(403);
    expect((await send({ 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await send({ origin: 'null' })).status).toBe(403);
    expect((await send({ 'content-type': 'text/plain' })).status).toBe(415);
    expect(await setup.state()).toEqual(before);
  });

  test('is noted with the operator who wrote, and only once it is done', async () => {
    if (route.access !== 'operator' || route.method === 'GET') return;
    const setup = await setUp();
    const { status = 200 } = REQUESTS[nameOf(route)] ?? {};
    await call(setup, route, ownId(setup, route), ATTACKER);
    expect(await setup.changes()).toEqual([]);
    await call(setup, route, ownId(setup, route), 'operator');
    expect((await setup.changes())?.map(({ operator }) => operator)).toEqual(status === 200 ? ['operator'] : []);
  });

  test('is not written by a link', async () => {
    if (route.method === 'GET') return;
    const setup = await setUp();
    const account = route.access === 'operator' ? 'operator' : setup.ids.account;
    const before = await setup.state();
    await setup.client.get(pathOf(route, ownId(setup, route)), account);
    expect(await setup.state()).toEqual(before);
  });

  test('forbids all foreign content, framing and caching to everybody', async () => {
    const setup = await setUp();
    for (const account of [undefined, ATTACKER, 'operator']) {
      const { headers } = await call(setup, route, ownId(setup, route), account);
      expect(headers['content-security-policy']).toMatch(/^default-src 'self';.*frame-ancestors 'none'/);
      expect(headers['content-security-policy']).not.toMatch(/unsafe|https:|\*/);
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'x-frame-options': 'DENY',
        'referrer-policy': 'no-referrer',
      });
    }
  });
});
