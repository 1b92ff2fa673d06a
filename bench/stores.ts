import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import type { Meter } from '../src/meter/meter.js';
import { memoryMeter } from '../src/stores/memory/memory-meter.js';
import { postgresStore } from '../src/stores/postgres/index.js';
import { sqliteStore } from '../src/stores/sqlite/index.js';
import { postgresMissing, startPostgres } from '../test/helpers/postgres-server.js';
import { sampleSettlement } from './sample-settlement.js';

let requests = 0;

/** One request's life in the meter: money held, then charged. */
async function pair(meter: Meter, account: number): Promise<void> {
  const id = `req_${process.pid}_${++requests}`;
  const now = Date.now();
  const [accountId, keyId] = [`account_${account}`, `key_${account}`];
  const held = await meter.reserve({
    id,
    accountId,
    keyId,
    prepaid: true,
    amount: 210_000n,
    minimum: 210_000n,
    now,
    expiresAt: now + 60_000,
  });
  if (!held.ok) throw new Error(`the hold was refused: ${held.reason}`);
  await meter.settle(sampleSettlement({ id, accountId, keyId, at: now }));
}

async function measure(name: string, meter: Meter, options: { accounts: number; at: number; seconds: number }) {
  const { accounts, at, seconds } = options;
  for (let i = 0; i < accounts; i++)
    await meter.credit({
      accountId: `account_${i}`,
      kind: 'top_up',
      amount: 10n ** 15n,
      idempotencyKey: `${name}_${at}_${accounts}`,
      now: Date.now(),
    });
  const until = performance.now() + seconds * 1000;
  let pairs = 0;
  const started = performance.now();
  const cpuBefore = process.cpuUsage();
  const worker = async (first: number) => {
    for (let i = first; performance.now() < until; i += at) {
      await pair(meter, i % accounts);
      pairs++;
    }
  };
  await Promise.all(Array.from({ length: at }, (_, i) => worker(i)));
  const perSecond = (pairs / (performance.now() - started)) * 1000;
  const cpu = process.cpuUsage(cpuBefore);
  const load = `${String(accounts).padStart(4)} accounts, ${String(at).padStart(3)} at once`;
  const rate = `${Math.round(perSecond).toLocaleString('en')} pairs/s`;
  console.log(
    `${name.padEnd(16)} ${load}: ${rate}, ${((cpu.user + cpu.system) / pairs).toFixed(1)} µs of this process's CPU each`,
  );
}

const machine = cpus();
console.log(`${machine.length} × ${machine[0]?.model ?? 'unknown CPU'}, Node ${process.version}`);

await measure('memory', memoryMeter(), { accounts: 100, at: 64, seconds: 2 });

const folder = mkdtempSync(join(tmpdir(), 'gateway-bench-'));
for (const synchronous of ['normal', 'full'] as const) {
  const database = new Database(join(folder, `${synchronous}.db`));
  const store = sqliteStore(database, { synchronous });
  await measure(`sqlite (${synchronous})`, store.meter, { accounts: 100, at: 64, seconds: 3 });
  await measure(`sqlite (${synchronous})`, store.meter, { accounts: 1, at: 64, seconds: 3 });
  await measure(`sqlite (${synchronous})`, store.meter, { accounts: 1, at: 1, seconds: 3 });
  await store.close?.();
  database.close();
}
rmSync(folder, { recursive: true });

if (postgresMissing()) console.log(postgresMissing());
else {
  const server = await startPostgres({ fsync: true });
  const pool = server.pool(16);
  const { meter } = postgresStore(pool);
  const { rows } = await pool.query('SHOW server_version');
  console.log(`PostgreSQL ${rows[0]?.server_version}, fsync on, same machine, pool of 16`);
  await measure('postgres', meter, { accounts: 100, at: 64, seconds: 4 });
  await measure('postgres', meter, { accounts: 1, at: 64, seconds: 4 });
  await measure('postgres', meter, { accounts: 1, at: 1, seconds: 3 });
  await server.stop();
}
