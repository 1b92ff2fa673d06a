import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGateway, openai } from '../../src/index.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { assertAccountsBalance, fakeUpstream } from '../../src/testing/index.js';
import { eventually } from '../helpers/eventually.js';
import { faultyLink } from '../helpers/faulty-link.js';
import { pgBouncerMissing, startPgBouncer } from '../helpers/pgbouncer-server.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { PROMPTLY_MS } from '../helpers/promptly.js';
import { holdOf, settlementOf } from '../helpers/settlements.js';
import { siteOf } from '../helpers/store-site.js';

/** What the fault table of docs/from-one-process-to-many.md says, with real databases that fail for real. */

const folder = mkdtempSync(join(tmpdir(), 'gateway-faults-'));
const missing = postgresMissing();
let server: PostgresServer;
beforeAll(async () => {
  if (!missing) server = await startPostgres();
});
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true });
});

describe('a SQLite file', () => {
  test('that can not grow: refused before the provider, or answered and charged later; never charged wrongly', async () => {
    const database = new Database(join(folder, 'full.db'));
    const store = sqliteStore(database);
    const site = await siteOf(store);
    const pages = () => (database.prepare('PRAGMA page_count').get() as { page_count: number }).page_count;
    const limit = (count: number) => database.pragma(`max_page_count = ${count}`);
    limit(pages());
    let answered = 0;
    let refused: Awaited<ReturnType<typeof site.ask>> | undefined;
    for (let i = 0; i < 3_000 && !refused; i++) {
      const answer = await site.ask();
      if (answer.status === 200) answered += 1;
      else refused = answer;
    }
    expect(refused).toMatchObject({ status: 503, retryAfter: expect.any(String) });
    expect(refused?.text).not.toMatch(/database|disk|full/i);
    limit(1_000_000);
    expect((await site.ask()).status).toBe(200);
    // Room for the hold, and none for the settlement.
    site.whileAnswering(() => limit(pages()));
    const late = [];
    for (let i = 0; i < 200; i++) late.push((await site.ask()).status);
    site.whileAnswering(() => {});
    limit(1_000_000);
    await site.end();
    const all = answered + 1 + late.filter((status) => status === 200).length;
    expect(late.filter((status) => status !== 200 && status !== 503)).toEqual([]);
    expect(await store.meter.usage({ groupBy: [] })).toMatchObject([{ requests: all }]);
    await assertAccountsBalance(store.meter, ['user_1'], { prepaid: true });
    database.close();
  }, 120_000);

  test('that becomes read-only while a request runs: the answer is whole, and charged once it can be written', async () => {
    const database = new Database(join(folder, 'locked.db'));
    const store = sqliteStore(database);
    const site = await siteOf(store);
    site.whileAnswering(() => database.pragma('query_only = ON'));
    const answer = await site.ask();
    expect(answer).toMatchObject({ status: 200, text: expect.stringContaining('Hello') });
    expect(await site.ask()).toMatchObject({ status: 503 });
    expect(site.lines.join('\n')).toMatch(/read-?only/i);
    expect((await site.gateway.check()).ok).toBe(true);
    database.pragma('query_only = OFF');
    site.whileAnswering(() => {});
    expect((await site.ask()).status).toBe(200);
    await site.end();
    expect(await store.meter.usage({ groupBy: [] })).toMatchObject([{ requests: 2 }]);
    await assertAccountsBalance(store.meter, ['user_1'], { prepaid: true });
    database.close();
  });
});

