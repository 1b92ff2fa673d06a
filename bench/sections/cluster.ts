import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { postgresMissing, startPostgres } from '../../test/helpers/postgres-server.js';
import { redisMissing, startRedis } from '../../test/helpers/redis-server.js';
import { JSON_CASE } from '../cases.js';
import { ask, type Bench, orderFor } from '../measure.js';
import { processTree } from '../process-tree.js';
import { bundle, isPinnable, Part } from '../processes.js';
import type { ClusterOptions } from '../subjects/cluster.js';
import type { StoreOptions } from '../subjects/subject.js';
import { NODE, type Running } from '../subjects.js';
import { median, table } from '../table.js';

interface Backend {
  readonly name: string;
  readonly store: StoreOptions;
  /** The processes of its servers, none for SQLite. */
  readonly pids: readonly number[];
}

const ACCOUNTS = 64;

/** One and two workers on each shared store: what a worker adds, and where the CPU of a request goes. */
export async function workers(bench: Bench, upstreamPort: number, isTiny: boolean): Promise<string> {
  if (!isPinnable)
    return 'Not measured here: the CPU of a tree of processes is read from /proc, with two cores or more.';
  const rows: string[][] = [];
  await withBackends(async (backends) => {
    for (const backend of backends) {
      const alone = await measureWorkers(1, backend, bench, upstreamPort, isTiny);
      for (const found of [alone, await measureWorkers(2, backend, bench, upstreamPort, isTiny)])
        rows.push([
          `${backend.name}, ${found.workers}`,
          found.perSecond.toFixed(0),
          `${(found.perSecond / alone.perSecond).toFixed(2)} ×`,
          found.gatewayMicros.toFixed(0),
          backend.pids.length > 0 ? found.backendMicros.toFixed(0) : '–',
          (1e6 / (found.gatewayMicros + found.backendMicros)).toFixed(0),
          found.p50.toFixed(1),
        ]);
    }
  });
  const head = [
    'JSON, store and workers',
    'req/s',
    'to one',
    'workers, CPU µs',
    'servers, CPU µs',
    'per core',
    'p50, ms',
  ];
  return `${table(head, rows)}\n\n\`node:cluster\`, prepaid balance, 64 requests at a time of ${ACCOUNTS} accounts. All processes share the ${availableParallelism()} cores, the load and the provider among them, so that \`req/s\` shows what is left for a second worker here; \`per core\` is what a core adds where there are more: a second divided by the CPU of a request in the workers and in the servers of its store.`;
}

async function withBackends(use: (backends: readonly Backend[]) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-bench-'));
  const server = postgresMissing() ? undefined : await startPostgres({ fsync: true });
  const redis = redisMissing() ? undefined : await startRedis();
  try {
    const backends: Backend[] = [
      { name: 'SQLite', store: { kind: 'sqlite', file: join(folder, 'bench.db') }, pids: [] },
    ];
    if (server) {
      const store = { kind: 'postgres', postgres: server.config } as const;
      const postmaster = Number(
        readFileSync(join(server.config.host, 'data', 'postmaster.pid'), 'utf8').split('\n')[0],
      );
      backends.push({ name: 'PostgreSQL', store, pids: [postmaster] });
      if (redis) {
        const client = redis.client();
        const pid = Number(/process_id:(\d+)/.exec(await client.info('server'))?.[1]);
        const store_ = { ...store, redis: redis.socket };
        backends.push({ name: 'PostgreSQL, limits in Redis', store: store_, pids: [postmaster, pid] });
      }
    }
    await use(backends);
  } finally {
    await server?.stop();
    await redis?.stop();
    rmSync(folder, { recursive: true });
  }
}

async function measureWorkers(
  count: number,
  { store, pids }: Backend,
  { load }: Bench,
  upstreamPort: number,
  isTiny: boolean,
) {
  const upstream = `http://127.0.0.1:${upstreamPort}`;
  const options: ClusterOptions = {
    upstream,
    path: '/json',
    variant: 'node',
    store,
    accounts: ACCOUNTS,
    workers: count,
  };
  const { part, hello } = await Part.start(await bundle('subjects/cluster'), { args: [JSON.stringify(options)] });
  const state = () => Promise.reject(new Error('the primary process is not asked'));
  const running: Running = { kind: NODE, hello, startMs: 0, state, stop: () => part.stop() };
  const cpu = () => ({
    gateway: processTree(part.pid).cpuMicros,
    backend: pids.reduce((sum, pid) => sum + processTree(pid).cpuMicros, 0),
  });
  try {
    const order = { ...orderFor(JSON_CASE, running, isTiny ? 0.2 : 5), concurrency: 64 };
    await ask(running, load, order);
    const before = cpu();
    const { requests, seconds, latencies } = await ask(running, load, order);
    const after = cpu();
    return {
      workers: count === 1 ? 'one worker' : `${count} workers`,
      perSecond: requests / seconds,
      gatewayMicros: (after.gateway - before.gateway) / requests,
      backendMicros: (after.backend - before.backend) / requests,
      p50: median(latencies),
    };
  } finally {
    part.stop();
  }
}
