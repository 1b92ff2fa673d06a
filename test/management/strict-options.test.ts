import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';
import {
  anthropic,
  createGateway,
  type GatewayError,
  google,
  memoryStore,
  openai,
  openaiCompatible,
} from '../../src/index.js';

const gateway = createGateway({
  providers: { openai: openai({ apiKey: 'sk-test' }) },
  models: { fast: { provider: 'openai', model: 'gpt-4o-mini', price: { input: 1, output: 2 } } },
  plans: { prepaid: { models: '*', billing: 'prepaid' } },
  store: memoryStore(),
});

/** Calls that JavaScript allows and TypeScript would refuse: the option, the one that was meant, and the call. */
const SLIPS: readonly (readonly [string, string | undefined, () => Promise<unknown>])[] = [
  [
    'maxRedemption',
    'maxRedemptions',
    () => gateway.promoCodes.create(loose({ code: 'A', amount: 1, maxRedemption: 1 })),
  ],
  ['before_', 'before', () => gateway.promoCodes.list(loose({ before_: 'A' }))],
  ['acountId', 'accountId', () => gateway.usage.events(loose({ acountId: 'user_1' }))],
  ['groupby', 'groupBy', () => gateway.usage.query(loose({ groupby: ['day'] }))],
  ['limits', 'limit', () => gateway.usage.events({}, loose({ limits: 1 }))],
  ['acountId', 'accountId', () => gateway.keys.revoke('key_1', loose({ acountId: 'user_1' }))],
  ['account', undefined, () => gateway.keys.update('key_1', {}, loose({ account: 'user_1' }))],
  ['expireAt', 'expiresAt', () => gateway.keys.create(loose({ accountId: 'user_1', name: 'x', expireAt: 1 }))],
  ['model', 'models', () => gateway.keys.update('key_1', loose({ model: ['fast'] }))],
  ['periode', 'period', () => gateway.keys.update('key_1', { budget: loose({ amount: 1, periode: 'day' }) })],
  ['idempotencykey', 'idempotencyKey', () => gateway.credits.topUp(loose({ idempotencykey: 'a' }))],
  ['notes', 'note', () => gateway.credits.adjust(loose({ notes: 'a' }))],
  ['promoCode', undefined, () => gateway.credits.redeem(loose({ promoCode: 'A' }))],
  ['offset', undefined, () => gateway.credits.history('user_1', loose({ offset: 5 }))],
  ['serch', 'search', () => gateway.accounts.list(loose({ serch: 'a' }))],
  ['deadline', 'deadlineMs', () => gateway.close(loose({ deadline: 5 }))],
];

/** What a program without types can pass. */
function loose<T>(options: object): T {
  return options as T;
}

