import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGateway, memoryStore, openai } from '../../src/index.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import type { FullStore } from '../../src/stores/store.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';

const NAMES = ['memory', 'sqlite', 'postgres'] as const;
const missing = postgresMissing();
let server: PostgresServer | undefined;
let statements = 0;

beforeAll(async () => {
  if (!missing) server = await startPostgres();
});

afterAll(() => server?.stop());

function storeOf(name: (typeof NAMES)[number]): FullStore {
  if (name === 'memory') return memoryStore();
  if (name === 'sqlite') return sqliteStore(new Database(':memory:'));
  const pool = server?.pool();
  if (!pool) throw new Error(missing);
  return postgresStore({
    query(text, parameters) {
      statements += 1;
      return pool.query(text, parameters);
    },
  });
}

describe.each(NAMES)('a list of accounts (%s)', (name) => {
  test.skipIf(name === 'postgres' && missing)('shows of each what it shows alone, however many there are', async () => {
    const gateway = createGateway({
      providers: { openai: openai({ apiKey: 'sk-test' }) },
      models: { fast: { provider: 'openai', price: { input: 1, output: 2 } } },
      plans: {
        pro: { models: '*', billing: 'prepaid', allowance: { amount: 5, per: 'day' } },
        free: { models: '*' },
      },
      defaultPlan: 'free',
      store: storeOf(name),
    });
    const prefix = crypto.randomUUID();
    const ids = Array.from({ length: 12 }, (_, i) => `${prefix}-${String(i).padStart(2, '0')}`);
    for (const [i, id] of ids.entries()) {
      await gateway.accounts.create({ id, plan: i % 2 === 0 ? 'pro' : 'free' });
      if (i % 3 === 0) await gateway.credits.topUp({ accountId: id, amount: i + 1, idempotencyKey: 'one' });
      if (i % 4 === 0) {
        await gateway.credits.grant({ accountId: id, amount: 2, idempotencyKey: 'a', expiresAt: Date.now() + 1e8 });
        await gateway.credits.grant({ accountId: id, amount: 1, idempotencyKey: 'b', expiresAt: Date.now() + 1e7 });
      }
      if (i % 5 === 0) await gateway.accounts.setBudget(id, { amount: 3, period: i % 2 === 0 ? 'day' : 'total' });
    }
    statements = 0;
    const listed = await gateway.accounts.list({ search: prefix });
    // The accounts, their balances, grants, allowances and budgets.
    if (name === 'postgres') expect(statements).toBeLessThanOrEqual(5);
    expect(listed).toEqual(await Promise.all(ids.map((id) => gateway.accounts.get(id))));
    expect(listed[0]).toMatchObject({ balance: '1', available: '3', grants: [{ left: '1' }, { left: '2' }] });
    await gateway.close();
  });
});
