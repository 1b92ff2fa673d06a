import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import Database from 'libsql';
import type { Pool } from 'pg';
import { newRequestId } from '../src/lib/request-id.js';
import { postgresStore } from '../src/stores/postgres/index.js';
import { sqliteStore } from '../src/stores/sqlite/index.js';
import type { FullStore } from '../src/stores/store.js';
import { bulkEvents } from '../test/helpers/bulk-events.js';
import { startPostgres } from '../test/helpers/postgres-server.js';
import { sampleSettlement } from './sample-settlement.js';

/**
 * What a store costs that holds a given number of events: bytes per prepaid request, a chart of thirty days, reserve and settle,
 * and both again beside reports and while events are pruned.
 *
 * `tsx bench/events.ts sqlite 1000 10000000`: the store, then how many events. `reports` or `prune` at the end measures that alone
 * (`tsx bench/events.ts postgres 100000 reports`).
 */
const DAY = 86_400_000;
const END = Math.floor(Date.now() / DAY) * DAY;
const SPAN = 30 * DAY;

interface Subject {
  readonly store: FullStore;
  /** Adds events over thirty days, half of them of `busy` with 50 keys and 7 models, each with its ledger entry. */
  fill(events: number): Promise<void>;
  bytes(): Promise<number>;
  end(): Promise<void>;
}

async function sqlite(): Promise<Subject> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-events-'));
  const file = join(folder, 'gateway.db');
  const database = new Database(file);
  const store = sqliteStore(database);
  await seed(store);
  return {
    store,
    async fill(events) {
      database.exec('PRAGMA cache_size = -3000000');
      const sql = bulkEvents({ dialect: 'sqlite', events, end: END });
      database.exec(`BEGIN; ${sql} COMMIT; PRAGMA cache_size = -32000; PRAGMA wal_checkpoint(TRUNCATE)`);
    },
    async bytes() {
      database.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      return statSync(file).size;
    },
    async end() {
      await store.close?.();
      database.close();
      rmSync(folder, { recursive: true });
    },
  };
}

async function postgres(): Promise<Subject> {
  const server = await startPostgres({ fsync: true });
  const pool: Pool = server.pool(10);
  const store = postgresStore(pool);
  await seed(store);
  return {
    store,
    async fill(events) {
      await pool.query(bulkEvents({ dialect: 'postgres', events, end: END }));
      await pool.query('VACUUM ANALYZE');
    },
    async bytes() {
      return Number((await pool.query('SELECT pg_database_size(current_database()) AS size')).rows[0].size);
    },
    end: () => server.stop(),
  };
}

async function seed({ meter }: FullStore): Promise<void> {
  for (let i = 0; i < 1_000; i++) {
    const credit = { kind: 'top_up', amount: 10n ** 15n, idempotencyKey: 'seed', now: END - 40 * DAY } as const;
    await meter.credit({ accountId: `paying_${i}`, ...credit });
  }
  await meter.settle(sampleSettlement({ id: newRequestId(), accountId: 'seed', keyId: 'key', at: END - 40 * DAY }));
}

/** Reserves and settles on a thousand accounts for a time; the time of each pair, in milliseconds, and CPU per pair. */
async function pairs({ meter }: FullStore, seconds: number, atOnce: number, pauseMs = 0) {
  const times: number[] = [];
  const until = performance.now() + seconds * 1_000;
  const before = process.cpuUsage();
  const worker = async (first: number) => {
    for (let i = first; performance.now() < until; i += atOnce) {
      const started = performance.now();
      const [id, accountId, now] = [newRequestId(), `paying_${i % 1_000}`, Date.now()];
      const hold = { id, accountId, keyId: 'key', prepaid: true, amount: 210_000n, minimum: 210_000n, now };
      await meter.reserve({ ...hold, expiresAt: now + 60_000 });
      await meter.settle(sampleSettlement({ id, accountId, keyId: 'key', at: now }));
      times.push(performance.now() - started);
      if (pauseMs > 0) await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, (_, i) => worker(i)));
  const { user, system } = process.cpuUsage(before);
  times.sort((a, b) => a - b);
  const share = (part: number) => (times[Math.floor(times.length * part)] ?? 0).toFixed(2);
  return {
    perSecond: Math.round(times.length / seconds),
    cpuMicros: Math.round((user + system) / times.length),
    p50: share(0.5),
    p99: share(0.99),
  };
}

async function chart({ meter }: FullStore): Promise<Record<string, string>> {
  const found: Record<string, string> = {};
  for (const groupBy of [['day'], ['model', 'day'], ['key']] as const) {
    let [cpu, wall] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    for (let i = 0; i < 8; i++) {
      const [started, before] = [performance.now(), process.cpuUsage()];
      await meter.usage({ accountId: 'busy', from: END - SPAN + 1_234_567, to: END - 7_654_321, groupBy });
      const { user, system } = process.cpuUsage(before);
      [cpu, wall] = [Math.min(cpu, (user + system) / 1_000), Math.min(wall, performance.now() - started)];
    }
    found[groupBy.join(',')] = `${cpu.toFixed(1)} ms CPU of this process, ${wall.toFixed(1)} ms in all`;
  }
  return found;
}