/** Values that a program without types or a JSON client can pass, and that must not count as nothing or as true. */
const key = (more: object) => () => gateway.keys.create(loose({ accountId: 'user_2', name: 'x', ...more }));
const update = (more: object) => () => gateway.keys.update('key_1', loose(more));
const WRONG: readonly (readonly [string, unknown, () => Promise<unknown>])[] = [
  ...['', 0, false].flatMap((value) => [
    ['budget', value, () => gateway.accounts.setBudget('user_2', loose(value as never))] as const,
    ['grant', value, () => gateway.accounts.create(loose({ id: 'user_2', grant: value }))] as const,
    ...['models', 'limits', 'budget', 'metadata', 'allowIps', 'routes'].flatMap((name) => [
      [name, value, key({ [name]: value })] as const,
      [name, value, update({ [name]: value })] as const,
    ]),
  ]),
  ['keyIds', '', () => gateway.usage.query(loose({ groupBy: ['key'], keyIds: '' }))],
  ['keyIds', ['key_1'], () => gateway.usage.query({ groupBy: ['day'], keyIds: ['key_1'] })],
  ...[5, 'fast', {}].flatMap((value) => [
    ['models', value, () => gateway.probe(loose({ models: value }))] as const,
    ['targets', value, () => gateway.probe(loose({ models: [], targets: value }))] as const,
  ]),
  ...[['2027-01-31'], Object.create(null), true].flatMap((value) => [
    ['from', value, () => gateway.usage.query(loose({ from: value }))] as const,
    ['expiresAt', value, key({ expiresAt: value })] as const,
    ['ttl', value, () => gateway.sessions.create(loose({ accountId: 'user_2', ttl: value }))] as const,
  ]),
  ...[new Map([['requestsPerMinute', 5]]), Promise.resolve({}), new Date(0)].flatMap((value) => [
    ['limits', value, key({ limits: value })] as const,
    ['metadata', value, key({ metadata: value })] as const,
    ['tags', value, () => gateway.sessions.create(loose({ accountId: 'user_2', ttl: '1m', tags: value }))] as const,
    ['tags', value, async () => gateway.fetchFor(loose({ accountId: 'user_2', tags: value }))] as const,
  ]),
  ...[0, false, Number.NaN].flatMap((value) => [
    ['search', value, () => gateway.accounts.list(loose({ search: value }))] as const,
    ['after', value, () => gateway.accounts.list(loose({ after: value }))] as const,
  ]),
  ['limits', 5, key({ limits: 5 })],
  ['limits', [], key({ limits: [] })],
  ['metadata', 'abc', key({ metadata: 'abc' })],
  ['metadata', ['a'], key({ metadata: ['a'] })],
  ['lockedBudget', 'false', key({ lockedBudget: 'false' })],
  [
    'newAccountsOnly',
    'true',
    () => gateway.promoCodes.create(loose({ code: 'B', amount: 1, newAccountsOnly: 'true' })),
  ],
  [
    'allowNegative',
    'false',
    () =>
      gateway.credits.adjust(loose({ accountId: 'user_2', amount: -1, idempotencyKey: 'a', allowNegative: 'false' })),
  ],
  ...[{ a: 1 }, [null], [{}], 'key_1', 5].map(
    (value) => ['known', value, () => gateway.budgets.ofKeys('user_2', loose(value as never))] as const,
  ),
  ['plan', 'bare', () => gateway.accounts.setPlan('user_2', loose(Object.create(null)))],
  ['usage', 'false', () => gateway.credits.history('user_2', loose({ usage: 'false' }))],
];

describe('a value of the wrong kind', () => {
  test.each(WRONG)('%s: %j is refused by its name', async (param, _, call) => {
    const error = await call().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'GatewayError', code: 'invalid_value', param });
  });

  test('made no key and moved no money', async () => {
    expect(await gateway.keys.list('user_2')).toEqual([]);
    expect(await gateway.accounts.overview('user_2')).toMatchObject({ balance: '0' });
  });

  test('is not null, which leaves out what a new key may do without', async () => {
    const nothing = {
      models: null,
      limits: null,
      budget: null,
      metadata: null,
      allowIps: null,
      routes: null,
    };
    const { record } = (await key({ ...nothing, lockedBudget: null })()) as { record: object };
    expect(record).toMatchObject({ ...nothing, lockedBudget: false });
  });
});

describe('an object that keeps its values elsewhere is no object of options', () => {
  const given = [
    new Map([['accountId', 'user_1']]),
    Promise.resolve({ accountId: 'user_1' }),
    new Date(0),
    new Headers(),
  ];

  test.each(given)('%o: not of a method', async (options) => {
    const calls = [
      () => gateway.usage.query(loose(options)),
      () => gateway.requests.list(loose(options)),
      async () => gateway.fetchFor(loose(options)),
    ];
    for (const call of calls) {
      const error = await call().catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ code: 'invalid_value', message: expect.stringContaining('object') });
    }
  });

  test.each(given)('%o: not of a provider, and not as a configuration', async (options) => {
    expect(() => openai({ apiKey: 'sk-test', headers: loose(options) })).toThrow('headers must hold strings');
    await expect(gateway.configure(loose(options))).rejects.toThrow('configure needs an object');
  });

  test('one of a class or of another realm is', async () => {
    class Filter {
      readonly accountId = 'user_1';
    }
    const foreign = runInNewContext('({})') as object;
    for (const options of [new Filter(), foreign, Object.create(null) as object])
      expect(await gateway.usage.events(loose(options))).toEqual([]);
  });
});

