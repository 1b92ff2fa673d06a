import { Ajv2020 } from 'ajv/dist/2020.js';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAdminApi, openApiDocument, operatorKeys } from '../../src/admin/index.js';
import { OPERATIONS } from '../../src/admin/operations.js';
import { en } from '../../src/dashboard/messages/en.js';
import { createGateway, memoryStore, openai } from '../../src/index.js';
import { type FakeUpstream, fakeUpstream } from '../../src/testing/index.js';
import { testLogger } from '../helpers/test-logger.js';

const KEY = 'operator-0123456789abcdef';

interface Document {
  readonly paths: Record<string, Record<string, { operationId: string; responses: Record<string, Answer> }>>;
  readonly components: { readonly schemas: Record<string, object> };
}
interface Answer {
  readonly content?: Record<string, { readonly schema: object }>;
}

const document = openApiDocument() as unknown as Document;
let upstream: FakeUpstream;
let gateway: ReturnType<typeof createGateway>;
let admin: ReturnType<typeof createAdminApi>;

beforeAll(async () => {
  upstream = await fakeUpstream();
  gateway = createGateway({
    providers: { openai: openai(upstream.openai) },
    models: { fast: { provider: 'openai', model: 'gpt-4o-mini', price: { input: 1, output: 2 } } },
    plans: { pro: { models: '*', billing: 'prepaid', limits: { requestsPerMinute: 100 } }, free: { models: '*' } },
    defaultPlan: 'pro',
    store: memoryStore(),
    requestLog: {},
    logger: testLogger,
  });
  admin = createAdminApi({
    gateway,
    authenticate: operatorKeys(KEY),
    logger: testLogger,
  });
});

afterAll(async () => {
  await gateway.close({ deadlineMs: 0 });
  await upstream.close();
});

