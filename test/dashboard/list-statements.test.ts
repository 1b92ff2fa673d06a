import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { UsageQuery } from '../../src/meter/meter.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import type { SqliteDatabase, SqliteStatement, SqliteValue } from '../../src/stores/sqlite/sqlite-database.js';
import type { FullStore } from '../../src/stores/store.js';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { settlementOf } from '../helpers/settlements.js';
import { dashboardClient } from './client.js';

const missing = postgresMissing();
let server: PostgresServer | undefined;
beforeAll(async () => {
  if (!missing) server = await startPostgres();
});
afterAll(() => server?.stop());

const STORES = ['sqlite', 'postgres'] as const;

/** A store of its own, and how many statements it has run. */
async function countingStore(name: (typeof STORES)[number], database: string) {
  const counter = { statements: 0 };
  const store = name === 'sqlite' ? sqliteStore(counted(counter)) : await countedPostgres(counter, database);
  return { store, counter };
}

function counted(counter: { statements: number }): SqliteDatabase {
  const database = new Database(':memory:');
  const count = <T extends SqliteStatement>(statement: T): SqliteStatement => {
    const run = (name: 'run' | 'get' | 'all') => {
      const work = (statement[name] as (...values: SqliteValue[]) => never).bind(statement);
      return (...values: SqliteValue[]) => {
        counter.statements += 1;
        return work(...values);
      };
    };
    return { run: run('run'), get: run('get'), all: run('all') };
  };
  return { exec: (sql) => database.exec(sql), prepare: (sql) => count(database.prepare(sql)) };
}

async function countedPostgres(counter: { statements: number }, database: string): Promise<FullStore> {
  if (!server) throw new Error(missing);
  await server.pool(1).query(`CREATE DATABASE ${database}`);
  const pool = server.pool(4, database);
  return postgresStore({
    query(text, parameters) {
      counter.statements += 1;
      return pool.query(text, parameters);
    },
  });
}

const LISTS = [
  ['operator', 'api/operator/accounts?limit=100'],
  ['operator', 'api/operator/accounts?limit=100&sort=spend'],
  ['operator', 'api/operator/accounts.csv'],
  ['operator', 'api/operator/overview?range=week'],
  ['operator', 'api/operator/requests'],
  ['operator', 'api/operator/promo-codes'],
  ['operator', 'api/operator/health'],
  ['user_00', 'api/home'],
  ['user_00', 'api/keys'],
  ['user_00', 'api/keys/names'],
  ['user_00', 'api/sessions'],
  ['user_00', 'api/requests'],
  ['user_00', 'api/usage/events'],
  ['user_00', 'api/credits'],
] as const;

/** How many statements each list takes where there are so many accounts, and keys, codes and sessions of one of them. */
async function statementsOf(name: (typeof STORES)[number], many: number): Promise<Record<string, number>> {
  const { store, counter } = await countingStore(name, `lists_${many}`);
  const gateway = sampleGateway(store);
  for (let i = 0; i < many; i++) {
    const accountId = `user_${String(i).padStart(2, '0')}`;
    await gateway.accounts.setProfile(accountId, { displayName: `Customer ${i}` });
    const { key } = await gateway.keys.create({ accountId, name: 'server' });
    const budget = { amount: '5', period: i % 2 === 0 ? 'day' : 'month' } as const;
    const own = await gateway.keys.create({ accountId: 'user_00', name: `key ${i}`, budget });
    await gateway.sessions.create({ accountId: 'user_00', ttl: '1h' });
    await gateway.promoCodes.create({ code: `CODE${i}`, amount: '1' });
    for (const secret of [key, own.key]) {
      const answer = await gateway.fetch(
        new Request('http://app.example/v1/chat/completions', {
          method: 'POST',
          headers: { authorization: `Bearer ${secret}`, 'content-type': 'application/json' },
          body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }] }),
        }),
      );
      expect(answer.status).toBe(200);
    }
  }
  const found: Record<string, number> = {};
  for (const [account, path] of LISTS) {
    const counts: number[] = [];
    // What the gateway writes by itself meanwhile is not part of the list: the fewest of three times.
    for (let time = 0; time < 3; time++) {
      const client = dashboardClient(gateway);
      await client.get('/api/session', account);
      counter.statements = 0;
      const answer = await client.get(`/${path}`, account);
      expect([path, answer.status]).toEqual([path, 200]);
      counts.push(counter.statements);
    }
    found[path] = Math.min(...counts);
  }
  await gateway.close();
  return found;
}

