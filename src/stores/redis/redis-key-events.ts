import type { KeyEvents } from '../../keys/key-events.js';
import { aText, checkGiven } from '../../lib/option-checks.js';
import { within } from '../../lib/time-limit.js';
import { unrefTimer } from '../../lib/timers.js';
import { reconnect } from './redis-client.js';

/** What key events need of a Redis client; `ioredis` fits. */
export interface RedisPublisher {
  publish(channel: string, message: string): Promise<unknown>;
  /** A second connection with the same settings: a subscribed connection can run no other commands. */
  duplicate(): RedisSubscriber;
}

/** A connection that listens; it must connect and subscribe again by itself, as `ioredis` does. */
export interface RedisSubscriber {
  subscribe(channel: string): Promise<unknown>;
  ping(): Promise<unknown>;
  on(event: 'message', listener: (channel: string, message: string) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  disconnect(): void;
}

/** What key events need of a node-redis client (the package `redis`); connect it before use. */
export interface NodeRedisPublisher {
  publish(channel: string, message: string): Promise<unknown>;
  duplicate(): NodeRedisSubscriber;
  readonly isReady: boolean;
}

/** A connection of node-redis that listens. */
export interface NodeRedisSubscriber {
  connect(): Promise<unknown>;
  subscribe(channel: string, listener: (message: string, channel: string) => void): Promise<unknown>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  destroy(): void;
}

export interface RedisKeyEventsOptions {
  /** The channel. @default 'gateway:keys' */
  readonly channel?: string;
}

/** How often the listening connection is tried: nothing is ever sent on it that would show that it is dead. */
const HEARTBEAT_MS = 2_000;
const HEARTBEAT_LIMIT_MS = 1_000;

/** A connection that listens, from its beginning to its end. */
interface Listening {
  readonly subscribed: Promise<unknown>;
  end(): void;
}

/**
 * Announces changes of keys and accounts to all processes over Redis pub/sub: a key that one of them revokes is refused
 * by the others at once.
 *
 * Pub/sub drops messages while a process is not connected; that process then learns of it when its cached key
 * expires, at most ten seconds later. The listening connection ends with the last listener or `close()`; the client is
 * the caller's.
 *
 * @param client a client of `ioredis`, or a connected one of node-redis.
 * @throws {TypeError} for any other client, and for unknown options.
 */
export function redisKeyEvents(
  client: RedisPublisher | NodeRedisPublisher,
  options: RedisKeyEventsOptions = {},
): KeyEvents {
  checkGiven('redisKeyEvents', options, { channel: aText });
  if (typeof client?.publish !== 'function' || typeof client.duplicate !== 'function')
    throw new TypeError('redisKeyEvents needs a client of ioredis or node-redis');
  const { channel = 'gateway:keys' } = options;
  const origin = crypto.randomUUID();
  const listeners = new Set<(accountId: string) => void>();
  let listening: Listening | undefined;

  const hear = (message: string): void => {
    if (message.startsWith(`${origin} `)) return;
    const accountId = message.slice(message.indexOf(' ') + 1);
    for (const listener of listeners) listener(accountId);
  };
  const hangUp = (): void => {
    listening?.end();
    listening = undefined;
  };

  return {
    async publish(accountId) {
      await client.publish(channel, `${origin} ${accountId}`);
    },
    async subscribe(listener) {
      listeners.add(listener);
      listening ??= 'isReady' in client ? listenNodeRedis(client, channel, hear) : listen(client, channel, hear);
      await listening.subscribed;
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) hangUp();
      };
    },
    close() {
      listeners.clear();
      hangUp();
    },
  };
}

function listen(client: RedisPublisher, channel: string, hear: (message: string) => void): Listening {
  const subscriber = client.duplicate();
  // The client reconnects by itself; without a listener it would write every failure to the console.
  subscriber.on('error', () => {});
  subscriber.on('message', (from, message) => {
    if (from === channel) hear(message);
  });
  const heartbeat = unrefTimer(setInterval(() => void keepAlive(subscriber), HEARTBEAT_MS));
  return {
    subscribed: subscriber.subscribe(channel),
    end() {
      clearInterval(heartbeat);
      subscriber.disconnect();
    },
  };
}

/** Replaces a connection whose other end has vanished silently. Never rejects. */
async function keepAlive(subscriber: RedisSubscriber): Promise<void> {
  const silent = new Error('Redis did not answer');
  await within(subscriber.ping(), HEARTBEAT_LIMIT_MS, () => silent).catch((error: unknown) => {
    if (error === silent) reconnect(subscriber);
  });
}

function listenNodeRedis(client: NodeRedisPublisher, channel: string, hear: (message: string) => void): Listening {
  const subscriber = client.duplicate();
  subscriber.on('error', () => {});
  return {
    subscribed: subscriber.connect().then(() => subscriber.subscribe(channel, hear)),
    end: () => subscriber.destroy(),
  };
}
