import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { newRequestId } from '../src/lib/request-id.js';
import { postgresStore } from '../src/stores/postgres/index.js';
import { sqliteStore } from '../src/stores/sqlite/index.js';
import type { FullStore } from '../src/stores/store.js';
import { startPostgres } from '../test/helpers/postgres-server.js';
import { sampleSettlement } from './sample-settlement.js';

/**
 * Bytes that a prepaid request leaves in a store, and in which tables. Each request is reserved and settled as the gateway
 * does it: a hundred accounts of five keys, evenly over thirty days.
 *
 * `tsx bench/sizes.ts sqlite 100000 1000000`: the store, then how many requests.
 */
const DAY = 86_400_000;
const ACCOUNTS = 100;
const AT_ONCE = 256;
/** On a busy machine a statement may take longer than a request would wait for it. */
const PATIENCE_MS = 60_000;

async function requests({ meter }: FullStore, count: number): Promise<void> {
  const now = Date.now();
  const begin = now - 30 * DAY;
  const accountOf = (i: number) => `account_${i % ACCOUNTS}`;
  for (let i = 0; i < ACCOUNTS; i++)
    await meter.credit({ accountId: accountOf(i), kind: 'top_up', amount: 10n ** 15n, idempotencyKey: 'seed', now });
  const one = async (i: number) => {
    const [id, accountId] = [newRequestId(), accountOf(i)];
    const keyId = `key_${accountId}_${Math.floor(i / ACCOUNTS) % 5}_0123456789`;
    const hold = { id, accountId, keyId, prepaid: true, amount: 210_000n, minimum: 210_000n, now };
    await meter.reserve({ ...hold, expiresAt: now + DAY });
    await meter.settle(sampleSettlement({ id, accountId, keyId, at: begin + Math.floor((i / count) * 30 * DAY) }));
  };
  for (let i = 0; i < count; i += AT_ONCE)
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - i) }, (_, k) => one(i + k)));
}

type Sizes = Readonly<Record<string, number>>;

async function sqlite(count: number): Promise<{ readonly sizes: Sizes; readonly all: number }> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-sizes-'));
  const file = join(folder, 'gateway.db');
  const database = new Database(file);
  const store = sqliteStore(database);
  await requests(store, count);
  await store.close?.();
  database.pragma('wal_checkpoint(TRUNCATE)');
  const rows = database.prepare('SELECT name, SUM(pgsize) AS size FROM dbstat GROUP BY name').all() as {
    name: string;
    size: number;
  }[];
  const all = statSync(file).size;
  database.close();
  rmSync(folder, { recursive: true });
  return { sizes: Object.fromEntries(rows.map(({ name, size }) => [name, size])), all };
}

async function postgres(count: number): Promise<{ readonly sizes: Sizes; readonly all: number }> {
  const server = await startPostgres();
  const pool = server.pool(4);
  await requests(postgresStore(pool, { statementTimeoutMs: PATIENCE_MS }), count);
  await pool.query('VACUUM');
  const { rows } = await pool.query(`SELECT relname AS name, CASE relkind WHEN 'i' THEN pg_relation_size(oid)
      ELSE pg_table_size(oid) END AS size FROM pg_class WHERE relname LIKE 'gateway%' AND relkind IN ('r', 'i')`);
  await server.stop();
  const sizes: Sizes = Object.fromEntries(rows.map(({ name, size }) => [name, Number(size)]));
  return { sizes, all: Object.values(sizes).reduce((sum, size) => sum + size, 0) };
}

const [name = 'sqlite', ...counts] = process.argv.slice(2);
for (const count of counts.map(Number)) {
  const { sizes, all } = await (name === 'postgres' ? postgres(count) : sqlite(count));
  console.log(`${name}, ${count} requests: ${(all / count).toFixed(0)} bytes each`);
  for (const [table, size] of Object.entries(sizes).sort((a, b) => b[1] - a[1]))
    if (size / count >= 0.5) console.log(`  ${(size / count).toFixed(1).padStart(7)}  ${table}`);
}