test('an option may be undefined, also by its type, but for the account that bounds what is read', async () => {
  const [text, time]: readonly [string?, Date?] = [];
  const { record } = await gateway.keys.create({ accountId: 'user_3', name: 'x', expiresAt: time, models: undefined });
  await gateway.keys.update(record.id, { name: text, expiresAt: time });
  await gateway.sessions.create({ accountId: 'user_3', ttl: '1m', endUser: text, models: undefined });
  await gateway.accounts.create({ id: 'user_3', plan: text, grant: undefined });
  await gateway.credits.topUp({ accountId: 'user_3', amount: 1, idempotencyKey: 'a', note: text });
  const page = { limit: undefined, before: text };
  expect(await gateway.usage.query({ accountId: 'user_3', from: time, groupBy: ['day'], top: undefined })).toEqual([]);
  expect(await gateway.usage.events({ keyId: text }, page)).toEqual([]);
  expect(
    await gateway.requests.list({ status: undefined, to: time }, page).catch(({ code }: GatewayError) => code),
  ).toBeDefined();
  expect(await gateway.keys.list('user_3', page)).toHaveLength(1);
  // @ts-expect-error: it would widen a report to all accounts.
  await expect(gateway.usage.events({ accountId: text })).rejects.toMatchObject({ param: 'accountId' });
});

describe('an option that does not exist', () => {
  test.each(SLIPS)('%s is refused by its name', async (name, meant, call) => {
    const error = await call().catch((thrown: unknown) => thrown);
    const message = expect.stringContaining(
      meant && name !== 'deadline' ? `Did you mean '${meant}'?` : `'${name}' is not an option`,
    );
    expect(error).toMatchObject({ name: 'GatewayError', code: 'invalid_value', param: name, message });
  });

  test('changes nothing: the promo code was not made, and the gateway did not close', async () => {
    expect(await gateway.promoCodes.list()).toEqual([]);
    const answer = await gateway.fetch(new Request('http://gateway.test/v1/models'));
    expect(answer.status).toBe(401);
  });

  test('of createGateway is named with the one that was meant', () => {
    expect(() => createGateway(loose({ providers: {}, rateLimitter: {} }))).toThrow(
      "rateLimitter is not an option; did you mean 'rateLimiter'?",
    );
  });
});

/** Every method that takes an object of options, with what comes before it. */
const METHODS: Readonly<Record<string, (slip: never) => Promise<unknown>>> = {
  'keys.create': (slip) => gateway.keys.create(slip),
  'keys.list': (slip) => gateway.keys.list('user_1', slip),
  'keys.rotate': (slip) => gateway.keys.rotate('key_1', slip),
  'keys.disable': (slip) => gateway.keys.disable('key_1', slip),
  'keys.enable': (slip) => gateway.keys.enable('key_1', slip),
  'keys.get': (slip) => gateway.keys.get('key_1', slip),
  'keys.update': (slip) => gateway.keys.update('key_1', slip),
  'keys.update, whose': (slip) => gateway.keys.update('key_1', {}, slip),
  'keys.revoke': (slip) => gateway.keys.revoke('key_1', slip),
  'sessions.create': (slip) => gateway.sessions.create(slip),
  'sessions.list': (slip) => gateway.sessions.list('user_1', slip),
  'sessions.revoke': (slip) => gateway.sessions.revoke('session_1', slip),
  'accounts.create': (slip) => gateway.accounts.create(slip),
  'accounts.list': (slip) => gateway.accounts.list(slip),
  'accounts.setBudget': (slip) => gateway.accounts.setBudget('user_1', slip),
  'accounts.setProfile': (slip) => gateway.accounts.setProfile('user_1', slip),
  'accounts.suspend': (slip) => gateway.accounts.suspend('user_1', slip),
  'credits.topUp': (slip) => gateway.credits.topUp(slip),
  'credits.adjust': (slip) => gateway.credits.adjust(slip),
  'credits.grant': (slip) => gateway.credits.grant(slip),
  'credits.refund': (slip) => gateway.credits.refund(slip),
  'credits.redeem': (slip) => gateway.credits.redeem(slip),
  'credits.history': (slip) => gateway.credits.history('user_1', slip),
  'promoCodes.create': (slip) => gateway.promoCodes.create(slip),
  'promoCodes.list': (slip) => gateway.promoCodes.list(slip),
  'budgets.get': (slip) => gateway.budgets.get(slip),
  'usage.query': (slip) => gateway.usage.query(slip),
  'usage.events': (slip) => gateway.usage.events(slip),
  'usage.events, page': (slip) => gateway.usage.events({}, slip),
  'requests.get': (slip) => gateway.requests.get('req_1', slip),
  'requests.countFailures': (slip) => gateway.requests.countFailures(slip),
  'requests.list': (slip) => gateway.requests.list(slip),
  'requests.list, page': (slip) => gateway.requests.list({}, slip),
  'maintenance.prune': (slip) => gateway.maintenance.prune(slip),
  'changes.record': (slip) => gateway.changes.record(slip),
  'changes.list': (slip) => gateway.changes.list(slip),
  'changes.list, page': (slip) => gateway.changes.list({}, slip),
};

