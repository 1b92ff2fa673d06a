import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { PostgresPool } from '../../src/stores/postgres/bounded-pool.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { STEPS } from '../../src/stores/postgres/schema.js';
import { assertAccountsBalance } from '../../src/testing/index.js';
import { bulkEvents } from '../helpers/bulk-events.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { settlementOf } from '../helpers/settlements.js';

/** The last version whose events are indexed by the name of their account. */
const BY_NAME = 20;
const DAY = 86_400_000;
const END = Math.floor(Date.now() / DAY) * DAY;
const EVENTS = 2_000;
const BUSY = { accountId: 'busy' } as const;

const missing = postgresMissing();
let server: PostgresServer | undefined;
beforeAll(async () => {
  if (!missing) server = await startPostgres();
});
afterAll(() => server?.stop());
beforeEach((context) => {
  if (missing) context.skip(missing);
});

const PRICE =
  '{"input":"150000","cachedInput":"75000","cacheWrite":"150000","cacheWrite1h":"150000","output":"600000","reasoning":"600000","multiplier":"1000000"}';

/** A database that version 20 left, with events of two or three months. */
async function leftByName(name: string): Promise<Pool> {
  if (!server) throw new Error(missing);
  await server.pool(1).query(`CREATE DATABASE ${name}`);
  const pool = server.pool(6, name);
  await pool.query(`CREATE TABLE gateway_migrations (version integer PRIMARY KEY, applied_at timestamptz NOT NULL);
    DO $steps$ BEGIN ${STEPS.slice(0, BY_NAME).join('\n')} END $steps$;
    INSERT INTO gateway_migrations SELECT n, now() FROM generate_series(1, ${BY_NAME}) AS n;
    INSERT INTO gateway_prices VALUES (1, '${PRICE}');
    ${bulkEvents({ dialect: 'postgres', events: EVENTS, end: END })}`);
  return pool;
}

/** The indices of events by account: whether the old one is there, whether the new one can be used, and how much of it can't. */
async function indices(pool: Pool) {
  const { rows } = await pool.query(`
    SELECT to_regclass('gateway_events_account') IS NOT NULL AS old,
      (SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('gateway_events_of_account')) AS usable,
      (SELECT COUNT(*)::int FROM pg_index x JOIN pg_class c ON c.oid = x.indexrelid
        WHERE c.relname LIKE '%_of_account' AND NOT x.indisvalid) AS unusable`);
  return rows[0];
}
const WHOLE = { old: false, usable: true, unusable: 0 };

/** A pool that notes what it is sent. */
function noting(pool: Pool) {
  const sent: { text: string; parameters: unknown[] }[] = [];
  const noted: PostgresPool = {
    query(text, parameters) {
      sent.push({ text, parameters: parameters ?? [] });
      return pool.query(text, parameters);
    },
  };
  return { sent, noted };
}

test('a new database has the short index alone', async () => {
  if (!server) return;
  await server.pool(1).query('CREATE DATABASE fresh');
  const pool = server.pool(2, 'fresh');
  await postgresStore(pool).migrate?.();
  expect(await indices(pool)).toEqual(WHOLE);
});

