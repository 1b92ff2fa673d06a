import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { placeOf } from '../../src/stores/sqlite/database-place.js';
import { type SqliteDatabase, sqliteStore } from '../../src/stores/sqlite/index.js';
import { SqliteConnection } from '../../src/stores/sqlite/sqlite-database.js';
import { SqliteReports } from '../../src/stores/sqlite/sqlite-reports.js';
import { settlementOf } from '../helpers/settlements.js';

const COUNT =
  'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT MAX(i) AS most FROM n';
const ROWS = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) SELECT i FROM n';

let folder: string;
let file: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'reports-'));
  file = join(folder, 'gateway.db');
  const database = new Database(file);
  await sqliteStore(database).meter.settle(settlementOf('seed'));
  database.close();
});

afterAll(() => rmSync(folder, { recursive: true }));

/** Reports of a connection, and how often its own `prepare` was used: not at all while a thread reads. */
function reportsOf(database: SqliteDatabase, limitMs = 60_000) {
  let statements = 0;
  const connection = new SqliteConnection({
    exec: (sql) => database.exec(sql),
    prepare(sql) {
      statements += 1;
      return database.prepare(sql);
    },
  });
  const reports = new SqliteReports(database, connection, limitMs);
  return { reports, statements: () => statements };
}

describe('reports of a file', () => {
  test('run in a thread: the event loop turns while one is read', async () => {
    const { reports, statements } = reportsOf(new Database(file));
    let done = false;
    const report = Promise.resolve(reports.rows(COUNT, 1_000_000)).then((rows) => {
      done = true;
      return rows;
    });
    let turns = 0;
    while (!done && turns < 100) {
      turns += 1;
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(turns).toBe(100);
    expect(await report).toEqual([{ most: 1_000_000 }]);
    expect(statements()).toBe(0);
    reports.end();
  });

  test('come whole and in order, however long, and after the thread has ended', async () => {
    const { reports } = reportsOf(new Database(file));
    const rows = await reports.rows(ROWS, 1_001);
    expect(rows.map((row) => row['i'])).toEqual(Array.from({ length: 1_001 }, (_, i) => i + 1));
    reports.end();
    expect(await Promise.all([reports.rows(ROWS, 1), reports.rows(ROWS, 2)])).toEqual([
      [{ i: 1 }],
      [{ i: 1 }, { i: 2 }],
    ]);
    reports.end();
  });

  test('show what was committed just before, and can not write', async () => {
    const database = new Database(file);
    const store = sqliteStore(database);
    await store.meter.settle(settlementOf('later', { accountId: 'fresh' }));
    expect((await store.meter.usage({ accountId: 'fresh', groupBy: [] }))[0]?.requests).toBe(1);
    expect((await store.meter.events({ accountId: 'fresh' }, { limit: 10 })).map(({ id }) => id)).toEqual(['later']);
    const { reports } = reportsOf(database);
    await expect(reports.rows('DELETE FROM gateway_events')).rejects.toThrow(/readonly|read-only/i);
    reports.end();
    await store.close?.();
  });

  test('fail alone when a statement is wrong', async () => {
    const { reports, statements } = reportsOf(new Database(file));
    await expect(reports.rows('SELECT * FROM missing')).rejects.toThrow('no such table: missing');
    expect(await reports.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(statements()).toBe(0);
    reports.end();
  });

  test('end when they take longer than they may, and so do those that wait for their turn', async () => {
    const { reports } = reportsOf(new Database(file), 50);
    const [slow, next] = await Promise.allSettled([reports.rows(COUNT, 30_000_000), reports.rows('SELECT 1 AS one')]);
    expect(slow).toMatchObject({ status: 'rejected', reason: { code: 'service_unavailable' } });
    expect(next).toMatchObject({ status: 'rejected', reason: { code: 'service_unavailable' } });
  });

  test('are given up without harm at any point: starting, preparing, running, handing over', async () => {
    const database = new Database(file);
    for (let limitMs = 1; limitMs < 200; limitMs += 9) {
      const { reports } = reportsOf(database, limitMs);
      const outcomes = await Promise.allSettled([reports.rows(ROWS, 30_000), reports.rows('SELECT 1 AS one')]);
      for (const outcome of outcomes)
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'service_unavailable' });
      reports.end();
    }
    const { reports } = reportsOf(database);
    expect(await reports.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    reports.end();
  });
});

describe('where there is no thread to be had', () => {
  test('a database in memory is read on its own connection', async () => {
    const database = new Database(':memory:');
    const store = sqliteStore(database);
    await store.meter.settle(settlementOf('only'));
    expect((await store.meter.usage({ groupBy: [] }))[0]?.requests).toBe(1);
    expect(placeOf(database)).toBeUndefined();
  });

  test('so is one whose driver can not be found', async () => {
    const inner = new Database(file);
    const bundled: SqliteDatabase = { exec: (sql) => inner.exec(sql), prepare: (sql) => inner.prepare(sql) };
    expect(placeOf(bundled)).toBeUndefined();
    const { reports, statements } = reportsOf(bundled);
    expect(await reports.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(statements()).toBe(1);
  });

  test('and one that a second connection can not open', async () => {
    const other = join(folder, 'gone.db');
    const database = new Database(other);
    database.exec('CREATE TABLE t (a)');
    const { reports, statements } = reportsOf(database);
    // Without the table of migrations it is no database of the gateway's.
    expect(await reports.rows('SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect(statements()).toBe(1);
  });
});
