import { type FoundItem, type ItemStore, MAX_ACCOUNT_ITEMS } from '../../items/item-store.js';
import { aText, type Check, checkGiven } from '../../lib/option-checks.js';
import { waitProblem } from '../../lib/timers.js';
import { type NodeRedisClient, type RedisClient, RedisScript, redisClientOf } from './redis-client.js';
import { RedisGuard } from './redis-guard.js';

/** How kept items are stored in Redis. */
export interface RedisItemsOptions {
  /** How long one command may take before Redis counts as unavailable. @default 1_000 */
  readonly commandTimeoutMs?: number;
  /** How often an unavailable Redis is checked. @default 1_000 */
  readonly retryMs?: number;
  /** What all keys begin with. @default 'gateway' */
  readonly prefix?: string;
}

const OPTIONS = { commandTimeoutMs: waitProblem, retryMs: waitProblem, prefix: aText } satisfies Record<
  keyof RedisItemsOptions,
  Check
>;

/** Keys in one command. */
const GROUP = 500;

/**
 * Stores texts under their keys, with the list of the account's ids by expiry (the first key) beside them.
 * Returns the ids that are over the bound; their keys are deleted by a command that names them, as Redis Cluster wants.
 */
const PUT = `
local expires, most = ARGV[1], tonumber(ARGV[2])
for i = 2, #KEYS do
  redis.call('SET', KEYS[i], expires .. ':' .. ARGV[2 * i])
  redis.call('PEXPIREAT', KEYS[i], expires)
  redis.call('ZADD', KEYS[1], expires, ARGV[2 * i - 1])
end
redis.call('PEXPIREAT', KEYS[1], redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')[2])
local time = redis.call('TIME')
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', time[1] * 1000 + math.floor(time[2] / 1000))
local over = redis.call('ZCARD', KEYS[1]) - most
if over <= 0 then return {} end
local ids = redis.call('ZRANGE', KEYS[1], 0, over - 1)
redis.call('ZREMRANGEBYRANK', KEYS[1], 0, over - 1)
return ids`;

const GET = "return redis.call('MGET', unpack(KEYS))";
const LIST = "return redis.call('ZRANGE', KEYS[1], 0, -1)";
const REMOVE = "for _, key in ipairs(KEYS) do redis.call('DEL', key) end";

/**
 * Kept items in Redis 5 or later, which forgets them by itself when they expire. The keys of one account carry the hash tag
 * `{account}`, so that Redis Cluster keeps them on one node. The caller closes the client.
 *
 * @param redis a client of `ioredis`, or a connected one of node-redis.
 * @throws {TypeError} for any other client, and for an unknown or invalid option.
 */
export function redisItems(redis: RedisClient | NodeRedisClient, options: RedisItemsOptions = {}): ItemStore {
  checkGiven('redisItems', options, OPTIONS);
  const items = new RedisItems(redisClientOf(redis, 'redisItems'), options);
  return {
    put: (accountId, added, expiresAt) => items.put(accountId, added, expiresAt),
    get: (accountId, ids, now) => items.get(accountId, ids, now),
    prune: () => 0,
    erase: (accountId) => items.erase(accountId),
    close: () => items.close(),
  };
}

class RedisItems {
  readonly #client: RedisClient;
  readonly #prefix: string;
  readonly #guard: RedisGuard;
  readonly #put = new RedisScript(PUT);
  readonly #get = new RedisScript(GET);
  readonly #list = new RedisScript(LIST);
  readonly #remove = new RedisScript(REMOVE);

  constructor(
    client: RedisClient,
    { prefix = 'gateway', commandTimeoutMs = 1_000, retryMs = 1_000 }: RedisItemsOptions,
  ) {
    this.#client = client;
    this.#prefix = prefix;
    this.#guard = new RedisGuard(client, {
      timeoutMs: commandTimeoutMs,
      retryMs,
      probeKey: `${prefix}:items:probe`,
      onAway() {},
      onBack() {},
    });
  }

  async put(accountId: string, items: Parameters<ItemStore['put']>[1], expiresAt: number): Promise<void> {
    for (const group of groupsOf(items)) {
      const keys = [this.#listKey(accountId), ...group.map(({ id }) => this.#keyOf(accountId, id))];
      const values = [expiresAt, MAX_ACCOUNT_ITEMS, ...group.flatMap(({ id, value }) => [id, value])];
      await this.#removeItems(accountId, (await this.#run(this.#put, keys, values)) as string[]);
    }
  }

  async get(accountId: string, ids: readonly string[], now: number): Promise<Map<string, FoundItem>> {
    const found = new Map<string, FoundItem>();
    for (const group of groupsOf(ids)) {
      const keys = group.map((id) => this.#keyOf(accountId, id));
      const values = (await this.#run(this.#get, keys)) as (string | null)[];
      for (const [i, id] of group.entries()) {
        const item = readItem(values[i]);
        if (item && item.expiresAt > now) found.set(id, item);
      }
    }
    return found;
  }

  async erase(accountId: string): Promise<void> {
    const listKey = this.#listKey(accountId);
    await this.#removeItems(accountId, (await this.#run(this.#list, [listKey])) as string[]);
    await this.#run(this.#remove, [listKey]);
  }

  close() {
    return this.#guard.close();
  }

  async #removeItems(accountId: string, ids: readonly string[]): Promise<void> {
    for (const group of groupsOf(ids)) {
      const keys = group.map((id) => this.#keyOf(accountId, id));
      await this.#run(this.#remove, keys);
    }
  }

  #run(script: RedisScript, keys: readonly string[], values: readonly (string | number)[] = []) {
    return this.#guard.run(() => script.run(this.#client, keys, values));
  }

  #listKey(accountId: string): string {
    return `${this.#prefix}:{${accountId}}:items`;
  }

  #keyOf(accountId: string, id: string): string {
    return `${this.#prefix}:{${accountId}}:item:${id}`;
  }
}

function readItem(stored: string | null | undefined): FoundItem | undefined {
  if (typeof stored !== 'string') return undefined;
  const at = stored.indexOf(':');
  return { value: stored.slice(at + 1), expiresAt: Number(stored.slice(0, at)) };
}

function groupsOf<T>(list: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(list.length / GROUP) }, (_, i) => list.slice(i * GROUP, (i + 1) * GROUP));
}
