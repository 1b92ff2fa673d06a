import type { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { HOLD_FUNCTIONS } from '../../src/stores/postgres/hold-functions.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { LEDGER_FUNCTIONS } from '../../src/stores/postgres/ledger-functions.js';
import { STEPS } from '../../src/stores/postgres/schema.js';
import { TABLES } from '../../src/stores/postgres/tables.js';
import type { FullStore } from '../../src/stores/store.js';
import { assertAccountsBalance } from '../../src/testing/index.js';
import { bulkEvents } from '../helpers/bulk-events.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { settlementOf } from '../helpers/settlements.js';
import { type SmallDisk, smallDisk, withMoreAndMoreRoom } from '../helpers/small-disk.js';

const DAY = 86_400_000;
const EVENTS = 4_000;
const PRICE =
  '{"input":"1000000","cachedInput":"500000","cacheWrite":"1000000","cacheWrite1h":"1000000","output":"2000000","reasoning":"2000000","multiplier":"1000000"}';

const missing = postgresMissing();
let server: PostgresServer | undefined;
let disk: SmallDisk | undefined;
beforeAll(async () => {
  disk = smallDisk(96);
  if (missing || !disk) return;
  server = await startPostgres();
  await server.pool(1).query(`CREATE TABLESPACE small LOCATION '${disk.folder}'`);
});
afterEach(() => disk?.free());
afterAll(async () => {
  await server?.stop();
  disk?.remove();
});

const code = (error: unknown) => (error as { code?: unknown }).code;

/** All events of an account are there once, in books and sums. */
async function expectAll({ meter }: FullStore, accountId: string, requests: number) {
  expect(await meter.usage({ accountId, groupBy: [] })).toMatchObject([{ requests }]);
  const byKey = await meter.usage({ accountId, groupBy: ['key'] });
  expect(byKey.reduce((sum, row) => sum + row.requests, 0)).toBe(requests);
  await assertAccountsBalance(meter, [accountId], { prepaid: true });
}

describe('PostgreSQL', () => {
  async function databaseOf(name: string): Promise<Pool> {
    if (!server) throw new Error('there is a server');
    await server.pool(1).query(`CREATE DATABASE ${name} TABLESPACE small`);
    return server.pool(4, name);
  }

  test('whose disk fills up in a migration: nothing is changed, and it can be repeated', async (context) => {
    if (missing || !server || !disk) return context.skip(missing ?? 'this process may not mount a file system');
    const pool = await databaseOf('migrated');
    await pool.query(`${TABLES} ${HOLD_FUNCTIONS} ${LEDGER_FUNCTIONS}
      CREATE TABLE gateway_migrations (version integer PRIMARY KEY, applied_at timestamptz NOT NULL);
      INSERT INTO gateway_migrations VALUES (1, now());
      SELECT gateway_credit('user_1', 'top_up', 1000000000, 'first', 'card', 5);
      SELECT COUNT(gateway_settle('req_' || i, 'user_1', 'key_' || i % 10, true, NULL, ${Date.now()} - i * 60000, 'm',
        'openai', 'm-1', 10, 0, 0, 0, 20, 0, 'provider', '${PRICE}', 50000, 'completed', '')) FROM generate_series(1, ${EVENTS}) AS i`);
    const left = async () =>
      (
        await pool.query(
          'SELECT (SELECT MAX(version) FROM gateway_migrations) AS version, COUNT(*)::int AS events FROM gateway_events',
        )
      ).rows[0];
    const store = postgresStore(pool);
    const failures = await withMoreAndMoreRoom(
      disk,
      async () => store.meter.balance('user_1'),
      async (error) => {
        expect(code(error)).toBe('53100');
        expect(await left()).toEqual({ version: 1, events: EVENTS });
      },
    );
    expect(failures).toBeGreaterThan(2);
    disk?.free();
    await store.migrate?.();
    expect(await left()).toEqual({ version: STEPS.length, events: EVENTS });
    await expectAll(store, 'user_1', EVENTS);
  });

  test('whose disk fills up while the index of a filled table is made: requests go on, and it is made by a later attempt', async (context) => {
    if (missing || !server || !disk) return context.skip(missing ?? 'this process may not mount a file system');
    const before = 20;
    const pool = await databaseOf('indexed');
    await pool.query(`CREATE TABLE gateway_migrations (version integer PRIMARY KEY, applied_at timestamptz NOT NULL);
      DO $steps$ BEGIN ${STEPS.slice(0, before).join('\n')} END $steps$;
      INSERT INTO gateway_migrations SELECT n, now() FROM generate_series(1, ${before}) AS n;
      INSERT INTO gateway_prices VALUES (1, '${PRICE}');
      ${bulkEvents({ dialect: 'postgres', events: 20_000, end: Math.floor(Date.now() / DAY) * DAY })}`);
    const indices = async () =>
      (
        await pool.query(`SELECT to_regclass('gateway_events_account') IS NOT NULL AS old,
          (SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('gateway_events_of_account')) AS usable`)
      ).rows[0];
    let requests = 0;
    const failures = await withMoreAndMoreRoom(
      disk,
      async () => postgresStore(pool).migrate?.(),
      async (error) => {
        expect(code(error)).toBe('53100');
        expect((await indices()).old).toBe(true);
        disk?.free();
        const { meter } = postgresStore(pool);
        requests += 1;
        expect(
          await meter.settle(settlementOf(`during_${requests}`, { accountId: 'newcomer', at: Date.now() })),
        ).toEqual({ recorded: true });
        expect(await meter.events({ accountId: 'busy' }, { limit: 10 })).toHaveLength(10);
      },
    );
    expect(failures).toBeGreaterThan(0);
    expect(await indices()).toEqual({ old: false, usable: true });
    await expectAll(postgresStore(pool), 'newcomer', requests);
  });
});
