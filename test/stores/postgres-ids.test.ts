import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAdminApi, operatorKeys } from '../../src/admin/index.js';
import { OPERATIONS } from '../../src/admin/operations.js';
import { ROUTES } from '../../src/dashboard/api/routes.js';
import type { Gateway } from '../../src/index.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { dashboardClient } from '../dashboard/client.js';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';

/** PostgreSQL takes no NUL in a text: the statement fails, which must never be how a client learns of it. */
const BAD = 'id_\0_1';
const OPERATOR = 'operator-0123456789abcdef';

const missing = postgresMissing();
let server: PostgresServer | undefined;
let gateway: Gateway;
let key = '';
beforeAll(async () => {
  if (missing) return;
  server = await startPostgres();
  gateway = sampleGateway(postgresStore(server.pool(4)));
  ({ key } = await gateway.keys.create({ accountId: 'alice', name: 'laptop' }));
});
afterAll(async () => {
  await gateway?.close({ deadlineMs: 0 });
  await server?.stop();
});
beforeEach((context) => {
  if (missing) context.skip(missing);
});

const page = { before: BAD };
const money = { accountId: 'alice', amount: '1', idempotencyKey: 'k' };
const METHODS: readonly (readonly [string, (gateway: Gateway) => unknown, string])[] = [
  ['keys.create', ({ keys }) => keys.create({ accountId: BAD, name: 'x' }), 'accountId'],
  ['keys.create name', ({ keys }) => keys.create({ accountId: 'alice', name: BAD }), 'name'],
  ['keys.list', ({ keys }) => keys.list(BAD), 'accountId'],
  ['keys.list before', ({ keys }) => keys.list('alice', page), 'before'],
  ['keys.find', ({ keys }) => keys.find(BAD), 'idOrHint'],
  ['keys.get', ({ keys }) => keys.get(BAD), 'id'],
  ['keys.rotate', ({ keys }) => keys.rotate(BAD), 'id'],
  ['keys.disable', ({ keys }) => keys.disable(BAD), 'id'],
  ['keys.disable scope', ({ keys }) => keys.disable('key_1', { accountId: BAD }), 'accountId'],
  ['keys.enable', ({ keys }) => keys.enable(BAD), 'id'],
  ['keys.update', ({ keys }) => keys.update(BAD, { name: 'x' }), 'id'],
  ['keys.update name', ({ keys }) => keys.update('key_1', { name: BAD }), 'name'],
  ['keys.revoke', ({ keys }) => keys.revoke(BAD), 'id'],
  ['keys.revoke scope', ({ keys }) => keys.revoke('key_1', { accountId: BAD }), 'accountId'],
  ['accounts.get', ({ accounts }) => accounts.get(BAD), 'id'],
  ['accounts.overview', ({ accounts }) => accounts.overview(BAD), 'id'],
  ['accounts.create', ({ accounts }) => accounts.create({ id: BAD }), 'id'],
  ['accounts.setBudget', ({ accounts }) => accounts.setBudget(BAD, null), 'id'],
  ['accounts.setProfile', ({ accounts }) => accounts.setProfile(BAD, {}), 'id'],
  ['accounts.limits', ({ accounts }) => accounts.limits(BAD), 'id'],
  ['accounts.setPlan', ({ accounts }) => accounts.setPlan(BAD, 'pro'), 'id'],
  ['accounts.setPlan plan', ({ accounts }) => accounts.setPlan('alice', BAD), 'plan'],
  ['accounts.suspend', ({ accounts }) => accounts.suspend(BAD), 'id'],
  ['accounts.suspend reason', ({ accounts }) => accounts.suspend('bob', { reason: BAD }), 'reason'],
  ['accounts.resume', ({ accounts }) => accounts.resume(BAD), 'id'],
  ['accounts.list', ({ accounts }) => accounts.list({ after: BAD }), 'after'],
  ['accounts.export', ({ accounts }) => accounts.export(BAD), 'id'],
  ['accounts.erase', ({ accounts }) => accounts.erase(BAD), 'id'],
  ['sessions.create', ({ sessions }) => sessions.create({ accountId: BAD, ttl: '5m' }), 'accountId'],
  [
    'sessions.create endUser',
    ({ sessions }) => sessions.create({ accountId: 'a', ttl: '5m', endUser: BAD }),
    'endUser',
  ],
  [
    'sessions.create session',
    ({ sessions }) => sessions.create({ accountId: 'a', ttl: '5m', session: BAD }),
    'session',
  ],
  [
    'sessions.create tags',
    ({ sessions }) => sessions.create({ accountId: 'a', ttl: '5m', tags: { a: BAD } }),
    'tags.a',
  ],
  ['sessions.list', ({ sessions }) => sessions.list(BAD), 'accountId'],
  ['sessions.list before', ({ sessions }) => sessions.list('alice', page), 'before'],
  ['sessions.revoke', ({ sessions }) => sessions.revoke(BAD), 'id'],
  ['credits.topUp', ({ credits }) => credits.topUp({ ...money, accountId: BAD }), 'accountId'],
  ['credits.topUp key', ({ credits }) => credits.topUp({ ...money, idempotencyKey: BAD }), 'idempotencyKey'],
  ['credits.topUp note', ({ credits }) => credits.topUp({ ...money, note: BAD }), 'note'],
  ['credits.adjust', ({ credits }) => credits.adjust({ ...money, accountId: BAD }), 'accountId'],
  ['credits.adjust key', ({ credits }) => credits.adjust({ ...money, idempotencyKey: BAD }), 'idempotencyKey'],
  ['credits.grant', ({ credits }) => credits.grant({ ...money, accountId: BAD }), 'accountId'],
  ['credits.grant key', ({ credits }) => credits.grant({ ...money, idempotencyKey: BAD }), 'idempotencyKey'],
  ['credits.grant reason', ({ credits }) => credits.grant({ ...money, reason: BAD }), 'reason'],
  ['credits.refund', ({ credits }) => credits.refund({ requestId: BAD }), 'requestId'],
  ['credits.refund account', ({ credits }) => credits.refund({ requestId: 'r', accountId: BAD }), 'accountId'],
  ['credits.redeem', ({ credits }) => credits.redeem({ accountId: BAD, code: 'WELCOME' }), 'accountId'],
  ['credits.redeem code', ({ credits }) => credits.redeem({ accountId: 'alice', code: BAD }), 'code'],
  ['credits.history', ({ credits }) => credits.history(BAD), 'accountId'],
  ['credits.history before', ({ credits }) => credits.history('alice', page), 'before'],
  ['promoCodes.create', ({ promoCodes }) => promoCodes.create({ code: BAD, amount: 1 }), 'code'],
  ['promoCodes.disable', ({ promoCodes }) => promoCodes.disable(BAD), 'code'],
  ['promoCodes.list', ({ promoCodes }) => promoCodes.list(page), 'before'],
  ['budgets.get', ({ budgets }) => budgets.get({ accountId: BAD, subject: 'account' }), 'accountId'],
  ['budgets.get value', ({ budgets }) => budgets.get({ accountId: 'a', subject: 'endUser', value: BAD }), 'value'],
  ['usage.query', ({ usage }) => usage.query({ accountId: BAD }), 'accountId'],
  ['usage.query key', ({ usage }) => usage.query({ keyId: BAD }), 'keyId'],
  ['usage.query model', ({ usage }) => usage.query({ model: BAD }), 'model'],
  ['usage.events', ({ usage }) => usage.events({ accountId: BAD }), 'accountId'],
  ['usage.events id', ({ usage }) => usage.events({ id: BAD }), 'id'],
  ['usage.events before', ({ usage }) => usage.events({ accountId: 'alice' }, page), 'before'],
  ['requests.get', ({ requests }) => requests.get(BAD), 'id'],
  ['requests.get scope', ({ requests }) => requests.get('req_1', { accountId: BAD }), 'accountId'],
  ['requests.list', ({ requests }) => requests.list({ accountId: BAD }), 'accountId'],
  ['requests.list key', ({ requests }) => requests.list({ keyId: BAD }), 'keyId'],
  ['requests.list model', ({ requests }) => requests.list({ model: BAD }), 'model'],
  ['requests.list code', ({ requests }) => requests.list({ code: BAD }), 'code'],
  ['requests.list before', ({ requests }) => requests.list({}, page), 'before'],
  ['models.list', ({ models }) => models.list(BAD), 'accountId'],
];

