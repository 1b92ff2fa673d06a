import type { KeyEvents } from '../../keys/key-events.js';

/** What key events need of a Redis client; `ioredis` fits. */
export interface RedisPublisher {
  publish(channel: string, message: string): Promise<unknown>;
  /** A second connection with the same settings: one that listens can do nothing else. */
  duplicate(): RedisSubscriber;
}

/** A connection that listens; it must connect and subscribe again by itself, as `ioredis` does. */
export interface RedisSubscriber {
  subscribe(channel: string): Promise<unknown>;
  on(event: 'message', listener: (channel: string, message: string) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
  disconnect(): void;
}

export interface RedisKeyEventsOptions {
  /** The channel. @default 'gateway:keys' */
  readonly channel?: string;
}

/**
 * Announces changes of keys and accounts to all processes over Redis pub/sub: a key that one of them revokes is refused
 * by the others at once.
 *
 * Pub/sub forgets what is said while a process is not connected; that process then learns of it when its cached key
 * expires, at most ten seconds later. `close()` ends the listening connection, not the client.
 */
export function redisKeyEvents(client: RedisPublisher, options: RedisKeyEventsOptions = {}): KeyEvents {
  const { channel = 'gateway:keys' } = options;
  const origin = crypto.randomUUID();
  const listeners = new Set<(accountId: string) => void>();
  let subscriber: RedisSubscriber | undefined;
  let subscribed: Promise<unknown> | undefined;

  const listen = (): Promise<unknown> => {
    subscriber = client.duplicate();
    // The client reconnects by itself; without a listener it would write every failure to the console.
    subscriber.on('error', () => {});
    subscriber.on('message', (from, message) => {
      if (from !== channel || message.startsWith(`${origin} `)) return;
      const accountId = message.slice(message.indexOf(' ') + 1);
      for (const listener of listeners) listener(accountId);
    });
    return subscriber.subscribe(channel);
  };

  return {
    async publish(accountId) {
      await client.publish(channel, `${origin} ${accountId}`);
    },
    async subscribe(listener) {
      listeners.add(listener);
      subscribed ??= listen();
      await subscribed;
      return () => {
        listeners.delete(listener);
      };
    },
    close() {
      listeners.clear();
      subscriber?.disconnect();
      subscriber = undefined;
      subscribed = undefined;
    },
  };
}
