import Database from 'libsql';
import { describe, expect, test } from 'vitest';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { redisItems, redisRateLimiter } from '../../src/stores/redis/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';

const pool = { query: async () => ({ rows: [] }) };
const WRONG: readonly unknown[] = [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY, '500', null, 2 ** 31];

describe.each(['statementTimeoutMs', 'reportTimeoutMs'])('postgresStore: %s', (name) => {
  test.each([0, ...WRONG])('%j is refused by name', (value) => {
    expect(() => postgresStore(pool as never, { [name]: value })).toThrow(`postgresStore: ${name} must be`);
  });
});

test.each([undefined, null, {}, 'postgres://localhost'])('a driver of %j is refused in words', (driver) => {
  expect(() => postgresStore(driver as never)).toThrow('postgresStore needs a pool with query(text, parameters)');
  expect(() => sqliteStore(driver as never)).toThrow(/^sqliteStore needs/);
  expect(() => redisRateLimiter(driver as never)).toThrow('redisRateLimiter needs a client of ioredis');
  expect(() => redisItems(driver as never)).toThrow('redisItems needs a client of ioredis');
});

describe('sqliteStore', () => {
  const open = (options: object) => sqliteStore(new Database(':memory:'), options);

  test.each(WRONG)('%j is refused as a wait, by name', (value) => {
    expect(() => open({ lockTimeoutMs: value })).toThrow('sqliteStore: lockTimeoutMs must be');
    expect(() => open({ reportTimeoutMs: value })).toThrow('sqliteStore: reportTimeoutMs must be');
  });

  test('other durabilities and unknown options are refused, and a write need not wait', () => {
    expect(() => open({ synchronous: 'off' })).toThrow("sqliteStore: synchronous must be one of 'normal', 'full'");
    expect(() => open({ lockTimeout: 5 })).toThrow('sqliteStore: lockTimeout is not an option');
    expect(() => open({ lockTimeoutMs: 0, reportTimeoutMs: 1 })).not.toThrow();
  });
});
