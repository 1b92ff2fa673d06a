import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a subject is started with, as JSON in its first argument. */
export interface SubjectOptions {
  /** Origin of the provider. */
  readonly upstream: string;
  /** First segment of the provider's path, which says how it answers: `/json`, `/stream`, `/paced`, `/hold`. */
  readonly path: string;
  /** The framework. */
  readonly variant: string;
  readonly store?: 'memory' | 'sqlite' | 'postgres';
  /** Of the PostgreSQL server: what `new pg.Pool` needs. */
  readonly postgres?: object | undefined;
  /** Of a floor: what it runs on. @default node:http alone */
  readonly framework?: 'express' | 'fastify' | undefined;
}

/** What a subject returns: a server that does not listen yet, and the headers to call it with. */
export interface Subject {
  readonly server: Server;
  readonly headers: Readonly<Record<string, string>>;
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

/** Tells the benchmark about this process's CPU and memory when it asks. */
export function answerQuestions(): void {
  process.on('disconnect', () => process.exit());
  process.on('message', (question: string) => {
    if (question === 'gc') globalThis.gc?.();
    process.send?.(state());
  });
}

/** CPU and memory of this process so far. */
export function state(): object {
  const { rss, heapUsed } = process.memoryUsage();
  return { cpu: process.cpuUsage(), rss, heap: heapUsed };
}
