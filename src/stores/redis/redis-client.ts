/** What the gateway needs of a Redis client; `ioredis` (`Redis` and `Cluster`) has it. */
export interface RedisClient {
  evalsha(sha: string, keys: number, ...keysAndArguments: (string | number)[]): Promise<unknown>;
  eval(script: string, keys: number, ...keysAndArguments: (string | number)[]): Promise<unknown>;
  ping(): Promise<unknown>;
  /** `ready` when commands are sent at once; with another status they would wait in the client. */
  readonly status?: string;
}

/** What the gateway needs of a node-redis client (the package `redis`); connect it before use. */
export interface NodeRedisClient {
  sendCommand(command: readonly string[]): Promise<unknown>;
  readonly isReady: boolean;
}

/** The client in the form that the gateway works with. @throws {TypeError} when it is neither of the two. */
export function redisClientOf(client: RedisClient | NodeRedisClient, caller = 'redisRateLimiter'): RedisClient {
  const { evalsha, isReady, sendCommand } = (client ?? {}) as Partial<RedisClient & NodeRedisClient>;
  if (typeof evalsha === 'function') return client as RedisClient;
  if (typeof isReady === 'boolean' && typeof sendCommand === 'function')
    return fromNodeRedis(client as NodeRedisClient);
  throw new TypeError(`${caller} needs a client of ioredis or of node-redis (the package redis)`);
}

function fromNodeRedis(client: NodeRedisClient): RedisClient {
  const send = async (...command: (string | number)[]): Promise<unknown> => {
    try {
      return await client.sendCommand(command.map(String));
    } catch (error) {
      // The errors of the server's own: without this name they would count as a lost connection.
      if (error instanceof Error && /^(ErrorReply|SimpleError|BlobError)$/.test(error.constructor.name)) {
        error.name = 'ReplyError';
      }
      throw error;
    }
  };
  return {
    evalsha: (sha, keys, ...values) => send('EVALSHA', sha, keys, ...values),
    eval: (script, keys, ...values) => send('EVAL', script, keys, ...values),
    ping: () => send('PING'),
    get status() {
      return client.isReady ? 'ready' : 'connecting';
    },
  };
}

/** A connection that `ioredis` opens again when its socket has closed. */
interface Socketed {
  readonly stream?: { destroy(): unknown };
}

/** Drops the sockets of a client of `ioredis`, which then connects again; other clients are left alone. */
export function reconnect(client: object): void {
  const { nodes } = client as { nodes?: unknown };
  const connections = typeof nodes === 'function' ? (nodes.call(client, 'all') as unknown[]) : [client];
  for (const connection of connections) (connection as Socketed).stream?.destroy();
}

/** A Lua script that is sent by its hash, and in full when the server does not know it (yet, or after a restart). */
export class RedisScript {
  readonly #text: string;
  #sha: Promise<string> | undefined;

  constructor(text: string) {
    this.#text = text;
  }

  async run(client: RedisClient, keys: readonly string[], values: readonly (string | number)[]): Promise<unknown> {
    this.#sha ??= sha1(this.#text);
    const sha = await this.#sha;
    try {
      return await client.evalsha(sha, keys.length, ...keys, ...values);
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes('NOSCRIPT')) throw error;
      return client.eval(this.#text, keys.length, ...keys, ...values);
    }
  }
}

async function sha1(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-1', new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}