describe.each(STORES)('the lists of the dashboard (%s)', (name) => {
  test.skipIf(name === 'postgres' && missing)('take as many statements for nine rows as for three', async () => {
    const few = await statementsOf(name, 3);
    expect(await statementsOf(name, 9)).toEqual(few);
    expect(Math.max(...Object.values(few))).toBeLessThanOrEqual(24);
  });
});

describe.each(STORES)('the accounts page (%s)', (name) => {
  test.skipIf(name === 'postgres' && missing)('shows spend and last use of each account that is on it', async () => {
    const { store } = await countingStore(name, 'accounts_page');
    let now = Date.UTC(2026, 10, 20, 12);
    const gateway = sampleGateway(store, () => now);
    const ask = async (key: string, model: string) => {
      now += 60_000;
      const answer = await gateway.fetch(
        new Request('http://app.example/v1/chat/completions', {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hi' }] }),
        }),
      );
      return { at: new Date(now).toISOString(), status: answer.status };
    };
    const keys: Record<string, string> = {};
    for (const accountId of ['ada', 'bob', 'eve'])
      keys[accountId] = (await gateway.keys.create({ accountId, name: 'server' })).key;
    await ask(keys['ada'] ?? '', 'gpt-4o-mini');
    const paid = await ask(keys['ada'] ?? '', 'gpt-4o-mini');
    const refused = await ask(keys['bob'] ?? '', 'gpt-4o');
    expect([paid.status, refused.status]).toEqual([200, 403]);
    await gateway.accounts.setProfile('new', { displayName: 'Nobody yet' });
    const answer = await dashboardClient(gateway).get('/api/operator/accounts', 'operator');
    const { data } = answer.json<{ data: { id: string; spend: string; lastSeenAt: string | null }[] }>();
    const shown = Object.fromEntries(data.map(({ id, spend, lastSeenAt }) => [id, [spend, lastSeenAt]]));
    const [one] = await gateway.usage.query({ accountId: 'ada' });
    expect(shown).toEqual({
      ada: [one?.cost, paid.at],
      bob: ['0', refused.at],
      eve: ['0', null],
      new: ['0', null],
    });
    await gateway.close();
  });
});

describe.each(STORES)('the keys page (%s)', (name) => {
  test.skipIf(name === 'postgres' && missing)('shows what each key on it spent, and sums no other', async () => {
    const { store } = await countingStore(name, 'keys_page');
    const asked: (readonly string[] | undefined)[] = [];
    const { meter } = store;
    const usage = meter.usage.bind(meter);
    const gateway = sampleGateway(
      Object.assign(Object.create(store), {
        meter: Object.assign(Object.create(meter), {
          usage: (query: UsageQuery) => {
            asked.push(query.keyIds);
            return usage(query);
          },
        }),
      }),
    );
    const ids: Record<string, string> = {};
    for (const [index, key] of ['a', 'b', 'c'].entries()) {
      const { record } = await gateway.keys.create({ accountId: 'ada', name: key });
      ids[key] = record.id;
      const spent = { accountId: 'ada', keyId: record.id, cost: BigInt(index + 1) * 1_000_000_000n, at: Date.now() };
      for (const at of [spent.at, spent.at - 24 * 3_600_000])
        await meter.settle(settlementOf(`req_${key}_${at}`, { ...spent, at }));
    }
    const answer = await dashboardClient(gateway).get('/api/keys?sort=name&limit=2', 'ada');
    const { data } = answer.json<{ data: { name: string; days: number[] }[] }>();
    expect(data.map(({ name: key, days }) => [key, days.slice(-3)])).toEqual([
      ['a', [0, 1, 1]],
      ['b', [0, 2, 2]],
    ]);
    expect(asked).toEqual([[ids['a'], ids['b']]]);
    await gateway.close();
  });
});