describe('a method that takes options', () => {
  test.each(Object.entries(METHODS))('%s refuses one that it does not know', async (_, call) => {
    const error = await call({ nonsense: 1 } as never).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ name: 'GatewayError', code: 'invalid_value', param: 'nonsense' });
  });

  test('all such methods are in this list', async () => {
    const listed = new Set(Object.keys(METHODS).map((name) => name.split(',')[0]));
    const groups = Object.entries(gateway).filter(([, group]) => typeof group === 'object' && group !== null);
    const others = groups.flatMap(([group, methods]) =>
      Object.entries(methods as Record<string, unknown>)
        .filter(([method, value]) => typeof value === 'function' && !listed.has(`${group}.${method}`))
        .map(([method, value]) => ({ name: `${group}.${method}`, call: value as (...args: unknown[]) => unknown })),
    );
    for (const { name, call } of others) {
      const refused = async () => call({ nonsense: 1 });
      const error = await refused().catch((thrown: unknown) => thrown);
      if (name === 'accounts.export') continue;
      expect(error, name).toMatchObject({ code: 'invalid_value', param: expect.not.stringMatching('nonsense') });
    }
  });
});

describe('an account id that the host does not have', () => {
  const missing = loose<string>(undefined as unknown as object);
  test.each([
    ['usage.query', () => gateway.usage.query({ accountId: missing })],
    ['usage.events', () => gateway.usage.events({ accountId: missing })],
    ['keys.revoke', () => gateway.keys.revoke('key_1', { accountId: missing })],
    ['keys.update', () => gateway.keys.update('key_1', { name: 'x' }, { accountId: missing })],
    ['keys.list', () => gateway.keys.list(missing)],
    ['credits.history', () => gateway.credits.history(missing)],
    ['accounts.get', () => gateway.accounts.get(missing)],
    ['accounts.overview', () => gateway.accounts.overview(missing)],
  ])('is refused by %s instead of standing for every account', async (_, call) => {
    await expect(call()).rejects.toMatchObject({
      code: 'invalid_value',
      param: expect.stringMatching(/^(accountId|id)$/),
    });
  });
});

describe('a provider without a key', () => {
  const factories = { openai, anthropic, google };
  test.each(Object.entries(factories))('is refused when %s is called', (name, factory) => {
    expect(() => factory({ apiKey: '' })).toThrow(`${name}: apiKey is missing: it must be a non-empty string`);
    expect(() => factory({ apiKey: undefined })).toThrow(`${name}: apiKey is missing: it is undefined`);
  });

  test('is fine for a compatible server that takes none', () => {
    expect(openaiCompatible({ baseURL: 'http://localhost:11434/v1' }).name).toBe('openai-compatible');
    expect(() => openaiCompatible({ baseURL: 'http://localhost:11434/v1', apiKey: '' })).toThrow('apiKey is missing');
  });
});

describe('the routes of a key', () => {
  test.each([
    [['chat/completion'], "'chat/completion' is not a route; was 'chat/completions' meant?"],
    [['chat/completions', 'files'], "'files' is not a route; the routes are chat/completions, responses, "],
  ])('%j: a path that no route has is refused', async (routes, message) => {
    const created = gateway.keys.create({ accountId: 'user_1', name: 'x', routes });
    await expect(created).rejects.toMatchObject({ code: 'invalid_value', param: 'routes' });
    await expect(created).rejects.toThrow(message);
    const { record } = await gateway.keys.create({ accountId: 'user_1', name: 'x' });
    await expect(gateway.keys.update(record.id, { routes })).rejects.toThrow(message);
  });

  test('are kept without what clients write before them', async () => {
    const routes = ['/v1/chat/completions', 'models', 'v1beta/models/{model}:generateContent'];
    const { record } = await gateway.keys.create({ accountId: 'user_1', name: 'x', routes });
    expect(record.routes).toEqual(['chat/completions', 'models', 'models/{model}:generateContent']);
  });
});
