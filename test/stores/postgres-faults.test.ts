import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGateway, openai } from '../../src/index.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { fakeUpstream } from '../../src/testing/index.js';
import { eventually } from '../helpers/eventually.js';
import { type FaultyLink, faultyLink } from '../helpers/faulty-link.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { PROMPTLY_MS } from '../helpers/promptly.js';
import { holdOf, settlementOf } from '../helpers/settlements.js';
import { testLogger } from '../helpers/test-logger.js';

const missing = postgresMissing();
let server: PostgresServer;

beforeAll(async () => {
  if (!missing) server = await startPostgres();
});

afterAll(() => server?.stop());

/** A pool as the docs make it, over a link that can fail. */
async function linked(options: Pick<pg.PoolConfig, 'max' | 'connectionTimeoutMillis'> = {}) {
  const link = await faultyLink(`${server.config.host}/.s.PGSQL.5432`);
  const { user, database } = server.config;
  const ofDocs = { max: 10, connectionTimeoutMillis: 2_000 };
  const pool = new pg.Pool({ host: '127.0.0.1', port: link.port, user, database, ...ofDocs, ...options });
  pool.on('error', () => {});
  return { link, pool, end: () => endOf(link, pool) };
}

async function endOf(link: FaultyLink, pool: pg.Pool): Promise<void> {
  await link.close();
  await pool.end();
}

async function timed<T>(work: Promise<T>): Promise<{ value: T; ms: number }> {
  const started = performance.now();
  return { value: await work, ms: performance.now() - started };
}

describe.skipIf(missing)('PostgreSQL whose connections went half-open', () => {
  test('answers again soon, with the pool of the docs', async () => {
    const { link, pool, end } = await linked();
    const { meter } = postgresStore(pool);
    const account = `half_${Date.now()}`;
    await meter.credit({ accountId: account, kind: 'top_up', amount: 10n ** 9n, idempotencyKey: 'a', now: 1 });
    // Ten connections, all of them idle in the pool.
    await Promise.all(Array.from({ length: 10 }, () => pool.query('SELECT pg_sleep(0.05)')));
    expect(pool.totalCount).toBe(10);
    link.goHalfOpen();
    const ids = Array.from({ length: 12 }, (_, i) => `${account}_${i}`);
    const all = ids.map((id, i) =>
      timed(Promise.resolve(meter.reserve(holdOf(id, { accountId: `${account}_${i % 3}`, prepaid: false })))),
    );
    const seen = await Promise.all(all);
    for (const { value, ms } of seen) {
      expect(value).toMatchObject({ ok: true });
      expect(ms).toBeLessThan(PROMPTLY_MS);
    }
    const { ms } = await timed(Promise.resolve(meter.balance(account)));
    expect(ms).toBeLessThan(PROMPTLY_MS);
    await end();
  });

  test('finds every dead connection after the first: the next request does not wait again', async () => {
    const { link, pool, end } = await linked();
    const { meter } = postgresStore(pool);
    await meter.balance('anyone');
    await Promise.all(Array.from({ length: 10 }, () => pool.query('SELECT pg_sleep(0.05)')));
    link.goHalfOpen();
    expect((await timed(Promise.resolve(meter.balance('anyone')))).ms).toBeLessThan(PROMPTLY_MS);
    await new Promise((resolve) => setTimeout(resolve, 600));
    // Ten waits, one after another, would be ten times the time limit.
    const { ms } = await timed(
      (async () => {
        for (let i = 0; i < 10; i++) await meter.balance('anyone');
      })(),
    );
    expect(ms).toBeLessThan(PROMPTLY_MS);
    await end();
  });

  test('does not use up a pool without a time limit of its own by connections that never open', async () => {
    const { link, pool, end } = await linked({ max: 2, connectionTimeoutMillis: 0 });
    const { meter } = postgresStore(pool, { statementTimeoutMs: 300 });
    await meter.balance('anyone');
    link.swallow();
    // Each finds the open connection dead or waits for a new one, until both places of the pool are taken.
    while (pool.totalCount < 2 || pool.idleCount > 0)
      await Promise.allSettled([meter.balance('a'), meter.balance('b')]);
    await Promise.allSettled([meter.balance('a'), meter.balance('b')]);
    link.heal();
    await eventually(
      () =>
        Promise.resolve(meter.balance('anyone')).then(
          () => true,
          () => false,
        ),
      25_000,
    );
    await end();
  });

  test('keeps a settlement in the outbox while no connection answers, and charges it once afterwards', async () => {
    const { link, pool, end } = await linked({ max: 2 });
    const upstream = await fakeUpstream({
      answer() {
        link.swallow();
        return { text: 'Hello' };
      },
    });
    const gateway = createGateway({
      providers: { openai: openai(upstream.openai) },
      models: { fast: { provider: 'openai', model: 'gpt-4o-mini', price: { input: 1, output: 2 } } },
      plans: { pro: { models: '*', billing: 'prepaid' } },
      store: postgresStore(pool, { statementTimeoutMs: 1_000 }),
      logger: testLogger,
    });
    const accountId = `outbox_${Date.now()}`;
    const { key } = await gateway.keys.create({ accountId, name: 'test' });
    await gateway.credits.topUp({ accountId, amount: '1', idempotencyKey: 'a' });
    const ask = () =>
      gateway.fetch(
        new Request('http://gateway.test/v1/chat/completions', {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
          body: JSON.stringify({ model: 'fast', messages: [{ role: 'user', content: 'Hi' }] }),
        }),
      );
    const answer = await ask();
    expect(answer.status).toBe(200);
    await answer.text();
    link.heal();
    await gateway.close();
    const [event, ...more] = await postgresStore(server.pool()).meter.events({ accountId }, { limit: 10 });
    expect(event).toMatchObject({ accountId, outcome: 'completed' });
    expect(more).toEqual([]);
    await upstream.close();
    await end();
  }, 60_000);
});

