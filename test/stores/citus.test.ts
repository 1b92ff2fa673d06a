import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { assertAccountsBalance } from '../../src/testing/index.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { holdOf, settlementOf } from '../helpers/settlements.js';

/**
 * A stand-in for Citus: its functions and catalogs by name, which write down what they are called with. What a real cluster
 * demands of tables, statements and functions is then checked against PostgreSQL's own catalogs.
 */
const CITUS = `
  CREATE TABLE pg_dist_partition (logicalrelid regclass PRIMARY KEY);
  CREATE TABLE pg_dist_object (classid oid, objid oid, PRIMARY KEY (classid, objid));
  CREATE TABLE calls (n bigint GENERATED ALWAYS AS IDENTITY, call text);
  CREATE FUNCTION create_reference_table(relation regclass) RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO pg_dist_partition VALUES (relation);
    INSERT INTO calls (call) VALUES ('reference ' || relation);
  END $$;
  CREATE FUNCTION create_distributed_table(relation regclass, column_name text, colocate_with text DEFAULT 'default')
  RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO pg_dist_partition VALUES (relation);
    INSERT INTO calls (call) VALUES (format('table %s by %s beside %s', relation, column_name, colocate_with));
  END $$;
  CREATE FUNCTION create_distributed_function(called regprocedure, arg text DEFAULT NULL, colocate_with text DEFAULT 'default')
  RETURNS void LANGUAGE plpgsql AS $$ BEGIN
    INSERT INTO pg_dist_object VALUES ('pg_proc'::regclass, called);
    INSERT INTO calls (call) VALUES (format('function %s by %s beside %s', called, arg, colocate_with));
  END $$;`;

const DELEGATED = ['credit', 'expire', 'expire_grants', 'grant', 'refund', 'release', 'reserve', 'settle'];

const missing = postgresMissing();
let server: PostgresServer | undefined;
let calls: string[] = [];
let read: (text: string) => Promise<Record<string, unknown>[]>;
beforeAll(async () => {
  if (missing) return;
  server = await startPostgres();
  const pool = server.pool(4);
  await pool.query(CITUS);
  read = async (text) => (await pool.query(text)).rows;
  await postgresStore(pool, { distributed: 'citus' }).migrate?.();
  calls = (await read('SELECT call FROM calls ORDER BY n')).map(({ call }) => String(call));
});
afterAll(() => server?.stop());
beforeEach((context) => {
  if (missing) context.skip(missing);
});

const tablesOf = (kind: string) =>
  calls.filter((call) => call.startsWith(`${kind} `)).map((call) => call.split(' ')[1] ?? '');

test('each table is spread by account or whole on each node; functions come after tables', async () => {
  expect(calls.slice(0, 3)).toEqual([
    'reference gateway_migrations',
    'reference gateway_accounts',
    'reference gateway_keys',
  ]);
  expect(calls).toContain('table gateway_balances by account_id beside default');
  expect(calls).toContain('table gateway_events by account_id beside gateway_balances');
  const spread = calls.filter((call) => call.startsWith('table '));
  expect(spread.every((call) => call.includes(' by account_id '))).toBe(true);
  const tables = await read(`SELECT relname AS name FROM pg_class
    WHERE relkind IN ('r', 'p') AND NOT relispartition AND relname LIKE 'gateway%' ORDER BY 1`);
  expect([...tablesOf('reference'), ...tablesOf('table')].sort()).toEqual(tables.map(({ name }) => name));
  expect(calls.findIndex((call) => call.startsWith('function'))).toBe(tables.length);
});

test('functions of one account run on its node; the others are known to all nodes', async () => {
  const delegated = calls.filter((call) => call.includes(' by p_account beside gateway_balances'));
  expect(delegated.map((call) => /gateway_(\w+)\(/.exec(call)?.[1])).toEqual(DELEGATED);
  const functions = await read("SELECT proname FROM pg_proc WHERE proname LIKE 'gateway%'");
  expect(tablesOf('function')).toHaveLength(functions.length);
});

test('every unique index of a table that is spread holds the account', async () => {
  const spread = tablesOf('table');
  const indices = await read(`SELECT t.relname AS table, i.relname AS index, ARRAY(
      SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = ANY (x.indkey)) AS columns
    FROM pg_index x JOIN pg_class t ON t.oid = x.indrelid JOIN pg_class i ON i.oid = x.indexrelid
    WHERE x.indisunique AND t.relname LIKE 'gateway%'`);
  const unique = indices.filter((row) => spread.includes(String(row['table'])));
  expect(unique.length).toBeGreaterThan(10);
  for (const { index, columns } of unique) expect(columns, String(index)).toContain('account_id');
});

test('no table that is spread is named by a foreign key, and none has a trigger or an identity', async () => {
  const spread = tablesOf('table');
  const keys = await read(
    "SELECT conrelid::regclass::text AS of, confrelid::regclass::text AS to FROM pg_constraint WHERE contype = 'f'",
  );
  for (const { of, to } of keys) expect(spread).not.toEqual(expect.arrayContaining([of, to]));
  const numbered = await read("SELECT attrelid::regclass::text AS of FROM pg_attribute WHERE attidentity <> ''");
  for (const { of } of numbered) expect(spread).not.toContain(of);
});

test('each statement of a function on a table that is spread names the account', async () => {
  const spread = new RegExp(`\\b(FROM|JOIN|INTO|UPDATE)\\s+(${tablesOf('table').join('|')})\\b`);
  const functions = await read(`SELECT proname AS name, prosrc AS source FROM pg_proc WHERE proname LIKE 'gateway%'
    AND proname NOT IN ('gateway_add_month', 'gateway_months_ahead', 'gateway_prune_events')`);
  const statements = functions.flatMap(({ name, source }) =>
    String(source)
      .split(/;|\bLOOP\n|\bTHEN\n/)
      .filter((statement) => spread.test(statement))
      .map((statement) => ({ name, statement })),
  );
  expect(statements.length).toBeGreaterThan(20);
  for (const { name, statement } of statements)
    expect(/account_id|p_account/.test(statement), `${name}: ${statement}`).toBe(true);
});

test('the store works on it, and a second start changes nothing', async () => {
  if (!server) return;
  const { meter, upkeep, migrate } = postgresStore(server.pool(4), { distributed: 'citus' });
  await migrate?.();
  expect(await read('SELECT call FROM calls')).toHaveLength(calls.length);
  const credit = { accountId: 'user_1', kind: 'top_up', amount: 1_000_000n, idempotencyKey: 'a', now: 1 } as const;
  await meter.credit(credit);
  expect(await meter.reserve(holdOf('req_1'))).toMatchObject({ ok: true });
  expect(await meter.settle(settlementOf('req_1'))).toEqual({ recorded: true });
  await assertAccountsBalance(meter, ['user_1'], { prepaid: true });
  await expect(upkeep?.eraseAccount('user_1', 'erased_1')).rejects.toThrow(/cannot erase/);
});

test('anything else than citus is refused by name', () => {
  const pool = { query: async () => ({ rows: [] }) };
  expect(() => postgresStore(pool, { distributed: 'cockroach' as 'citus' })).toThrow(/distributed must be 'citus'/);
});
