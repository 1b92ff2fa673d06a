import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createGateway, openai, type Store } from '../../src/index.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { assertAccountsBalance } from '../../src/testing/index.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { testLogger } from '../helpers/test-logger.js';

function gatewayOver(store: Store) {
  return createGateway({
    providers: { openai: openai({ apiKey: 'sk-upstream' }) },
    models: { small: { provider: 'openai', price: { input: 1, output: 2 } } },
    plans: { prepaid: { models: '*', billing: 'prepaid' } },
    store,
    logger: testLogger,
  });
}

const topUp = (accountId: string, tx: unknown, idempotencyKey = 'invoice_1') => ({
  accountId,
  amount: '10',
  idempotencyKey,
  tx,
});

describe("a top-up in the host's own transaction on SQLite", () => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-tx-'));
  const path = join(folder, 'app.db');
  const [own, hosts] = [new Database(path), new Database(path)];
  afterAll(() => {
    own.close();
    hosts.close();
    rmSync(folder, { recursive: true });
  });

  test("commits with the host's rows, rolls back with them, and is one movement however often it is tried", async () => {
    const store = sqliteStore(own);
    const gateway = gatewayOver(store);
    await gateway.migrate();
    hosts.exec('CREATE TABLE invoices (id TEXT PRIMARY KEY, paid INTEGER NOT NULL)');
    const paid = () => hosts.prepare('SELECT COUNT(*) AS n FROM invoices').get() as { n: number };

    let failed: Promise<unknown> | undefined;
    const broken = hosts.transaction(() => {
      hosts.exec("INSERT INTO invoices VALUES ('invoice_1', 1)");
      failed = gateway.credits.topUp(topUp('ann', hosts));
      throw new Error('the mail could not be sent');
    });
    expect(() => broken()).toThrow('the mail could not be sent');
    await failed;
    expect(paid()).toMatchObject({ n: 0 });
    await expect(gateway.accounts.get('ann')).rejects.toMatchObject({ code: 'not_found' });
    expect(await gateway.credits.history('ann')).toEqual([]);

    let done: Promise<unknown> | undefined;
    hosts.transaction(() => {
      hosts.exec("INSERT INTO invoices VALUES ('invoice_1', 1)");
      done = gateway.credits.topUp(topUp('ann', hosts));
    })();
    expect(await done).toMatchObject({ kind: 'top_up', amount: '10', balanceAfter: '10' });
    expect(paid()).toMatchObject({ n: 1 });
    expect(await gateway.accounts.get('ann')).toMatchObject({ balance: '10', available: '10' });

    hosts.exec('BEGIN IMMEDIATE');
    expect(await gateway.credits.topUp(topUp('ann', hosts))).toMatchObject({ id: '1', amount: '10' });
    hosts.exec('COMMIT');
    expect(await gateway.credits.history('ann')).toHaveLength(1);
    await assertAccountsBalance(store.meter, ['ann'], { prepaid: true });
    await gateway.close();
  });
});

const missing = postgresMissing();

describe.skipIf(missing !== undefined)("a top-up in the host's own transaction on PostgreSQL", () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await startPostgres();
  }, 180_000);
  afterAll(() => server.stop());

  test("commits with the host's rows, rolls back with them, and shows nobody anything before", async () => {
    const pool = server.pool(5);
    const store = postgresStore(pool);
    const gateway = gatewayOver(store);
    await gateway.migrate();
    await pool.query('CREATE TABLE invoices (id text PRIMARY KEY)');
    const client = await pool.connect();
    await client.query('BEGIN');
    await client.query('SELECT 1 / 0').catch(() => {});
    // Both statements fail in a transaction that is over: one error, and none that nobody handles.
    await expect(gateway.credits.topUp(topUp('ann', client))).rejects.toThrow();
    await client.query('ROLLBACK');
    const balance = async () => (await gateway.accounts.list()).find(({ id }) => id === 'ann')?.balance;

    await client.query('BEGIN');
    await client.query("INSERT INTO invoices VALUES ('invoice_1')");
    await gateway.credits.topUp(topUp('ann', client));
    expect(await balance()).toBeUndefined();
    await client.query('ROLLBACK');
    expect(await balance()).toBeUndefined();
    expect((await pool.query('SELECT 1 FROM invoices')).rows).toEqual([]);

    await client.query('BEGIN');
    await client.query("INSERT INTO invoices VALUES ('invoice_1')");
    expect(await gateway.credits.topUp(topUp('ann', client))).toMatchObject({ amount: '10', balanceAfter: '10' });
    await client.query('COMMIT');
    expect(await balance()).toBe('10');

    await client.query('BEGIN');
    expect(await gateway.credits.topUp(topUp('ann', client))).toMatchObject({ id: '1' });
    await gateway.credits.topUp(topUp('ann', client, 'invoice_2'));
    await client.query('COMMIT');
    client.release();
    expect(await balance()).toBe('20');
    expect(await gateway.credits.history('ann')).toHaveLength(2);
    await assertAccountsBalance(store.meter, ['ann'], { prepaid: true });
    await gateway.close();
  });
});