describe.skipIf(missing)('PostgreSQL that refuses connections', () => {
  test('lets 64 requests of one key fail together and not one after another', async () => {
    const refuse = async () => {
      throw Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    };
    let away = false;
    const pool = server.pool();
    const store = postgresStore({ query: (text, values) => (away ? refuse() : pool.query(text, values)) });
    await store.migrate?.();
    away = true;
    const started = performance.now();
    const all = Array.from({ length: 64 }, (_, i) => Promise.resolve(store.meter.reserve(holdOf(`req_${i}`))));
    const results = await Promise.allSettled(all);
    expect(results.every(({ status }) => status === 'rejected')).toBe(true);
    expect(performance.now() - started).toBeLessThan(PROMPTLY_MS);
  });
});

describe.skipIf(missing)('a role that may not create tables', () => {
  test('works on a schema that is up to date', async () => {
    const owner = server.pool();
    await postgresStore(owner).migrate?.();
    await owner.query(`DO $$ BEGIN
      IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'app') THEN CREATE ROLE app LOGIN; END IF;
    END $$`);
    await owner.query('GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app');
    const pool = new pg.Pool({ ...server.config, user: 'app' });
    await expect(pool.query('CREATE TABLE anything (id int)')).rejects.toThrow('permission denied');
    const { meter, keyStore } = postgresStore(pool);
    await keyStore.saveAccount({ id: 'user_app', now: 1 });
    await meter.credit({ accountId: 'user_app', kind: 'top_up', amount: 10n ** 9n, idempotencyKey: 'a', now: 1 });
    const id = `app_${Date.now()}`;
    expect(await meter.reserve(holdOf(id, { accountId: 'user_app' }))).toMatchObject({ ok: true });
    expect(await meter.settle(settlementOf(id, { accountId: 'user_app' }))).toEqual({ recorded: true });
    expect(await meter.usage({ accountId: 'user_app', groupBy: ['model'] })).toMatchObject([{ requests: 1 }]);
    await pool.end();
  });
});