interface Seen {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

/** Calls the API under a mount path, as an operator unless other headers are given. */
async function call(
  method: string,
  path: string,
  body?: object,
  headers: Record<string, string> = { authorization: `Bearer ${KEY}` },
): Promise<Seen> {
  const answer = await admin.fetch(
    new Request(`http://gateway.test/internal/admin${path}`, {
      method,
      headers: { ...headers, ...(body && { 'content-type': 'application/json' }) },
      ...(body && { body: JSON.stringify(body) }),
    }),
  );
  return { status: answer.status, body: JSON.parse(await answer.text()) };
}

const ajv = new Ajv2020({ strict: false, validateFormats: false });

/** Calls an operation and holds its answer against the document. */
async function checked(
  method: string,
  template: string,
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const seen = await call(method, path, body);
  expect(seen).toMatchObject({ status: 200 });
  const schema =
    document.paths[template]?.[method.toLowerCase()]?.responses['200']?.content?.['application/json']?.schema;
  expect(schema, `${method} ${template} is in the document`).toBeDefined();
  const valid = ajv.validate({ ...schema, components: document.components }, seen.body);
  expect(valid ? [] : ajv.errors).toEqual([]);
  return seen.body;
}

describe('an operator', () => {
  test('manages accounts, keys and money; every answer is as the document says', async () => {
    const created = await checked('POST', '/keys', '/keys', {
      accountId: 'user_1',
      name: 'laptop',
      budget: { amount: 5, period: 'day' },
    });
    const { key, record } = created as { key: string; record: { id: string } };
    await checked('POST', '/credits/top-up', '/credits/top-up', {
      accountId: 'user_1',
      amount: '10',
      idempotencyKey: 'a',
    });
    await checked('POST', '/credits/adjust', '/credits/adjust', {
      accountId: 'user_1',
      amount: -1,
      idempotencyKey: 'b',
      note: 'fee',
    });
    await checked('POST', '/promo-codes', '/promo-codes', { code: 'HELLO', amount: 5, maxRedemptions: 2 });
    await checked('POST', '/credits/redeem', '/credits/redeem', { accountId: 'user_1', code: 'HELLO' });
    expect(await checked('GET', '/accounts/{id}', '/accounts/user_1')).toMatchObject({ plan: 'pro', balance: '14' });
    expect(await checked('PUT', '/accounts/{id}/plan', '/accounts/user_1/plan', { plan: 'free' })).toMatchObject({
      plan: 'free',
    });
    await checked('GET', '/accounts/{id}/overview', '/accounts/user_1/overview');
    await checked('PATCH', '/keys/{id}', `/keys/${record.id}`, { name: 'desk', budget: null });
    const request = await gateway.fetch(
      new Request('http://gateway.test/v1/chat/completions', {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'fast', messages: [{ role: 'user', content: 'Hi' }] }),
      }),
    );
    expect(request.status).toBe(200);
    await request.text();
    expect((await checked('GET', '/usage', '/usage?groupBy=day,model&accountId=user_1'))['data']).toMatchObject([
      { model: 'fast', requests: 1 },
    ]);
    expect((await checked('GET', '/usage/events', '/usage/events?accountId=user_1&limit=1'))['data']).toHaveLength(1);
    expect(
      (await checked('GET', '/accounts/{id}/movements', '/accounts/user_1/movements?limit=2'))['data'],
    ).toHaveLength(2);
    await checked('GET', '/accounts/{id}/keys', '/accounts/user_1/keys');
    await checked('GET', '/accounts', '/accounts?search=user&limit=5');
    await checked('GET', '/promo-codes', '/promo-codes');
    await checked('POST', '/keys/{id}/revoke', `/keys/${record.id}/revoke`, {});
    await checked('GET', '/models', '/models?accountId=user_1');
    expect(await checked('GET', '/plans', '/plans')).toEqual({ data: ['pro', 'free'] });
    await checked('GET', '/health', '/health');
    expect(await checked('GET', '/check', '/check')).toMatchObject({ ok: true });
    await checked('GET', '/requests', '/requests?status=failed&limit=5');
    await checked('GET', '/request-failures', '/request-failures?from=2026-01-01');
    await checked('POST', '/maintenance/prune', '/maintenance/prune', {});
    const lines = await admin.fetch(
      new Request('http://gateway.test/admin/accounts/user_1/export', { headers: { authorization: `Bearer ${KEY}` } }),
    );
    expect((await lines.text()).split('\n')[0]).toMatch(/^\{"type":"account","id":"user_1"/);
    expect((await call('DELETE', '/accounts/user_1')).status).toBe(409);
  });

  test('suspends, grants, refunds, bounds, rotates, and ends what was given out', async () => {
    expect(
      await checked('POST', '/accounts', '/accounts', {
        id: 'user_2',
        plan: 'pro',
        grant: { amount: 3, reason: 'hello' },
      }),
    ).toMatchObject({ plan: 'pro', grants: [{ left: '3' }] });
    const grant = { accountId: 'user_2', amount: 2, idempotencyKey: 'g', expiresAt: Date.now() + 86_400_000 };
    expect(await checked('POST', '/credits/grant', '/credits/grant', grant)).toMatchObject({
      kind: 'grant',
      amount: '2',
    });
    const created = await checked('POST', '/keys', '/keys', {
      accountId: 'user_2',
      name: 'ci',
      metadata: { team: 'blue' },
      routes: ['chat/completions'],
      lockedBudget: true,
    });
    const { key, record } = created as { key: string; record: { id: string } };
    const ask = async (credential: string) => {
      const answer = await gateway.fetch(
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
    expect((await checked('POST', '/credits/refund', '/credits/refund', refund))['data']).toMatchObject([
      { kind: 'refund' },
    ]);
    expect(await call('POST', '/credits/refund', refund)).toMatchObject({
      status: 409,
      body: { error: { code: 'already_refunded' } },
    });
    const kinds = (path: string) => checked('GET', '/accounts/{id}/movements', path).then(({ data }) => data);
    expect(await kinds('/accounts/user_2/movements')).toHaveLength(4);
    expect(await kinds('/accounts/user_2/movements?usage=false')).toHaveLength(3);

    const rotated = await checked('POST', '/keys/{id}/rotate', `/keys/${record.id}/rotate`, { overlap: '1h' });
    const next = rotated as { key: string; record: { id: string } };
    expect([(await ask(key)).status, (await ask(next.key)).status]).toEqual([200, 200]);
    await checked('POST', '/keys/{id}/disable', `/keys/${next.record.id}/disable`, {});
    expect((await ask(next.key)).status).toBe(401);
    await checked('POST', '/keys/{id}/enable', `/keys/${next.record.id}/enable`, {});
    expect((await ask(next.key)).status).toBe(200);

    expect(
      await checked('PUT', '/accounts/{id}/budget', '/accounts/user_2/budget', {
        budget: { amount: 1, period: 'day' },
      }),
    ).toMatchObject({ budget: { amount: '1', period: 'day' } });
    expect(await checked('GET', '/accounts/{id}/budget', '/accounts/user_2/budget')).toMatchObject({
      amount: '1',
      period: 'day',
      held: '0',
    });
    await checked(
      'GET',
      '/accounts/{id}/budget',
      `/accounts/user_2/budget?subject=key&value=${record.id}&period=total`,
    );
    const week = await checked('GET', '/accounts/{id}/budget', '/accounts/user_2/budget?period=week');
    expect(week).toMatchObject({ amount: null, period: 'week' });

    const session = await checked('POST', '/sessions', '/sessions', {
      accountId: 'user_2',
      ttl: '15m',
      endUser: 'visitor',
    });
    const { id, token } = session as { id: string; token: string };
    expect((await ask(token)).status).toBe(200);
    await checked('POST', '/sessions/{id}/revoke', `/sessions/${id}/revoke`, {});
    expect((await ask(token)).status).toBe(401);

    await checked('POST', '/accounts/{id}/suspend', '/accounts/user_2/suspend', { reason: 'chargeback' });
    expect((await ask(key)).status).toBe(403);
    await checked('POST', '/accounts/{id}/resume', '/accounts/user_2/resume', {});
    expect((await ask(key)).status).toBe(200);

    await checked('POST', '/promo-codes', '/promo-codes', { code: 'LEAKED', amount: 5, newAccountsOnly: true });
    await checked('POST', '/promo-codes/{id}/disable', '/promo-codes/LEAKED/disable', {});
    expect(await call('POST', '/credits/redeem', { accountId: 'user_3', code: 'LEAKED' })).toMatchObject({
      status: 410,
    });
    const below = { accountId: 'user_2', amount: -500, idempotencyKey: 'd', allowNegative: true };
    expect(await checked('POST', '/credits/adjust', '/credits/adjust', below)).toMatchObject({ amount: '-500' });
  });

  test('reads what many accounts and keys used at once', async () => {
    const keyBudget = { amount: '5', period: 'month' } as const;
    const { record } = await gateway.keys.create({ accountId: 'user_many', name: 'bound', budget: keyBudget });
    const ids = 'accountIds=user_many,user_unknown';
    const used = await checked('GET', '/usage/accounts', `/usage/accounts?${ids}&from=2026-01-01`);
    const nothing = { requests: 0, cost: '0', providerCost: null, margin: null, lastAt: null };
    expect(used).toEqual({
      data: [
        { accountId: 'user_many', ...nothing },
        { accountId: 'user_unknown', ...nothing },
      ],
    });
    expect(await checked('GET', '/newest-requests', `/newest-requests?${ids}`)).toEqual({ data: [] });
    expect(await checked('GET', '/accounts/{id}/key-budgets', '/accounts/user_many/key-budgets')).toMatchObject({
      data: [{ keyId: record.id, amount: '5', period: 'month', spent: '0', held: '0' }],
    });
    const listed = await checked('GET', '/accounts', '/accounts?ids=user_unknown,user_many');
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
    const methods = groups.flatMap((group) => Object.keys(gateway[group]).map((method) => `${group}.${method}`));
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
    const seen = await call(method, path, body);
    expect(seen.status).toBe(400);
    expect(seen.body).toMatchObject({ error: { param } });
    if (text !== 'week') expect(JSON.stringify(seen.body)).toContain(text);
    expect(ajv.validate({ ...document.components.schemas['Error'], components: document.components }, seen.body)).toBe(
      true,
    );
  });

  test('hears of what does not exist, and which methods a path has', async () => {
    expect(await call('GET', '/accounts/nobody')).toMatchObject({
      status: 404,
      body: { error: { code: 'not_found' } },
    });
    expect((await call('DELETE', '/plans')).status).toBe(405);
    expect((await call('POST', '/keys/..%2f/revoke', {})).status).toBe(404);
  });
});

describe('the audit log', () => {
  const named = () =>
    createAdminApi({ gateway, authenticate: operatorKeys({ ada: KEY, bob: `${KEY}-2` }), logger: testLogger });
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
    const noted = (await gateway.changes.list({ accountId: 'audited' })) ?? [];
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
    const before = await gateway.changes.list();
    await checked('PUT', '/accounts/{id}/plan', '/accounts/user_9/plan', { plan: 'free' });
    const refused = new Request('http://gateway.test/admin/accounts/user_9/plan', {
      ...{ method: 'PUT', headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/json' } },
      body: JSON.stringify({ plan: 'gold' }),
    });
    expect((await named().fetch(refused)).status).toBe(400);
    expect(await gateway.changes.list()).toEqual(before);
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
    const changes = { ...gateway.changes, record: () => Promise.reject(new Error('the disk is full')) };
    const api = createAdminApi({
      gateway: { ...gateway, changes },
      authenticate: operatorKeys({ ada: KEY }),
      logger: { ...testLogger, error: (fields) => void logged.push(fields) },
    });
    await change(api, 'PUT', '/accounts/user_9/plan', { plan: 'pro' });
    expect(logged).toMatchObject([{ operator: 'ada', operation: 'accounts.setPlan' }]);
  });
});

describe('anybody else', () => {
  test.each([[{}], [{ authorization: `Bearer ${KEY}x` }], [{ authorization: 'Bearer ' }], [{ authorization: KEY }]])(
    'gets nothing with %o',
    async (headers) => {
      for (const path of ['/accounts', '/openapi.json', '/nothing']) {
        expect(await call('GET', path, undefined, headers)).toMatchObject({
          status: 401,
          body: { error: { code: 'unauthenticated' } },
        });
      }
    },
  );

  test('from another site can write nothing with a session', async () => {
    const session = createAdminApi({ gateway, authenticate: (request) => request.headers['cookie'] === 'session=1' });
    const post = (headers: Record<string, string>) =>
      session.fetch(
        new Request('http://gateway.test/admin/promo-codes', {
          method: 'POST',
          headers: { cookie: 'session=1', 'content-type': 'application/json', ...headers },
          body: JSON.stringify({ code: 'EVIL', amount: 100 }),
        }),
      );
    expect((await post({ origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post({ origin: 'http://gateway.test', 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  });

  test('is never let in by an empty operator key', () => {
    expect(() => operatorKeys()).toThrow('at least one key');
    expect(() => operatorKeys(undefined)).toThrow('is the variable set?');
    expect(() => operatorKeys('short')).toThrow('at least 20 characters');
    expect(() => operatorKeys({})).toThrow('at least one key');
    expect(() => operatorKeys({ ada: undefined })).toThrow('is the variable set?');
    expect(() => createAdminApi(undefined as never)).toThrow('createAdminApi: the options must be an object');
    expect(() => createAdminApi({ gateway, autenticate: () => true } as never)).toThrow('autenticate is not an option');
  });
});

describe('the document', () => {
  test('is served, and kept in the docs', async () => {
    const seen = await call('GET', '/openapi.json');
    expect(seen).toEqual({ status: 200, body: JSON.parse(JSON.stringify(document)) });
    await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot('../../docs/admin-openapi.json');
  });

  test('names each operation once, and refers only to what it has', () => {
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const refs = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name ?? '');
    for (const name of refs) expect(document.components.schemas).toHaveProperty(name);
    for (const name of Object.keys(document.components.schemas)) expect(refs, `${name} is used`).toContain(name);
  });
});
