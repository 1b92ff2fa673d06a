import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type PostgresPool, postgresStore } from '../../src/stores/postgres/index.js';
import { PostgresConnection } from '../../src/stores/postgres/postgres-connection.js';
import { migrationStatement } from '../../src/stores/postgres/schema.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { holdOf, NOW, settlementOf } from '../helpers/settlements.js';

const missing = postgresMissing();
let server: PostgresServer | undefined;
let databases = 0;

beforeAll(async () => {
  if (!missing) server = await startPostgres();
});

afterAll(() => server?.stop());

beforeEach((context) => {
  if (missing) context.skip(missing);
});

/** Pools of connections to a new database, each as another process would have it. */
async function freshPools(count: number) {
  const database = `fresh_${++databases}`;
  await server?.pool(1).query(`CREATE DATABASE ${database}`);
  return Array.from(
    { length: count },
    () => server?.pool(4, database) as NonNullable<ReturnType<PostgresServer['pool']>>,
  );
}

async function freshPool() {
  const [pool] = await freshPools(1);
  if (!pool) throw new Error('no pool');
  return pool;
}

const topUp = (amount: bigint, idempotencyKey = 'first') => ({
  accountId: 'user_1',
  kind: 'top_up' as const,
  amount,
  idempotencyKey,
  now: NOW,
});

/** Runs each statement `faults` times in vain before or after the server has done it. */
function faulty(pool: PostgresPool, fault: { code: string; when: 'before' | 'after'; times: number; on: RegExp }) {
  let left = fault.times;
  const sent: string[] = [];
  const flaky: PostgresPool = {
    async query(text, parameters) {
      sent.push(text);
      const strikes = fault.on.test(text) && left > 0;
      if (strikes) left--;
      const error = Object.assign(new Error('a fault of the test'), { code: fault.code });
      if (strikes && fault.when === 'before') throw error;
      const result = await pool.query(text, parameters);
      if (strikes) throw error;
      return result;
    },
  };
  return { pool: flaky, sent };
}

