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

interface Attack {
  readonly query?: string;
  readonly body?: object | ((ids: Ids) => object);
  /** What the path's `{id}` names; the victim's own is sent. */
  readonly names?: keyof Ids;
  /** What its owner is answered. @default 200 */
  readonly status?: number;
}

/** What each route needs to get past the checks of its fields: without an entry here a new route fails the sweep. */
const REQUESTS: Readonly<Record<string, Attack>> = {
  'GET api/session': {},
  'GET api/messages/{id}': { names: 'language' },
  'GET api/account': {},
  'GET api/home': {},
  'GET api/requests': {},
  'GET api/requests.csv': {},
  'GET api/requests/{id}': { names: 'request' },
  'GET api/keys': {},
  'GET api/keys/names': {},
  'GET api/keys/activity': {},
  'POST api/keys': { body: { name: 'mine' } },
  'POST api/keys/{id}': { names: 'key', body: { name: 'stolen' } },
  'POST api/keys/{id}/revoke': { names: 'key', body: {} },
  'POST api/keys/{id}/rotate': { names: 'key', body: { overlap: '24h' } },
  'POST api/keys/{id}/disable': { names: 'key', body: {} },
  'POST api/keys/{id}/enable': { names: 'key', body: {} },
  'GET api/sessions': {},
  'POST api/sessions/{id}/revoke': { names: 'session', body: {} },
  'POST api/playground/chat': { body: { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }] } },
  'GET api/usage': { query: `${RANGE}&groupBy=model,key,day` },
  'GET api/usage/report': { query: `${RANGE}&group=key&unit=day` },
  'GET api/usage.csv': { query: RANGE },
  'GET api/usage/events': {},
  'GET api/usage/tags': {},
  'GET api/credits': {},
  'GET api/credits/month': { query: 'month=2026-06' },
  'GET api/credits/month.csv': { query: 'month=2026-06' },
  'POST api/credits/redeem': { body: { code: 'HELLO' } },
  'GET api/models': {},
  'GET api/operator/accounts': {},
  'GET api/operator/accounts.csv': {},
  'GET api/operator/accounts/{id}': { names: 'account' },
  'POST api/operator/accounts/{id}/grant': { names: 'account', body: { amount: '5', idempotencyKey: 'x' } },
  'POST api/operator/accounts/{id}/refund': { names: 'account', body: ({ request }) => ({ requestId: request }) },
  'POST api/operator/accounts/{id}/budget': { names: 'account', body: { budget: null } },
  'POST api/operator/accounts/{id}/suspend': { names: 'account', body: {} },
  'POST api/operator/accounts/{id}/resume': { names: 'account', body: {} },
  'POST api/operator/accounts/{id}/erase': {
    names: 'account',
    body: ({ account }) => ({ confirm: account }),
    // The memory store can't erase.
    status: 409,
  },
  'POST api/operator/accounts/{id}/note': { names: 'account', body: { note: 'x' } },
  'POST api/operator/keys/{id}': { names: 'key', body: { lockedBudget: false } },
  'POST api/operator/keys/{id}/revoke': { names: 'key', body: {} },
  'GET api/operator/promo-codes.csv': {},
  'POST api/operator/promo-codes/{id}/disable': { names: 'code', body: {} },
  'POST api/operator/accounts/{id}/plan': { names: 'account', body: { plan: 'pro' } },
  'POST api/operator/accounts/{id}/adjust': { names: 'account', body: { amount: '5', idempotencyKey: 'x' } },
  'GET api/operator/promo-codes': {},
  'POST api/operator/promo-codes': { body: { code: 'MINE', amount: '100' } },
  'GET api/operator/usage': { query: RANGE },
  'GET api/operator/usage.csv': { query: RANGE },
  'GET api/operator/usage/report': { query: `${RANGE}&group=account&unit=day` },
  'GET api/operator/usage/tags': {},
  'GET api/operator/requests': {},
  'GET api/operator/requests.csv': {},
  'GET api/operator/requests/{id}': { names: 'request' },
  'GET api/operator/health': {},
  'GET api/operator/health.csv': {},
  'GET api/operator/overview': { query: 'range=week' },
  'GET api/operator/movements.csv': { query: 'month=2026-06' },
  'GET api/operator/accounts/{id}/movements.csv': { names: 'account' },
};

const SILENT = { debug() {}, info() {}, warn() {}, error() {} };

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
    days: 1,
    now: Date.UTC(2026, 5, 10, 23),
  });
  const session = await gateway.sessions.create({ accountId: victim, ttl: '1h', endUser: `${SECRET} visitor` });
  const [request] = await gateway.usage.events({ accountId: victim }, { limit: 1 });
  const ids = {
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
  const client = dashboardClient(gateway, { messages: { de: { 'nav.keys': 'Schlüssel' } }, logger: SILENT });
  return { client, ids, state };
}

type Setup = Awaited<ReturnType<typeof setUp>>;
type Ids = Setup['ids'];

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

  test('takes no account id from the query', async () => {
    const setup = await setUp();
    if (route.method !== 'GET' || route.access === 'operator') return;
    const answer = await setup.client.get(
      `${pathOf(route, ownId(setup, route))}&accountId=${setup.ids.account}`,
      ATTACKER,
    );
    expect(answer.text).not.toContain(setup.ids.key);
    expect(answer.text).not.toContain(SECRET);
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
