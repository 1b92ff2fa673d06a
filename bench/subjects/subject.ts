import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

/** A part of the gateway that costs something when it is used. `'unused'`: all of them are there, for other requests. */
export type UsedPart = 'unused' | 'allowances' | 'request log' | 'hooks' | 'telemetry' | 'metrics';

/** What a subject is started with, as JSON in its first argument. */
export interface SubjectOptions {
  /** Origin of the provider. */
  readonly upstream: string;
  /** First segment of the provider's path, which says how it answers: `/json`, `/stream`, `/paced`, `/hold`. */
  readonly path: string;
  /** The framework. */
  readonly variant: string;
  readonly store?: StoreOptions | undefined;
  /** Accounts whose keys take turns. @default 1 */
  readonly accounts?: number | undefined;
  /** @default keys, limits, prepaid balance and usage alone */
  readonly part?: UsedPart | undefined;
  /** Of a floor: what it runs on. @default node:http alone */
  readonly framework?: 'express' | 'fastify' | undefined;
}

/** Where the gateway keeps its state. @default in memory */
export interface StoreOptions {
  readonly kind: 'sqlite' | 'postgres';
  /** The database file of SQLite. @default one of the process's own */
  readonly file?: string;
  /** Of the PostgreSQL server: what `new pg.Pool` needs. */
  readonly postgres?: object;
  /** The socket of a Redis server that keeps the limits. @default limits in memory */
  readonly redis?: string;
}

/** What a subject returns: a server that does not listen yet, and the headers to call it with. */
export interface Subject {
  readonly server: Server;
  readonly headers: Readonly<Record<string, string>>;
}

/** What a process says of itself. */
export interface State {
  readonly cpuMicros: number;
  readonly rssMB: number;
  readonly heapMB: number;
  /** The longest time in ms that the event loop stood still since the question `watch`. */
  readonly longestPause: number;
}

/** Serves one subject until the benchmark disconnects. */
export function serveSubject(start: (options: SubjectOptions) => Promise<Subject>): void {
  answerQuestions();
  void start(JSON.parse(process.argv[2] ?? '{}') as SubjectOptions).then(({ server, headers }) => {
    server.on('connection', (socket) => socket.setNoDelay(true));
    // Thousands of connections at once are more than Node's own limit of 511 that wait to be accepted.
    server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () =>
      process.send?.({ port: (server.address() as AddressInfo).port, headers }),
    );
  });
}

const delays = monitorEventLoopDelay({ resolution: 1 });

/** Tells the benchmark about this process's CPU and memory when it asks. */
function answerQuestions(): void {
  process.on('disconnect', () => process.exit());
  process.on('message', (question: string) => {
    if (question === 'collect') collectGarbage();
    if (question === 'watch') {
      delays.reset();
      delays.enable();
    }
    process.send?.(state());
  });
}

/** Frees what nothing refers to, in a process that was started without flags. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
}

/** CPU and memory of this process so far. */
export function state(): State {
  const { rss, heapUsed } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  const [rssMB, heapMB] = [rss / 1024 ** 2, heapUsed / 1024 ** 2];
  return { cpuMicros: user + system, rssMB, heapMB, longestPause: delays.max / 1e6 };
}