test('a filled one gets it beside writes; lists, charts and erasing find the events of an account by it', async () => {
  const pool = await leftByName('filled');
  const { sent, noted } = noting(pool);
  const store = postgresStore(noted);
  await store.migrate?.();
  expect(await indices(pool)).toEqual(WHOLE);
  await pool.query('ANALYZE gateway_events');
  sent.splice(0);
  expect(await store.meter.events(BUSY, { limit: 10 })).toHaveLength(10);
  const [list] = sent.splice(0);
  const part = { from: END - 2 * DAY + 1, to: END - 2 * DAY + 2_400_000 };
  await store.meter.usage({ accountId: 'user_1', ...part, groupBy: [] });
  const [chart] = sent.splice(0);
  expect(await store.meter.usage({ ...BUSY, groupBy: [] })).toMatchObject([{ requests: EVENTS / 2 }]);
  const found = await store.meter.usageOfAll?.(['busy', 'user_1', 'nobody'], END - 20 * DAY + 1);
  expect(found?.map(({ lastAt }) => lastAt !== undefined)).toEqual([true, true, false]);
  const plan = async (text: unknown, values: unknown) =>
    (await pool.query(`EXPLAIN ${text}`, values as unknown[])).rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(await plan(list?.text, list?.parameters)).toMatch(/Index Cond: .*hashtextextended\(account_id/);
  expect(await plan(String(chart?.parameters[0]).replaceAll('($1)', '($1::text[])'), [chart?.parameters[1]])).toMatch(
    /Index Cond: .*hashtextextended\(account_id/,
  );
  await store.upkeep?.eraseAccount('busy', 'erased_1');
  expect(await store.meter.events(BUSY, { limit: 10 })).toEqual([]);
  expect(await store.meter.events({ accountId: 'erased_1' }, { limit: 1_000 })).toHaveLength(EVENTS / 2);
});

test('two accounts with the same number keep their own events', async () => {
  const pool = await leftByName('alike');
  // No two names with one number are known: the function is replaced by one that tells none apart.
  await pool.query(`CREATE SCHEMA alike; CREATE FUNCTION alike.hashtextextended(text, bigint) RETURNS bigint
    LANGUAGE sql IMMUTABLE AS 'SELECT 7::bigint'; ALTER DATABASE alike SET search_path = public, alike, pg_catalog`);
  const store = postgresStore(server?.pool(2, 'alike') ?? pool);
  expect(await store.meter.events({ accountId: 'user_1' }, { limit: 100 })).toHaveLength(1);
  expect(await store.meter.usage({ accountId: 'user_3', groupBy: [] })).toMatchObject([{ requests: 1 }]);
});

test('what a process that died left half made is finished by the next one', async () => {
  const pool = await leftByName('half');
  const { rows } = await pool.query(
    `SELECT inhrelid::regclass::text AS part FROM pg_inherits WHERE inhparent = 'gateway_events'::regclass ORDER BY 1`,
  );
  const [first, second] = rows.map(({ part }) => String(part));
  const indexed = '(hashtextextended(account_id, 0), at)';
  await pool.query(`CREATE INDEX gateway_events_of_account ON ONLY gateway_events ${indexed};
    CREATE INDEX ${first}_of_account ON ${first} ${indexed};
    ALTER INDEX gateway_events_of_account ATTACH PARTITION ${first}_of_account;
    CREATE INDEX ${second}_of_account ON ${second} ${indexed};
    UPDATE pg_index SET indisvalid = false WHERE indexrelid = '${second}_of_account'::regclass`);
  // The months ahead are made meanwhile, and bring their part.
  await pool.query('SELECT gateway_add_month(timestamp $1)'.replace('$1', "'2031-02-01'"));
  expect(await indices(pool)).toEqual({ old: true, usable: false, unusable: 2 });
  await postgresStore(pool).migrate?.();
  expect(await indices(pool)).toEqual(WHOLE);
});

test('several processes that start at once make it once', async () => {
  const pool = await leftByName('many');
  await Promise.all([1, 2, 3].map(async () => postgresStore(pool).migrate?.()));
  await postgresStore(pool).migrate?.();
  expect(await indices(pool)).toEqual(WHOLE);
});

test('requests wait for none of it, and the old one stays until nobody reads', async () => {
  const pool = await leftByName('read');
  const reader = await pool.connect();
  await reader.query('BEGIN');
  await reader.query('SELECT COUNT(*) FROM gateway_events');
  const store = postgresStore(pool);
  await store.migrate?.();
  expect(await indices(pool)).toEqual({ old: true, usable: true, unusable: 0 });
  expect(await store.meter.settle(settlementOf('req_meanwhile', { accountId: 'newcomer', at: Date.now() }))).toEqual({
    recorded: true,
  });
  await reader.query('COMMIT');
  reader.release();
  await postgresStore(pool).migrate?.();
  expect(await indices(pool)).toEqual(WHOLE);
  await assertAccountsBalance(store.meter, ['newcomer']);
});

test('a transaction that has written keeps nobody else from writing', async () => {
  const pool = await leftByName('written');
  const writer = await pool.connect();
  await writer.query('BEGIN');
  await writer.query('UPDATE gateway_events SET refunded = true WHERE seq = 10');
  const store = postgresStore(pool);
  await store.migrate?.();
  expect(await indices(pool)).toEqual({ old: true, usable: null, unusable: 0 });
  await writer.query('COMMIT');
  writer.release();
  await postgresStore(pool).migrate?.();
  expect(await indices(pool)).toEqual(WHOLE);
});

test('a driver that sends each statement in a transaction makes it with a lock on each part', async () => {
  const pool = await leftByName('transactions');
  await postgresStore({
    async query(text, parameters) {
      const client = await pool.connect();
      try {
        await client.query('BEGIN');
        const result = await client.query(text, parameters);
        await client.query('COMMIT');
        return result;
      } catch (error) {
        await client.query('ROLLBACK');
        throw error;
      } finally {
        client.release();
      }
    },
  }).migrate?.();
  expect(await indices(pool)).toEqual(WHOLE);
});
