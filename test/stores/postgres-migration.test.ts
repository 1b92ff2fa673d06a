import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { HOLD_FUNCTIONS } from '../../src/stores/postgres/hold-functions.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { LEDGER_FUNCTIONS } from '../../src/stores/postgres/ledger-functions.js';
import { STEPS } from '../../src/stores/postgres/schema.js';
import { TABLES } from '../../src/stores/postgres/tables.js';
import { REQUEST_INDICES } from '../../src/stores/request-rows.js';
import { assertAccountsBalance } from '../../src/testing/index.js';
import { eventually } from '../helpers/eventually.js';
import { expectGrantsKept, grantsOfOlderSchema } from '../helpers/migrated-grants.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { holdOf, settlementOf } from '../helpers/settlements.js';

const missing = postgresMissing();
let server: PostgresServer | undefined;
beforeAll(async () => {
  if (!missing) server = await startPostgres();
});
afterAll(() => server?.stop());
beforeEach((context) => {
  if (missing) context.skip(missing);
});

const OWN_ID = 'req_019abcdef0123456789abcdef0fedcba';
const PRICE =
  '{"input":"1000000","cachedInput":"500000","cacheWrite":"1000000","cacheWrite1h":"1000000","output":"2000000","reasoning":"2000000","multiplier":"1000000"}';

/** Filled by the functions of version 1, migrated by each version that came after, and then by this one. */
test.each(STEPS.map((_, i) => i + 1))(
  'a database that version %i left keeps every balance, entry, event, hold and budget',
  async (version) => {
    if (!server) return;
    await server.pool(1).query(`CREATE DATABASE left_by_${version}`);
    const pool = server.pool(2, `left_by_${version}`);
    await pool.query(`${TABLES} ${HOLD_FUNCTIONS} ${LEDGER_FUNCTIONS}
    CREATE TABLE gateway_migrations (version integer PRIMARY KEY, applied_at timestamptz NOT NULL);
    INSERT INTO gateway_migrations VALUES (1, now());
    SELECT gateway_credit('user_1', 'top_up', 1000000, 'first', 'card', 5);
    SELECT gateway_reserve('req_1', 'user_1', 'key_1', true, 210000, 210000, '2026-11', 500000, 99999999999999, false);
    SELECT gateway_reserve('req_2', 'user_1', 'key_1', true, 210000, 210000, '2026-11', 500000, 99999999999999, false);
    SELECT gateway_settle('req_1', 'user_1', 'key_1', true, '2026-11', 10, 'm', 'openai', 'm-1', 10, 0, 0, 0, 20, 0,
      'provider', '${PRICE}', 50000, 'completed', 'overrun');
    SELECT gateway_settle('${OWN_ID}', 'user_2', 'key_2', false, NULL, 11, 'm', 'openai', 'm-1', 10, 0, 0, 0, 20, 0,
      'provider', '${PRICE}', 50000, 'completed', '');
    DO $steps$ BEGIN ${STEPS.slice(1, version).join('\n')} END $steps$;
    INSERT INTO gateway_migrations SELECT n, now() FROM generate_series(2, ${version}) AS n;`);
    const { meter } = postgresStore(pool);
    expect(await meter.balance('user_1')).toEqual({ balance: 950_000n, held: 210_000n });
    expect(await meter.budget('user_1', 'key:key_1', '2026-11')).toEqual({ spent: 50_000n, held: 210_000n });
    expect(
      (await meter.history('user_1', { limit: 10 })).map(({ kind, amount, note }) => [kind, amount, note]),
    ).toEqual([
      ['usage', -50_000n, undefined],
      ['top_up', 1_000_000n, 'card'],
    ]);
    const [event] = await meter.events({ accountId: 'user_1' }, { limit: 10 });
    expect(event).toMatchObject({
      id: 'req_1',
      cost: 50_000n,
      flags: ['overrun'],
      charged: [{ source: 'balance', amount: 50_000n }],
    });
    const [other] = await meter.events({ id: OWN_ID }, { limit: 10 });
    expect(other).toMatchObject({ id: OWN_ID, accountId: 'user_2', usage: { inputTokens: 10, reasoningTokens: 0 } });
    expect(other?.charged).toBeUndefined();
    expect(await meter.settle(settlementOf(OWN_ID, { accountId: 'user_2' }))).toEqual({ recorded: false });
    await assertAccountsBalance(meter, ['user_1'], { idle: false, prepaid: true });
    await assertAccountsBalance(meter, ['user_2']);

    const budgets = [{ subject: 'key:key_1', window: '2026-11', limit: 500_000n }];
    expect(await meter.reserve(holdOf('req_1'))).toEqual({ ok: false, reason: 'duplicate' });
    expect(await meter.settle(settlementOf('req_2', { budgets }))).toEqual({ recorded: true });
    expect(await meter.budget('user_1', 'key:key_1', '2026-11')).toEqual({ spent: 100_000n, held: 0n });
    await assertAccountsBalance(meter, ['user_1'], { prepaid: true });
  },
);

