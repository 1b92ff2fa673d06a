import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import type { FullMeter, Meter, PaymentTerms } from '../src/meter/meter.js';
import { budgetWindowAt, windowAt } from '../src/meter/windows.js';
import { memoryMeter } from '../src/stores/memory/memory-meter.js';
import { postgresStore } from '../src/stores/postgres/index.js';
import { sqliteStore } from '../src/stores/sqlite/index.js';
import { postgresMissing, startPostgres } from '../test/helpers/postgres-server.js';
import { processTree } from './process-tree.js';
import { sampleSettlement } from './sample-settlement.js';
import { median } from './table.js';

let requests = 0;

/** CPU of this process and of the store's server so far, in microseconds. */
type Cpu = () => { readonly own: number; readonly server: number };

/** @param server the id of the server's first process. @default none, the store is in this process */
function cpuWith(server?: number): Cpu {
  return () => {
    const { user, system } = process.cpuUsage();
    return { own: user + system, server: server === undefined ? 0 : processTree(server).cpuMicros };
  };
}

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

interface Load {
  readonly accounts: number;
  /** How many pairs run at any time. */
  readonly at: number;
  readonly seconds: number;
}

async function measure(name: string, meter: Meter, { accounts, at, seconds }: Load, cpu = cpuWith()): Promise<void> {
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
  const before = cpu();
  const worker = async (first: number) => {
    for (let i = first; performance.now() < until; i += at) {
      await pair(meter, i % accounts);
      pairs++;
    }
  };
  await Promise.all(Array.from({ length: at }, (_, i) => worker(i)));
  const perSecond = (pairs / (performance.now() - started)) * 1000;
  const after = cpu();
  const micros = [after.own - before.own, after.server - before.server].map((each) => (each / pairs).toFixed(1));
  const load = `${String(accounts).padStart(4)} accounts, ${String(at).padStart(3)} at once`;
  const rate = `${Math.round(perSecond).toLocaleString('en')} pairs/s`;
  console.log(`${name.padEnd(16)} ${load}: ${rate}; CPU each: ${micros[0]} µs here, ${micros[1]} µs in the server`);
}

const ROUNDS = 12;
const PAIRS_A_ROUND = 400;

/**
 * How much longer a request takes on a plan with two allowances, a grant and two budgets: rounds of both in turn, so that
 * whatever else the machine does slows both down; the median of the rounds' ratios.
 */
async function compare(name: string, meter: FullMeter, cpu = cpuWith()): Promise<void> {
  for (const prefix of ['plain', 'rich'])
    for (let i = 0; i < 16; i++) {
      const credit = { accountId: `${prefix}_${i}`, amount: 10n ** 15n, idempotencyKey: name, now: Date.now() };
      await meter.credit({ ...credit, kind: 'top_up' });
      if (prefix === 'rich') await meter.grant({ ...credit, expiresAt: Date.now() + 86_400_000 });
    }
  const round = async (prefix: string) => {
    const terms = prefix === 'rich' ? allSources(Date.now()) : {};
    const started = performance.now();
    const before = cpu();
    const worker = async (account: number) => {
      for (let i = account; i < PAIRS_A_ROUND; i += 16) await pair(meter, account, prefix, terms);
    };
    await Promise.all(Array.from({ length: 16 }, (_, account) => worker(account)));
    const wall = performance.now() - started;
    const after = cpu();
    return { wall, own: after.own - before.own, server: after.server - before.server };
  };
  const rounds: { readonly plain: Cost; readonly rich: Cost }[] = [];
  for (let i = 0; i <= ROUNDS; i++) {
    const [plain, rich] =
      i % 2 === 0 ? [await round('plain'), await round('rich')] : [await round('rich'), await round('plain')].reverse();
    // The first round warms up.
    if (i > 0 && plain && rich) rounds.push({ plain, rich });
  }
  const ratio = (of: keyof Cost) => median(rounds.map(({ plain, rich }) => rich[of] / plain[of])).toFixed(2);
  const micros = (of: 'plain' | 'rich', where: 'own' | 'server') =>
    (median(rounds.map((each) => each[of][where])) / PAIRS_A_ROUND).toFixed(0);
  // The kernel counts the server's CPU in hundredths of a second: a round has too few of them for a ratio.
  const inServer = (of: 'plain' | 'rich') =>
    (rounds.reduce((sum, each) => sum + each[of].server, 0) / rounds.length / PAIRS_A_ROUND).toFixed(0);
  console.log(
    `${name.padEnd(16)} plain plan: CPU each: ${micros('plain', 'own')} µs here, ${inServer('plain')} µs in the server\n` +
      `${name.padEnd(16)} two allowances, a grant and two budgets: ${micros('rich', 'own')} µs here, ${inServer('rich')} µs in the server; ` +
      `${ratio('wall')} × the time, ${ratio('own')} × the CPU here`,
  );
}

/** Of one round: milliseconds, and microseconds of CPU. */
interface Cost {
  readonly wall: number;
  readonly own: number;
  readonly server: number;
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
  const cpu = cpuWith(serverOf(server.config.host));
  console.log(`PostgreSQL ${rows[0]?.server_version}, fsync on, same machine, pool of 16`);
  await measure('postgres', meter, { accounts: 100, at: 64, seconds: 4 }, cpu);
  await measure('postgres', meter, { accounts: 1, at: 64, seconds: 4 }, cpu);
  await measure('postgres', meter, { accounts: 1, at: 1, seconds: 3 }, cpu);
  await compare('postgres', meter, cpu);
  await server.stop();
}

/** The first process of a PostgreSQL server, where its CPU can be read (Linux). */
function serverOf(folder: string): number | undefined {
  const file = join(folder, 'data', 'postmaster.pid');
  return existsSync('/proc/self/stat') ? Number(readFileSync(file, 'utf8').split('\n')[0]) : undefined;
}
