import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What a subject is told: where the provider is, and which of its answers to ask for. */
export interface SubjectOptions {
  readonly upstream: string;
  /** First segment of the provider's path: `/json`, `/stream`, `/paced` or `/hold`. */
  readonly path: string;
  readonly variant: string;
}

/** What a subject gives back: a server that does not listen yet, and the key to call it with. */
export interface Subject {
  readonly server: Server;
  readonly key?: string;
}

/** Serves one subject until the benchmark disconnects; answers its questions about CPU and memory. */
export function serveSubject(start: (options: SubjectOptions) => Promise<Subject>): void {
  const [upstream = '', path = '', variant = ''] = process.argv.slice(2);
  process.on('disconnect', () => process.exit());
  process.on('message', (question: string) => {
    if (question === 'gc') globalThis.gc?.();
    process.send?.({ cpu: process.cpuUsage(), rss: process.memoryUsage().rss, heap: process.memoryUsage().heapUsed });
  });
  void start({ upstream, path, variant }).then(({ server, key }) => {
    server.on('connection', (socket) => socket.setNoDelay(true));
    server.listen(0, '127.0.0.1', () => process.send?.({ port: (server.address() as AddressInfo).port, key }));
  });
}