describe('the PostgreSQL store', () => {
  test('is migrated once by ten processes that start at once on an empty database', async () => {
    const pools = await freshPools(10);
    const stores = pools.map((pool) => postgresStore(pool));
    await Promise.all(stores.map((store) => store.migrate?.()));
    await Promise.all(stores.map((store, i) => store.meter.credit(topUp(1n, `payment ${i}`))));
    expect(await stores[0]?.meter.balance('user_1')).toEqual({ balance: 10n, held: 0n });
    const { rows } = (await pools[0]?.query('SELECT version FROM gateway_migrations ORDER BY version')) ?? { rows: [] };
    expect(rows.length).toBeGreaterThan(0);
    expect(rows).toEqual(rows.map((_, i) => ({ version: i + 1 })));
  });

  test('refuses a database that a newer version has migrated', async () => {
    const pool = await freshPool();
    await postgresStore(pool).migrate?.();
    await pool.query('INSERT INTO gateway_migrations VALUES (99, now())');
    await expect(postgresStore(pool).meter.balance('user_1')).rejects.toThrow(/schema version 99/);
  });

  test('keeps every bit of a 64-bit amount, and refuses one beyond', async () => {
    const { meter } = postgresStore(await freshPool());
    await meter.credit(topUp(2n ** 53n + 1n));
    expect(await meter.history('user_1', { limit: 1 })).toMatchObject([{ amount: 9_007_199_254_740_993n, at: NOW }]);
    expect(await meter.credit(topUp(2n ** 63n - 1n, 'second'))).toEqual({ ok: false, reason: 'too_large' });
    expect(await meter.balance('user_1')).toEqual({ balance: 9_007_199_254_740_993n, held: 0n });
  });

  test('does not touch how the driver reads integers elsewhere in the app', async () => {
    const pool = await freshPool();
    await postgresStore(pool).migrate?.();
    expect((await pool.query('SELECT 1::int8 AS one')).rows).toEqual([{ one: '1' }]);
  });

  test('runs reports without compiling them or starting workers, and leaves both settings as they were for what shares their connection', async () => {
    if (!server) return;
    const database = `fresh_${++databases}`;
    await server.pool(1).query(`CREATE DATABASE ${database}`);
    await server.pool(1).query(`ALTER DATABASE ${database} SET jit = on`);
    const pool = server.pool(1, database);
    const connection = new PostgresConnection(pool, [migrationStatement]);
    const settings =
      "SELECT current_setting('jit') AS jit, current_setting('max_parallel_workers_per_gather') AS workers";
    expect(
      await connection.longReportRows(`${settings}, ($1)[1] AS one, ($1)[2]::bigint AS two`, ["it's", 2 ** 53]),
    ).toEqual([{ jit: 'off', workers: '0', one: "it's", two: 2 ** 53 }]);
    expect((await pool.query(settings)).rows).toEqual([{ jit: 'on', workers: '2' }]);
  });

  test('takes rows as they come from a driver that answers with a bare list', async () => {
    const pool = await freshPool();
    const bare: PostgresPool = { query: async (text, parameters) => (await pool.query(text, parameters)).rows };
    const { meter } = postgresStore(bare);
    await meter.credit(topUp(5n));
    expect(await meter.balance('user_1')).toEqual({ balance: 5n, held: 0n });
  });

  test.each(['40001', '40P01', '57P01', 'ECONNRESET'])('tries again after %s', async (code) => {
    const pool = await freshPool();
    await postgresStore(pool).meter.credit(topUp(1_000_000n));
    const { meter } = postgresStore(
      faulty(pool, { code, when: 'before', times: 3, on: /SELECT gateway_reserve\(/ }).pool,
    );
    expect(await meter.reserve(holdOf('req_1'))).toEqual({ ok: true, held: 210_000n });
  });

  test('gives up after four attempts, and answers again when the server does', async () => {
    const pool = await freshPool();
    await postgresStore(pool).meter.credit(topUp(1_000_000n));
    const { pool: flaky, sent } = faulty(pool, {
      code: '57P01',
      when: 'before',
      times: 4,
      on: /SELECT gateway_reserve\(/,
    });
    const { meter } = postgresStore(flaky);
    await expect(meter.reserve(holdOf('req_1'))).rejects.toThrow(/a fault/);
    expect(sent.filter((text) => text.includes('SELECT gateway_reserve('))).toHaveLength(4);
    expect(await meter.reserve(holdOf('req_1'))).toEqual({ ok: true, held: 210_000n });
  });

  test('knows its own hold again when the answer to it was lost', async () => {
    const pool = await freshPool();
    await postgresStore(pool).meter.credit(topUp(1_000_000n));
    const { meter } = postgresStore(
      faulty(pool, { code: '57P01', when: 'after', times: 1, on: /SELECT gateway_reserve\(/ }).pool,
    );
    expect(await meter.reserve(holdOf('req_1'))).toEqual({ ok: true, held: 210_000n });
    expect(await meter.balance('user_1')).toEqual({ balance: 1_000_000n, held: 210_000n });
    expect(await meter.reserve(holdOf('req_1'))).toEqual({ ok: false, reason: 'duplicate' });
  });

  test('charges once when the answer to a settlement was lost', async () => {
    const pool = await freshPool();
    await postgresStore(pool).meter.credit(topUp(1_000_000n));
    const { meter } = postgresStore(
      faulty(pool, { code: '57P01', when: 'after', times: 2, on: /SELECT gateway_settle\(/ }).pool,
    );
    await meter.settle(settlementOf('req_1'));
    expect(await meter.balance('user_1')).toEqual({ balance: 950_000n, held: 0n });
  });

  test('never sends a redemption twice, because a lost answer may have been a success', async () => {
    const pool = await freshPool();
    const code = { code: 'HELLO', amount: 5n, createdAt: NOW };
    await postgresStore(pool).meter.createPromoCode(code);
    const fault = { code: 'ECONNRESET', when: 'after', times: 1, on: /FROM gateway_redeem\(/ } as const;
    const { meter } = postgresStore(faulty(pool, fault).pool);
    await expect(meter.redeem({ accountId: 'user_1', code: 'HELLO', now: NOW })).rejects.toThrow(/a fault/);
    expect(await meter.balance('user_1')).toEqual({ balance: 5n, held: 0n });
  });

  test('does not deadlock when four processes hold, settle and release for one key with a budget at once', async () => {
    const faults: unknown[] = [];
    const stores = (await freshPools(4)).map((pool) =>
      postgresStore({
        query: (text, parameters) =>
          pool.query(text, parameters).catch((error: unknown) => {
            faults.push(error);
            throw error;
          }),
      }),
    );
    const meterOf = (i: number) => (stores[i % 4] as (typeof stores)[number]).meter;
    await meterOf(0).credit(topUp(10n ** 12n));
    const budgets = [{ subject: 'key:key_1', window: '2026-11', limit: 10n ** 12n }];
    await Promise.all(
      Array.from({ length: 400 }, async (_, i) => {
        await meterOf(i).reserve(holdOf(`req_${i}`, { budgets }));
        if (i % 4 === 0) await meterOf(i + 1).release({ accountId: 'user_1', id: `req_${i}` });
        else await meterOf(i + 1).settle(settlementOf(`req_${i}`, { budgets }));
      }),
    );
    expect(faults).toEqual([]);
    expect(await meterOf(0).balance('user_1')).toEqual({ balance: 10n ** 12n - 300n * 50_000n, held: 0n });
  });

  test('fails only what is wrong, of all that share a statement', async () => {
    const { meter } = postgresStore(await freshPool());
    await meter.credit(topUp(1_000_000n));
    const settle = (id: string, change = {}) => Promise.resolve(meter.settle(settlementOf(id, change)));
    const results = await Promise.allSettled([
      settle('req_1'),
      settle('req_2'),
      settle('req_3', { cost: 2n ** 70n }),
      settle('req_4'),
      settle('req_2'),
    ]);
    expect(results.map((result) => (result.status === 'fulfilled' ? result.value.recorded : 'failed'))).toEqual([
      true,
      true,
      'failed',
      true,
      false,
    ]);
    expect(await meter.balance('user_1')).toEqual({ balance: 850_000n, held: 0n });
  });
});
