import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import type { FullMeter, Meter, PaymentTerms } from '../src/meter/meter.js';
import { budgetWindowAt, windowAt } from '../src/meter/windows.js';
import { memoryMeter } from '../src/stores/memory/memory-meter.js';
import { postgresStore } from '../src/stores/postgres/index.js';
import { sqliteStore } from '../src/stores/sqlite/index.js';
import { postgresMissing, startPostgres } from '../test/helpers/postgres-server.js';
import { sampleSettlement } from './sample-settlement.js';

let requests = 0;

/** What a plan with everything adds to a request: two allowances and two budgets; a grant is given beforehand. */
function allSources(now: number): Partial<PaymentTerms> {
  const limit = 10n ** 15n;
  const budget = (subject: string, period: 'day' | 'month') => ({
    subject,
    window: budgetWindowAt(period, now),
    limit,
  });
  return {
    allowances: [
      { id: 'month', limit: 10n ** 9n, ...windowAt('month', now) },
      { id: '5h', limit: 10n ** 9n, ...windowAt('5h', now) },
    ],
    budgets: [budget('account', 'month'), budget('endUser:ann', 'day')],
  };
}

/** One request's life in the meter: money held, then charged. */
async function pair(
  meter: Meter,
  account: number,
  prefix = 'account',
  terms: Partial<PaymentTerms> = {},
): Promise<void> {
  const id = `req_${process.pid}_${++requests}`;
  const now = Date.now();
  const [accountId, keyId] = [`${prefix}_${account}`, `key_${account}`];
  const held = await meter.reserve({
    id,
    accountId,
    keyId,
    ...terms,
    prepaid: true,
    amount: 210_000n,
    minimum: 210_000n,
    now,
    expiresAt: now + 60_000,
  });
  if (!held.ok) throw new Error(`the hold was refused: ${held.reason}`);
  await meter.settle({ ...sampleSettlement({ id, accountId, keyId, at: now }), ...terms });
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

const ROUNDS = 12;
const PAIRS_A_ROUND = 400;

/**
 * How much longer a request takes on a plan with two allowances, a grant and two budgets: rounds of both in turn, so that
 * whatever else the machine does slows both down; the median of the rounds' ratios.
 */
async function compare(name: string, meter: FullMeter): Promise<void> {
  for (const prefix of ['plain', 'rich'])
    for (let i = 0; i < 16; i++) {
      const credit = { accountId: `${prefix}_${i}`, amount: 10n ** 15n, idempotencyKey: name, now: Date.now() };
      await meter.credit({ ...credit, kind: 'top_up' });
      if (prefix === 'rich') await meter.grant({ ...credit, expiresAt: Date.now() + 86_400_000 });
    }
  const round = async (prefix: string) => {
    const terms = prefix === 'rich' ? allSources(Date.now()) : {};
    const started = performance.now();
    const cpu = process.cpuUsage();
    const worker = async (account: number) => {
      for (let i = account; i < PAIRS_A_ROUND; i += 16) await pair(meter, account, prefix, terms);
    };
    await Promise.all(Array.from({ length: 16 }, (_, account) => worker(account)));
    const { user, system } = process.cpuUsage(cpu);
    return { wall: performance.now() - started, cpu: user + system };
  };
  const ratios: { wall: number; cpu: number }[] = [];
  for (let i = 0; i <= ROUNDS; i++) {
    const [plain, rich] =
      i % 2 === 0 ? [await round('plain'), await round('rich')] : [await round('rich'), await round('plain')].reverse();
    // The first round warms up.
    if (i > 0 && plain && rich) ratios.push({ wall: rich.wall / plain.wall, cpu: rich.cpu / plain.cpu });
  }
  const median = (of: 'wall' | 'cpu') =>
    ratios
      .map((ratio) => ratio[of])
      .sort((a, b) => a - b)
      [ROUNDS / 2]?.toFixed(2);
  console.log(
    `${name.padEnd(16)} two allowances, a grant and two budgets: ${median('wall')} × the time, ${median('cpu')} × this process's CPU`,
  );
}

const machine = cpus();
console.log(`${machine.length} × ${machine[0]?.model ?? 'unknown CPU'}, Node ${process.version}`);

await measure('memory', memoryMeter(), { accounts: 100, at: 64, seconds: 2 });
await compare('memory', memoryMeter());

const folder = mkdtempSync(join(tmpdir(), 'gateway-bench-'));
for (const synchronous of ['normal', 'full'] as const) {
  const database = new Database(join(folder, `${synchronous}.db`));
  const store = sqliteStore(database, { synchronous });
  await measure(`sqlite (${synchronous})`, store.meter, { accounts: 100, at: 64, seconds: 3 });
  await measure(`sqlite (${synchronous})`, store.meter, { accounts: 1, at: 64, seconds: 3 });
  await measure(`sqlite (${synchronous})`, store.meter, { accounts: 1, at: 1, seconds: 3 });
  await compare(`sqlite (${synchronous})`, store.meter);
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
  await compare('postgres', meter);
  await server.stop();
}
