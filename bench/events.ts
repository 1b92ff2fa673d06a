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
 * and both again while a tenth of the events is pruned.
 *
 * `tsx bench/events.ts sqlite 1000 10000000`: the store, then how many events.
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

/** Requests of four callers who pause for ten milliseconds, without reports and beside twelve of them that never end. */
async function besideReports(store: FullStore): Promise<Record<string, unknown>[]> {
  const { meter } = store;
  const csv = { accountId: 'busy', from: END - 366 * DAY, to: END, groupBy: ['day', 'model', 'key'] as const };
  const byUser = { accountId: 'busy', from: END - SPAN, to: END, groupBy: ['endUser'] as const };
  const windows: Record<string, unknown>[] = [];
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
  return windows;
}

async function prune({ upkeep }: FullStore, events: number): Promise<number> {
  let gone = 0;
  const before = END - SPAN + 3 * DAY;
  while (gone < events / 10) {
    const began = performance.now();
    const step = (await upkeep?.pruneEvents(before, 100)) ?? 0;
    gone += step;
    if (step < 100) break;
    await new Promise((resolve) => setTimeout(resolve, Math.max(5, 3 * (performance.now() - began))));
  }
  return gone;
}

const [name = 'sqlite', ...sizes] = process.argv.slice(2);
for (const events of sizes.map(Number)) {
  const subject = await (name === 'postgres' ? postgres() : sqlite());
  const empty = await subject.bytes();
  const started = performance.now();
  await subject.fill(events);
  const seconds = Math.round((performance.now() - started) / 1_000);
  const bytes = Math.round(((await subject.bytes()) - empty) / events);
  console.log(name, events, { filledIn: seconds, bytesPerRequest: bytes });
  console.log('chart', await chart(subject.store));
  await pairs(subject.store, 3, 64);
  console.log('64 at once', await pairs(subject.store, 6, 64));
  console.log('64 at once', await pairs(subject.store, 6, 64));
  console.log('8 at once', await pairs(subject.store, 6, 8));
  console.log('four at once, with pauses, and twelve reports', await besideReports(subject.store));
  let running = true;
  const pruned = prune(subject.store, events).finally(() => {
    running = false;
  });
  while (running) console.log('8 at once while pruning', await pairs(subject.store, 6, 8));
  console.log('pruned', await pruned);
  await subject.end();
}