describe('a NUL where PostgreSQL is asked for it', () => {
  test.each(METHODS)('is refused by %s, which names the field', async (_, call, param) => {
    const thrown = await Promise.resolve()
      .then(() => call(gateway))
      .catch((error: unknown) => error);
    expect(thrown).toMatchObject({ name: 'GatewayError', code: 'invalid_value', status: 400, param });
  });

  const withId = OPERATIONS.filter(({ path }) => path.includes('{id}'));
  test.each(withId.map(({ name, method, path }) => [name, method, path]))(
    'is a 400 of the admin API in the id of %s',
    async (_, method, path) => {
      const admin = createAdminApi({ gateway, authenticate: operatorKeys(OPERATOR) });
      const hasBody = method !== 'GET' && method !== 'DELETE';
      const headers = { authorization: `Bearer ${OPERATOR}`, 'content-type': 'application/json' };
      const url = `http://gateway.test${path.replace('{id}', encodeURIComponent(BAD))}`;
      const body = path.endsWith('/plan') ? { plan: 'pro' } : path.endsWith('/budget') ? { budget: null } : {};
      const answer = await admin.fetch(
        new Request(url, { method, headers, ...(hasBody && { body: JSON.stringify(body) }) }),
      );
      const { error } = (await answer.json()) as { error: { param: string } };
      expect([answer.status, error.param]).toEqual([400, expect.stringMatching(/^(id|accountId|idOrHint|code)$/)]);
    },
  );

  test.each([
    ['/accounts?after=', 'after'],
    ['/accounts/alice/keys?before=', 'before'],
    ['/accounts/alice/sessions?before=', 'before'],
    ['/accounts/alice/movements?before=', 'before'],
    ['/usage/events?before=', 'before'],
    ['/requests?before=', 'before'],
    ['/promo-codes?before=', 'before'],
  ])('is a 400 of the admin API in the cursor of %s', async (path, name) => {
    const admin = createAdminApi({ gateway, authenticate: operatorKeys(OPERATOR) });
    const headers = { authorization: `Bearer ${OPERATOR}` };
    const answer = await admin.fetch(new Request(`http://gateway.test${path}${encodeURIComponent(BAD)}`, { headers }));
    const { error } = (await answer.json()) as { error: { param: string } };
    expect([answer.status, error.param]).toEqual([400, name]);
  });

  test('is a 400 or a 404 of the dashboard, wherever it takes an id or a cursor', async () => {
    const client = dashboardClient(gateway);
    const bad = encodeURIComponent(BAD);
    const answers: Record<string, number> = {};
    for (const { method, path, access } of ROUTES) {
      const url = `/${path.replace('{id}', bad)}`;
      const account = access === 'operator' ? 'operator' : 'alice';
      if (method !== 'GET') {
        if (path.includes('{id}')) answers[`${method} ${path}`] = (await client.post(url, account, {})).status;
        continue;
      }
      if (path.includes('{id}')) answers[path] = (await client.get(url, account)).status;
      for (const name of ['before', 'key', 'model', 'account', 'code', 'q']) {
        const { status } = await client.get(`${url.replace(bad, 'alice')}?${name}=${bad}`, account);
        answers[`${path}?${name}`] = status;
      }
    }
    expect(Object.entries(answers).filter(([, status]) => status >= 500)).toEqual([]);
    const ids = Object.entries(answers).filter(([path]) => path.includes('{id}') && !path.includes('?'));
    expect(ids.length).toBeGreaterThan(15);
    expect(ids.filter(([, status]) => status !== 400 && status !== 404)).toEqual([]);
  });

  test.each([
    ['v1/requests/{}', undefined],
    ['v1/models/{}', undefined],
    ['v1/responses', { model: 'gpt-4o-mini', input: 'hi', previous_response_id: BAD }],
    ['v1/responses', { model: 'gpt-4o-mini', input: [{ type: 'item_reference', id: BAD }] }],
    ['v1/chat/completions', { model: BAD, messages: [{ role: 'user', content: 'hi' }] }],
    ['v1/messages', { model: BAD, max_tokens: 9, messages: [{ role: 'user', content: 'hi' }] }],
    ['v1beta/models/{}:generateContent', { contents: [{ parts: [{ text: 'hi' }] }] }],
  ])('is the fault of the client on %s', async (path, body) => {
    const url = `http://gateway.test/${path.replace('{}', encodeURIComponent(BAD))}`;
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
    const init = body ? { method: 'POST', body: JSON.stringify(body) } : {};
    const answer = await gateway.fetch(new Request(url, { headers, ...init }));
    expect([400, 404]).toContain(answer.status);
  });
});
