import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { newRequestId } from '../../src/lib/request-id.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import type { FullStore } from '../../src/stores/store.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { settlementOf } from '../helpers/settlements.js';

const missing = postgresMissing();
let server: PostgresServer | undefined;
beforeAll(async () => {
  if (!missing) server = await startPostgres();
});
afterAll(() => server?.stop());
beforeEach((context) => {
  if (missing) context.skip(missing);
});

const MONTHS = [0, 1, 2, 3].map((more) => {
  const now = new Date();
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + more, 1));
});
const nameOf = (month: Date | undefined) => `gateway_events_${month?.toISOString().slice(0, 7).replace('-', '_')}`;

/** A database of its own. */
async function databaseOf(name: string) {
  if (!server) throw new Error(missing);
  await server.pool(1).query(`CREATE DATABASE ${name}`);
  const pool = server.pool(4, name);
  const store = postgresStore(pool);
  const partitions = async () => {
    const text = `SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
      WHERE i.inhparent = 'gateway_events'::regclass ORDER BY 1`;
    return (await pool.query(text)).rows.map((row) => row.name as string);
  };
  const rowsIn = async (table: string) => Number((await pool.query(`SELECT COUNT(*) AS n FROM ${table}`)).rows[0].n);
  return { pool, store, partitions, rowsIn };
}

const settleAt = async ({ meter }: FullStore, at: number, count = 1) => {
  for (let i = 0; i < count; i++) await meter.settle(settlementOf(newRequestId(), { at }));
};

test('a new database has partitions for this month and the next three', async () => {
  const { store, partitions } = await databaseOf('fresh');
  await store.migrate?.();
  expect(await partitions()).toEqual([...MONTHS.map(nameOf), 'gateway_events_rest']);
});

test('the months ahead are made by the sweeper, and take what had come to the rest', async () => {
  const { store, partitions, rowsIn } = await databaseOf('ahead');
  const later = Date.UTC(2031, 1, 15);
  await settleAt(store, later, 3);
  expect(await rowsIn('gateway_events_rest')).toBe(3);
  await store.meter.expire(later);
  expect(await partitions()).toEqual(expect.arrayContaining(['gateway_events_2031_02', 'gateway_events_2031_05']));
  expect([await rowsIn('gateway_events_rest'), await rowsIn('gateway_events_2031_02')]).toEqual([0, 3]);
  await settleAt(store, Date.UTC(2031, 4, 31, 23, 59, 59, 999));
  expect(await rowsIn('gateway_events_2031_05')).toBe(1);
});

test('pruning drops whole months and deletes the days after them; sums, ledger and refunds of the rest stay exact', async () => {
  const { store, partitions, rowsIn } = await databaseOf('pruned');
  const [first, second] = [Date.UTC(2032, 0, 10), Date.UTC(2032, 1, 3)];
  await store.meter.expire(first);
  await settleAt(store, first, 30);
  await settleAt(store, second, 5);
  await settleAt(store, Date.UTC(2001, 0, 1), 2);
  const query = { groupBy: ['day'] as const };
  const before = await store.meter.usage(query);
  expect(await store.upkeep?.pruneEvents(Date.UTC(2032, 1, 2), 10)).toBe(30);
  expect(await partitions()).not.toContain('gateway_events_2032_01');
  expect(await store.upkeep?.pruneEvents(Date.UTC(2032, 1, 2), 10)).toBe(2);
  expect(await store.upkeep?.pruneEvents(Date.UTC(2032, 1, 2), 10)).toBe(0);
  expect(await rowsIn('gateway_events')).toBe(5);
  expect(await store.upkeep?.pruneEvents(Date.UTC(2032, 1, 4), 3)).toBe(3);
  expect(await partitions()).toContain('gateway_events_2032_02');
  expect(await store.meter.usage(query)).toEqual(before);
});

test('a month that a report is reading is not waited for: rows go instead, and the month goes later', async () => {
  const { pool, store, partitions, rowsIn } = await databaseOf('busy');
  const at = Date.UTC(2032, 0, 10);
  await store.meter.expire(at);
  await settleAt(store, at, 4);
  const reader = await pool.connect();
  await reader.query('BEGIN');
  await reader.query('SELECT COUNT(*) FROM gateway_events');
  expect(await store.upkeep?.pruneEvents(Date.UTC(2032, 1, 1), 3)).toBe(3);
  expect(await partitions()).toContain('gateway_events_2032_01');
  await reader.query('COMMIT');
  reader.release();
  expect(await store.upkeep?.pruneEvents(Date.UTC(2032, 1, 1), 3)).toBe(1);
  expect(await rowsIn('gateway_events')).toBe(0);
  expect(await partitions()).not.toContain('gateway_events_2032_01');
});

test('a role that may not create tables keeps events in the rest, and prunes them by rows', async () => {
  const { pool, store, rowsIn } = await databaseOf('modest');
  await store.migrate?.();
  await pool.query(`CREATE ROLE modest LOGIN; REVOKE CREATE ON SCHEMA public FROM PUBLIC;
    GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO modest`);
  if (!server) return;
  const { Pool } = (await import('pg')).default;
  const own = new Pool({ ...server.config, database: 'modest', user: 'modest', max: 2 });
  try {
    const modest = postgresStore(own);
    const at = Date.UTC(2032, 0, 10);
    await modest.meter.expire(at);
    await settleAt(modest, at, 2);
    await settleAt(modest, Date.now());
    expect(await rowsIn('gateway_events_rest')).toBe(2);
    expect(await modest.upkeep?.pruneEvents(Date.UTC(2032, 1, 1), 10)).toBe(3);
    expect(await rowsIn('gateway_events')).toBe(0);
  } finally {
    await own.end();
  }
});
