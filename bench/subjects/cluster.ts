import cluster from 'node:cluster';
import { createServer } from 'node:http';
import { toNodeHandler } from '../../src/http/node.js';
import { benchGateway } from './bench-gateway.js';
import type { SubjectOptions } from './subject.js';

export interface ClusterOptions extends SubjectOptions {
  readonly workers: number;
}

/** Workers of one `node:cluster` on one store; the primary process only hands connections to them. */
const options = JSON.parse(process.argv[2] ?? '{}') as ClusterOptions;
if (cluster.isPrimary) {
  let [port, keys]: [number, readonly string[]] = [0, []];
  for (let i = 0; i < options.workers; i += 1) {
    const worker = cluster.fork();
    // One after the other: the first migrates the store.
    [port, keys] = await new Promise((resolve) => worker.once('message', resolve));
  }
  process.on('disconnect', () => process.exit());
  process.send?.({ port, headers: {}, keys });
} else {
  const { gateway, keys } = await benchGateway(options);
  const server = createServer(toNodeHandler(gateway));
  server.on('connection', (socket) => socket.setNoDelay(true));
  server.listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, () =>
    process.send?.([(server.address() as { port: number }).port, keys]),
  );
}