describe('a SQLite file', () => {
  test('that another process has locked for too long: 503, or answered and charged later', async () => {
    const file = join(folder, 'shared.db');
    const database = new Database(file);
    const store = sqliteStore(database, { lockTimeoutMs: 300 });
    const site = await siteOf(store);
    expect((await site.ask()).status).toBe(200);
    let other = lockedElsewhere(file);
    expect(await site.ask()).toMatchObject({ status: 503, retryAfter: expect.any(String) });
    await other.release();
    expect((await site.ask()).status).toBe(200);
    // The lock comes between the hold and the settlement.
    site.whileAnswering(() => {
      other = lockedElsewhere(file);
    });
    expect(await site.ask()).toMatchObject({ status: 200, text: expect.stringContaining('Hello') });
    site.whileAnswering(() => {});
    expect(await site.ask()).toMatchObject({ status: 503 });
    await other.release();
    await site.end();
    expect(await store.meter.usage({ groupBy: [] })).toMatchObject([{ requests: 3 }]);
    await assertAccountsBalance(store.meter, ['user_1'], { prepaid: true });
    database.close();
  });

  test('that is damaged: 503, said in the log and by check(), and nothing is written to it', async () => {
    const file = join(folder, 'damaged.db');
    const whole = new Database(file);
    const first = await siteOf(sqliteStore(whole));
    expect((await first.ask()).status).toBe(200);
    await first.end();
    whole.pragma('wal_checkpoint(TRUNCATE)');
    whole.close();
    const bytes = readFileSync(file);
    // Everything but the first page, so that it is found with the first question.
    bytes.fill(0xa5, 4_096);
    writeFileSync(file, bytes);
    const database = new Database(file);
    const lines: string[] = [];
    const note = (fields: unknown, message?: unknown) => lines.push(`${message} ${JSON.stringify(fields)}`);
    const upstream = await fakeUpstream();
    const gateway = createGateway({
      providers: { openai: openai(upstream.openai) },
      models: { fast: { provider: 'openai', model: 'gpt-4o-mini', price: { input: 1, output: 2 } } },
      plans: { pro: { models: '*', billing: 'prepaid' } },
      store: sqliteStore(database),
      logger: { debug() {}, info() {}, warn: note, error: note },
    });
    const answer = await gateway.fetch(
      new Request('http://gateway.test/v1/chat/completions', {
        method: 'POST',
        headers: { authorization: `Bearer ${first.key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ model: 'fast', messages: [{ role: 'user', content: 'Hi' }] }),
      }),
    );
    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, expect.any(String)]);
    expect(await answer.text()).not.toMatch(/malformed|database|disk/i);
    expect(lines.join('\n')).toMatch(/malformed/);
    expect(await gateway.check()).toMatchObject({ ok: false });
    expect(upstream.requests).toEqual([]);
    await gateway.close({ deadlineMs: 1_000 });
    database.close();
    expect(readFileSync(file).equals(bytes)).toBe(true);
    await upstream.close();
  });
});

/** Another process that holds the write lock of a file, once this returns, until it is told to let go. */
function lockedElsewhere(file: string): { release(): Promise<void> } {
  const marker = `${file}.locked`;
  rmSync(marker, { force: true });
  const program = `const Database = require('libsql'); const db = new Database(${JSON.stringify(file)});
    db.exec('PRAGMA busy_timeout = 5000; BEGIN IMMEDIATE'); require('node:fs').writeFileSync(${JSON.stringify(marker)}, '');
    process.stdin.on('end', () => { db.exec('COMMIT'); db.close(); }).resume();`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['pipe', 'inherit', 'inherit'] });
  while (!existsSync(marker)) Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
  return {
    async release() {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

describe.skipIf(missing)('PostgreSQL', () => {
  test('that is stopped, with all its processes: 503, or answered and charged once it runs again', async () => {
    const stopped = await startPostgres();
    const pool = stopped.pool(4);
    const store = postgresStore(pool, { statementTimeoutMs: 500 });
    const site = await siteOf(store, 'stopped');
    expect((await site.ask()).status).toBe(200);
    site.whileAnswering(() => stopped.freeze());
    expect(await site.ask()).toMatchObject({ status: 200, text: expect.stringContaining('Hello') });
    site.whileAnswering(() => {});
    const started = performance.now();
    expect(await site.ask()).toMatchObject({ status: 503, retryAfter: expect.any(String) });
    expect(performance.now() - started).toBeLessThan(PROMPTLY_MS);
    stopped.thaw();
    await eventually(async () => (await site.ask()).status === 200);
    await site.end();
    expect(await store.meter.usage({ accountId: 'stopped', groupBy: [] })).toMatchObject([{ requests: 3 }]);
    await assertAccountsBalance(store.meter, ['stopped'], { prepaid: true });
    await stopped.stop();
  });

  test('that a standby answers for after a failover: 503, then the new primary is found, also by open connections', async () => {
    const first = await startPostgres();
    const link = await faultyLink(`${first.config.host}/.s.PGSQL.5432`);
    const { user, database } = first.config;
    const pool = new pg.Pool({ host: '127.0.0.1', port: link.port, user, database, max: 6 });
    pool.on('error', () => {});
    const site = await siteOf(postgresStore(pool), 'failed_over');
    expect((await site.ask()).status).toBe(200);
    await first.halt();
    const second = await startPostgres({ copyOf: first });
    await first.resume('standby');
    expect(await site.ask()).toMatchObject({ status: 503, retryAfter: expect.any(String) });
    expect(site.lines.join('\n')).toContain('read-only transaction');
    // All connections that the pool may have lead to the standby, which stays up.
    await Promise.all(Array.from({ length: 6 }, () => pool.query('SELECT pg_sleep(0.05)')));
    link.lead(`${second.config.host}/.s.PGSQL.5432`);
    expect(await site.ask()).toMatchObject({ status: 200, text: expect.stringContaining('Hello') });
    await site.end();
    const { meter } = postgresStore(second.pool(2));
    expect(await meter.usage({ accountId: 'failed_over', groupBy: [] })).toMatchObject([{ requests: 2 }]);
    await assertAccountsBalance(meter, ['failed_over'], { prepaid: true });
    await link.close();
    await pool.end();
    await Promise.all([first.stop(), second.stop()]);
  });

  test('that has no connection left: 503, and the settlements of running requests are charged later', async () => {
    const admin = server.pool(1);
    await admin.query('CREATE DATABASE crowded');
    await admin.query('CREATE ROLE guest LOGIN');
    // Superusers are exempt from the limit of connections.
    const allow = (connections: number) =>
      admin.query(`ALTER ROLE guest CONNECTION LIMIT ${connections};
        SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = 'guest'`);
    const pool = server.pool(1, 'crowded');
    const store = postgresStore(pool);
    await store.migrate?.();
    await pool.query(
      'GRANT ALL ON ALL TABLES IN SCHEMA public TO guest; GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO guest',
    );
    const guests = new pg.Pool({ ...server.config, database: 'crowded', user: 'guest', max: 2 });
    guests.on('error', () => {});
    const crowded = await siteOf(postgresStore(guests));
    expect((await crowded.ask()).status).toBe(200);
    await allow(0);
    const client = new pg.Client({ ...server.config, database: 'crowded', user: 'guest' });
    await expect(client.connect()).rejects.toMatchObject({ code: '53300' });
    expect(await crowded.ask()).toMatchObject({ status: 503, retryAfter: expect.any(String) });
    await allow(-1);
    expect((await crowded.ask()).status).toBe(200);
    let closing: Promise<unknown> = Promise.resolve();
    crowded.whileAnswering(() => {
      closing = allow(0);
    });
    expect(await crowded.ask()).toMatchObject({ status: 200, text: expect.stringContaining('Hello') });
    await closing;
    crowded.whileAnswering(() => {});
    await allow(-1);
    await crowded.end();
    expect(await store.meter.usage({ groupBy: [] })).toMatchObject([{ requests: 3 }]);
    await assertAccountsBalance(store.meter, ['user_1'], { prepaid: true });
    await guests.end();
  });

  test('never deadlocks between batches of settlements and the sweeper', async () => {
    const pool = server.pool(8);
    const [store, sweeper] = [postgresStore(pool), postgresStore(pool)];
    const accounts = ['dead_1', 'dead_2', 'dead_3'];
    for (const accountId of accounts)
      await store.meter.credit({ accountId, kind: 'top_up', amount: 10n ** 12n, idempotencyKey: 'a', now: 1 });
    for (let round = 0; round < 30; round++) {
      const ids = accounts.flatMap((accountId) =>
        Array.from({ length: 8 }, (_, i) => [accountId, `r${round}_${i}`] as const),
      );
      await Promise.all(ids.map(([accountId, id]) => store.meter.reserve(holdOf(id, { accountId, expiresAt: round }))));
      await Promise.all([
        ...ids.toReversed().map(([accountId, id]) => store.meter.settle(settlementOf(id, { accountId }))),
        sweeper.meter.expire(round + 1),
        store.meter.expire(round + 1),
      ]);
    }
    const { rows } = await pool.query('SELECT SUM(deadlocks)::int AS deadlocks FROM pg_stat_database');
    expect(rows[0]).toEqual({ deadlocks: 0 });
    await assertAccountsBalance(store.meter, accounts, { prepaid: true });
    expect(await store.meter.usage({ accountId: 'dead_1', groupBy: [] })).toMatchObject([{ requests: 240 }]);
  });

  describe.skipIf(pgBouncerMissing())('behind PgBouncer in transaction mode', () => {
    test('works with the statements of the store, many at once', async () => {
      const bouncer = await startPgBouncer(server);
      const pool = new pg.Pool({ ...bouncer.config, max: 12 });
      const store = postgresStore(pool);
      const site = await siteOf(store, 'bounced');
      const statuses = await Promise.all(Array.from({ length: 60 }, async () => (await site.ask()).status));
      expect(new Set(statuses)).toEqual(new Set([200]));
      await site.end();
      expect(await store.meter.usage({ accountId: 'bounced', groupBy: [] })).toMatchObject([{ requests: 60 }]);
      await assertAccountsBalance(store.meter, ['bounced'], { prepaid: true });
      await pool.end();
      await bouncer.stop();
    });

    test('refuses a driver that names its statements: 503, nothing is held, charged or lost', async () => {
      const bouncer = await startPgBouncer(server);
      const pool = new pg.Pool({ ...bouncer.config, max: 12 });
      pool.on('error', () => {});
      const names = new Map<string, string>();
      const nameOf = (text: string) => {
        if (!names.has(text)) names.set(text, `s${names.size}`);
        return names.get(text) ?? '';
      };
      const named = {
        query: (text: string, values?: unknown[]) => pool.query(values ? { name: nameOf(text), text, values } : text),
      };
      const direct = postgresStore(server.pool(2));
      const site = await siteOf(direct, 'named');
      const through = postgresStore(named);
      const results = await Promise.allSettled(
        Array.from({ length: 60 }, (_, i) =>
          through.meter.reserve(holdOf(`named_${i}`, { accountId: `named_${i % 12}` })),
        ),
      );
      // PgBouncer before 1.21 does not follow named statements; from there on they work.
      const failed = results.filter(({ status }) => status === 'rejected');
      for (const one of failed)
        expect((one as PromiseRejectedResult).reason).toMatchObject({ code: expect.stringMatching(/^(26000|42P05)$/) });
      await site.end();
      const accounts = Array.from({ length: 12 }, (_, i) => `named_${i}`);
      await assertAccountsBalance(direct.meter, accounts, { idle: false });
      await pool.end();
      await bouncer.stop();
    });
  });
});