/** The first version with grants, and the last one that calls their column `told`. */
test.each([4, 11])('grants of version %i are kept, announced ones are not announced again', async (version) => {
  if (!server) return;
  await server.pool(1).query(`CREATE DATABASE version_${version}`);
  const pool = server.pool(2, `version_${version}`);
  await pool.query(`CREATE TABLE gateway_migrations (version integer PRIMARY KEY, applied_at timestamptz NOT NULL);
    DO $steps$ BEGIN ${STEPS.slice(0, version).join('\n')} END $steps$;
    INSERT INTO gateway_migrations VALUES (${version}, now());
    ${grantsOfOlderSchema('true', 'false')}`);
  const { meter } = postgresStore(pool);
  await expectGrantsKept(meter);
});

/** The last version without the indices of the request log. */
const UNINDEXED = 14;
const INDICES = Object.keys(REQUEST_INDICES);

async function unindexedLog(postgres: PostgresServer, name: string) {
  await postgres.pool(1).query(`CREATE DATABASE ${name}`);
  const pool = postgres.pool(6, name);
  await pool.query(`CREATE TABLE gateway_migrations (version integer PRIMARY KEY, applied_at timestamptz NOT NULL);
    DO $steps$ BEGIN ${STEPS.slice(0, UNINDEXED).join('\n')} END $steps$;
    INSERT INTO gateway_migrations VALUES (${UNINDEXED}, now());
    INSERT INTO gateway_requests SELECT 'user_1', 'req_' || n, 'key_1', n, 'm', 200, NULL, '{}' FROM generate_series(1, 500) AS n`);
  const usable = async () => {
    const { rows } = await pool.query(
      `SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
       WHERE i.indisvalid AND c.relname = ANY ($1) ORDER BY 1`,
      [INDICES],
    );
    return rows.map(({ relname }) => relname);
  };
  return { pool, usable };
}

test('a filled request log gets its indices while processes go on logging requests', async () => {
  if (!server) return;
  const { pool, usable } = await unindexedLog(server, 'filled_log');
  const log = (client: { query(text: string): Promise<unknown> }, id: string) =>
    client.query(`INSERT INTO gateway_requests VALUES ('user_1', '${id}', 'key_1', 1, 'm', 200, NULL, '{}')`);
  const older = await pool.connect();
  await older.query('BEGIN');
  await log(older, 'req_before');
  const store = postgresStore(pool);
  let done = false;
  const migrated = Promise.resolve(store.migrate?.()).then(() => {
    done = true;
  });
  // The first index waits for the transaction that began before it; a lock on the table would be waited for by all others.
  const waits = async () =>
    (await pool.query('SELECT 1 FROM pg_stat_progress_create_index WHERE phase LIKE $1', ['waiting for%'])).rowCount ===
    1;
  await eventually(waits);
  await log(pool, 'req_meanwhile');
  expect(await store.keyStore.listAccounts({ limit: 1 })).toEqual([]);
  expect(done).toBe(false);
  await older.query('COMMIT');
  older.release();
  await migrated;
  expect(await usable()).toEqual(INDICES.toSorted());
  expect((await pool.query('SELECT COUNT(*)::int AS logged FROM gateway_requests')).rows).toEqual([{ logged: 502 }]);
});

test('an index that a process could not finish is made anew by the next one', async () => {
  if (!server) return;
  const { pool, usable } = await unindexedLog(server, 'broken_log');
  await postgresStore(pool).migrate?.();
  await pool.query("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'gateway_requests_key'::regclass");
  await pool.query('DROP INDEX gateway_requests_code');
  expect(await usable()).toHaveLength(INDICES.length - 2);
  await postgresStore(pool).migrate?.();
  expect(await usable()).toEqual(INDICES.toSorted());
});

test('a driver that sends each statement in a transaction makes them with a lock on the table', async () => {
  if (!server) return;
  const { pool, usable } = await unindexedLog(server, 'transactions');
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
  expect(await usable()).toEqual(INDICES.toSorted());
});