/**
 * Requests of four callers who pause for ten milliseconds, without reports and beside twelve of them that never end, by turns; and
 * the share of the requests that is left beside them, of the medians.
 */
async function besideReports(store: FullStore) {
  const { meter } = store;
  const csv = { accountId: 'busy', from: END - 366 * DAY, to: END, groupBy: ['day', 'model', 'key'] as const };
  const byUser = { accountId: 'busy', from: END - SPAN, to: END, groupBy: ['endUser'] as const };
  const windows: ({ readonly perSecond: number } & Record<string, unknown>)[] = [];
  for (let round = 0; round < 6; round++) {
    let [running, finished, refused] = [round % 2 === 1, 0, 0];
    const report = async (query: typeof csv | typeof byUser) => {
      while (running)
        await Promise.resolve(meter.usage(query)).then(
          () => (finished += 1),
          () => (refused += 1),
        );
    };
    const reports = Array.from({ length: 12 }, (_, i) => report(i % 3 === 0 ? byUser : csv));
    const delays = monitorEventLoopDelay({ resolution: 1 });
    delays.enable();
    const { perSecond, p50, p99 } = await pairs(store, 5, 4, 10);
    delays.disable();
    running = false;
    windows.push({
      reports: round % 2 === 1 ? { finished, refused } : 'none',
      perSecond,
      p50,
      p99,
      longestStop: delays.max / 1e6,
    });
    await Promise.all(reports);
  }
  const rates = (isBeside: boolean) => oddOrEven(windows, isBeside).map(({ perSecond }) => perSecond);
  return { windows, share: (median(rates(true)) / median(rates(false))).toFixed(2) };
}

/** Prunes as `retention` does, while it is wanted; how many events went. */
async function prune({ upkeep }: FullStore, isWanted: () => boolean): Promise<number> {
  let gone = 0;
  while (isWanted()) {
    const began = performance.now();
    const step = (await upkeep?.pruneEvents(END - SPAN + 10 * DAY, 100)) ?? 0;
    gone += step;
    if (step === 0) break;
    await new Promise((resolve) => setTimeout(resolve, Math.max(5, 3 * (performance.now() - began))));
  }
  return gone;
}

/** Requests of eight callers who pause for ten milliseconds, alone and beside pruning, by turns; and how the p99 grows, of the medians. */
async function besidePruning(store: FullStore) {
  const windows: { readonly pruned: number; readonly perSecond: number; readonly p50: string; readonly p99: string }[] =
    [];
  for (let round = 0; round < 10; round++) {
    let isWanted = round % 2 === 1;
    const pruned = prune(store, () => isWanted);
    const { perSecond, p50, p99 } = await pairs(store, 6, 8, 10);
    isWanted = false;
    windows.push({ pruned: await pruned, perSecond, p50, p99 });
  }
  const times = (isBeside: boolean) => oddOrEven(windows, isBeside).map(({ p99 }) => Number(p99));
  return { windows, growthOfP99: (median(times(true)) / median(times(false))).toFixed(2) };
}

/** The windows with something beside the requests, or those without. */
function oddOrEven<T>(windows: readonly T[], isBeside: boolean): T[] {
  return windows.filter((_, round) => (round % 2 === 1) === isBeside);
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

async function alone(store: FullStore): Promise<void> {
  console.log('chart', await chart(store));
  await pairs(store, 3, 64);
  console.log('64 at once', await pairs(store, 6, 64));
  console.log('64 at once', await pairs(store, 6, 64));
  console.log('8 at once', await pairs(store, 6, 8));
}

const [name = 'sqlite', ...rest] = process.argv.slice(2);
const [only] = rest.filter((word) => word === 'reports' || word === 'prune');
for (const events of rest.filter((word) => word !== only).map(Number)) {
  const subject = await (name === 'postgres' ? postgres() : sqlite());
  const { store } = subject;
  const empty = await subject.bytes();
  const started = performance.now();
  await subject.fill(events);
  const seconds = Math.round((performance.now() - started) / 1_000);
  const bytes = Math.round(((await subject.bytes()) - empty) / events);
  console.log(name, events, { filledIn: seconds, bytesPerRequest: bytes });
  if (only === undefined) await alone(store);
  if (only !== 'prune') console.dir(await besideReports(store), { depth: 4 });
  if (only !== 'reports') console.dir(await besidePruning(store), { depth: 4 });
  await subject.end();
}
