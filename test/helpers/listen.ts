import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server on a free port of the loopback interface. */
export interface Listening {
  readonly origin: string;
  readonly server: Server;
  close(): Promise<void>;
}

/** Starts one. */
export async function listen(listener: RequestListener): Promise<Listening> {
  const server = createServer(listener);
  // A client that reuses a connection must not meet its end: on a busy machine it may come late.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: originOf(server),
    server,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Where a server listens. */
export function originOf(server: Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
