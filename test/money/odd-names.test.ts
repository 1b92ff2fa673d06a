import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGateway, memoryStore, type Store } from '../../src/index.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { assertAccountsBalance } from '../../src/testing/index.js';
import { echoProvider } from '../helpers/echo-provider.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';

const missing = postgresMissing();
let server: PostgresServer | undefined;
beforeAll(async () => {
  if (!missing) server = await startPostgres();
});
afterAll(() => server?.stop());

const STORES: Readonly<Record<string, () => Store | undefined>> = {
  memory: memoryStore,
  SQLite: () => sqliteStore(new Database(':memory:')),
  PostgreSQL: () => server && postgresStore(server.pool(4)),
};

/** What a client may call its end user; each is another one. */
const NAMES = [
  ...[
    'ann',
    'Ann',
    ' ann',
    'zoë',
    'zoe\u0308',
    '李雷',
    '👩‍👩‍👧',
    '\u202Eann',
    'a"b',
    "a'b",
    'a\\b',
    '{}',
    '[]',
    '%',
    '_',
  ],
  ...['null', 'undefined', '__proto__', 'constructor', 'tag:feature', 'key:1', '\uFFFD', '~', '0', '1e3'],
  ...['\uD800', '\uDC00x', 'a\0b', 'a\nb', '\u0085', 'x'.repeat(128), 'x'.repeat(129)],
];

describe.each(Object.entries(STORES))('on %s', (_, create) => {
  test('every end user has a budget of its own, whatever it is called', async (context) => {
    const store = create();
    if (!store) return context.skip(missing);
    const warnings: unknown[] = [];
    const logger = {
      debug() {},
      info() {},
      warn: (...said: unknown[]) => warnings.push(said),
      error: (...said: unknown[]) => warnings.push(said),
    };
    const gateway = createGateway({
      providers: { echo: echoProvider() },
      models: { echo: { provider: 'echo', price: { input: 100, output: 200 } } },
      plans: { pro: { models: '*', billing: 'prepaid', allowance: { amount: '1', per: 'month' } } },
      defaultPlan: 'pro',
      // The echo costs 0.2, and 0.25 are held.
      budgets: [{ subject: 'endUser', amount: '0.3', per: 'total' }],
      store,
      logger,
    });
    await gateway.credits.topUp({ accountId: 'shop', amount: '100', idempotencyKey: 'start' });
    const { key } = await gateway.keys.create({ accountId: 'shop', name: 'server' });
    const ask = async (user: string) => {
      const body = { model: 'echo', user, max_tokens: 500, messages: [{ role: 'user', content: 'x'.repeat(1_000) }] };
      const answer = await gateway.fetch(
        new Request('http://gateway.test/v1/chat/completions', {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body: JSON.stringify(body),
        }),
      );
      return [answer.status, ((await answer.json()) as { error?: { code: string } }).error?.code];
    };
    for (const user of NAMES) expect(await ask(user), JSON.stringify(user.slice(0, 20))).toEqual([200, undefined]);
    for (const user of NAMES)
      expect(await ask(user), JSON.stringify(user.slice(0, 20))).toEqual([403, 'budget_exceeded']);
    const users = await gateway.usage.query({ accountId: 'shop', groupBy: ['endUser'] });
    expect(users).toHaveLength(NAMES.length);
    for (const row of users) expect(row).toMatchObject({ requests: 1, cost: '0.2' });
    expect(warnings).toEqual([]);
    await assertAccountsBalance(store.meter, ['shop'], { prepaid: true });
    await gateway.close();
  });
});
