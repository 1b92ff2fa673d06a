import type { AddressInfo } from 'node:net';
import { connect, createServer, type Socket } from 'node:net';

/** A TCP link to a server that can fail in the ways that networks do. */
export interface FaultyLink {
  readonly port: number;
  /** How many connections are open. */
  readonly size: number;
  /** The connections of now fall silent in both directions without a word; new ones pass. */
  goHalfOpen(): void;
  /** Nothing passes any more: connections of now and new ones are taken, and never answered. */
  swallow(): void;
  /** New connections go to another server. */
  lead(target: string): void;
  /** New bytes take this long, each way. */
  delay(ms: number): void;
  /** New connections pass again, at full speed; those that fell silent stay so. */
  heal(): void;
  close(): Promise<void>;
}

/** Opens a link. @param target where the server listens: a socket's path, or a port of this machine. */
export async function faultyLink(target: string | number): Promise<FaultyLink> {
  let [swallowing, delayMs, end] = [false, 0, target];
  const pairs = new Set<readonly [Socket, Socket]>();
  const server = createServer((client) => {
    const upstream = typeof end === 'string' ? connect(end) : connect(end, '127.0.0.1');
    const pair = [client, upstream] as const;
    pairs.add(pair);
    if (swallowing) silence(pair);
    else {
      pass(client, upstream, () => delayMs);
      pass(upstream, client, () => delayMs);
    }
    for (const socket of pair) socket.on('error', () => {}).on('close', () => pairs.delete(pair));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    get size() {
      return pairs.size;
    },
    goHalfOpen: () => pairs.forEach(silence),
    swallow() {
      swallowing = true;
      pairs.forEach(silence);
    },
    lead(other) {
      end = other;
    },
    delay(ms) {
      delayMs = ms;
    },
    heal() {
      [swallowing, delayMs] = [false, 0];
    },
    async close() {
      for (const pair of pairs) for (const socket of pair) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function pass(from: Socket, to: Socket, delayMs: () => number): void {
  from.on('data', (bytes) => {
    const ms = delayMs();
    if (ms === 0) to.write(bytes);
    else setTimeout(() => to.write(bytes), ms);
  });
  from.on('end', () => to.end());
}

function silence(pair: readonly [Socket, Socket]): void {
  for (const socket of pair) socket.removeAllListeners('data').removeAllListeners('end').pause();
}
