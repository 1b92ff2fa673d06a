import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { endProgram, findProgram, startProgram } from './child-server.js';

/** A Redis server of a test's own, on a socket in a temporary folder. */
export interface RedisServer {
  readonly socket: string;
  client(): Redis;
  /** Ends the server; what it held is gone. */
  halt(): Promise<void>;
  resume(): Promise<void>;
  /** Lets the server hang: connections stay open, nothing is answered. */
  freeze(): void;
  thaw(): void;
  /** Ends the clients and the server and deletes its folder. */
  stop(): Promise<void>;
}

/** Why a test that needs Redis is passed by, or undefined when it can run. */
export function redisMissing(): string | undefined {
  return findProgram('redis-server') ? undefined : 'Redis (redis-server) is not installed here';
}

/**
 * Starts a server.
 *
 * @param options.cluster true: as the only node of a cluster, which checks the slots of keys.
 * @param options.program another server of the protocol. @default redis-server
 * @param options.settings more arguments of the server.
 * @param options.nodes what the server knows of its cluster at its start.
 */
export async function startRedis(
  options: {
    readonly cluster?: boolean;
    readonly program?: string;
    readonly settings?: readonly string[];
    readonly nodes?: string;
  } = {},
): Promise<RedisServer> {
  const program = options.program ?? findProgram('redis-server');
  if (!program) throw new Error(redisMissing());
  const folder = mkdtempSync(join(tmpdir(), 'gateway-redis-'));
  const socket = join(folder, 'redis.sock');
  const args = ['--port', '0', '--unixsocket', socket, '--dir', folder, '--save', '', '--appendonly', 'no'];
  if (options.cluster) args.push('--cluster-enabled', 'yes', '--cluster-port', '1');
  if (options.nodes !== undefined) writeFileSync(join(folder, 'nodes.conf'), options.nodes);
  args.push(...(options.settings ?? []));
  const clients: Redis[] = [];
  const connect = () => {
    const client = new Redis({ path: socket });
    client.on('error', () => {});
    clients.push(client);
    return client;
  };
  const isUp = async () => {
    const client = new Redis({ path: socket, retryStrategy: null, maxRetriesPerRequest: 0, lazyConnect: true });
    client.on('error', () => {});
    try {
      await client.connect();
      await client.ping();
      if (options.cluster && !(await client.cluster('INFO')).toString().includes('cluster_state:ok'))
        await client.call('CLUSTER', 'ADDSLOTSRANGE', '0', '16383').catch(() => {});
      return !options.cluster || (await client.cluster('INFO')).toString().includes('cluster_state:ok');
    } catch {
      return false;
    } finally {
      client.disconnect();
    }
  };
  let server: ChildProcess = await startProgram(program, args, isUp);
  return {
    socket,
    client: connect,
    halt: () => endProgram(server, 'SIGKILL'),
    async resume() {
      server = await startProgram(program, args, isUp);
    },
    freeze: () => void server.kill('SIGSTOP'),
    thaw: () => void server.kill('SIGCONT'),
    async stop() {
      for (const client of clients) client.disconnect();
      server.kill('SIGCONT');
      await endProgram(server, 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
