import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { holdOf, NOW, settlementOf } from '../helpers/settlements.js';

let folder: string;
const open: { close(): void }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'gateway-sqlite-'));
});

afterEach(() => {
  for (const database of open.splice(0)) database.close();
  rmSync(folder, { recursive: true });
});

function connect(): Database.Database {
  const database = new Database(join(folder, 'gateway.db'));
  open.push(database);
  return database;
}

const topUp = (amount: bigint, idempotencyKey = 'first') => ({
  accountId: 'user_1',
  kind: 'top_up' as const,
  amount,
  idempotencyKey,
  now: NOW,
});

describe('the SQLite store', () => {
  test('keeps every bit of a 64-bit amount, also on a connection that reads integers as bigints', async () => {
    for (const database of [connect(), connect().defaultSafeIntegers(true)]) {
      const { meter, keyStore } = sqliteStore(database);
      await meter.credit(topUp(2n ** 53n + 1n));
      expect(await meter.balance('user_1')).toEqual({ balance: 9_007_199_254_740_993n, held: 0n });
      expect(await meter.history('user_1', { limit: 10 })).toMatchObject([{ amount: 9_007_199_254_740_993n, at: NOW }]);
      expect(await keyStore.saveAccount({ id: 'user_1', now: NOW })).toEqual({ id: 'user_1', createdAt: NOW });
    }
  });

  test('refuses a balance beyond 64 bits instead of rounding it', async () => {
    const { meter } = sqliteStore(connect());
    await meter.credit(topUp(2n ** 63n - 1n));
    expect(await meter.credit(topUp(1n, 'second'))).toEqual({ ok: false, reason: 'too_large' });
    expect(await meter.balance('user_1')).toEqual({ balance: 2n ** 63n - 1n, held: 0n });
  });

  test('has everything back after a restart', async () => {
    const before = sqliteStore(connect());
    await before.meter.credit(topUp(1_000_000n));
    await before.meter.reserve(holdOf('req_1'));
    await before.meter.reserve(holdOf('req_2'));
    await before.meter.settle(settlementOf('req_1', { flags: ['overrun'] }));
    for (const database of open.splice(0)) database.close();

    const { meter } = sqliteStore(connect());
    expect(await meter.balance('user_1')).toEqual({ balance: 950_000n, held: 210_000n });
    const { prepaid: _prepaid, ...event } = settlementOf('req_1', { flags: ['overrun'] });
    const charged = [{ source: 'balance', amount: event.cost }];
    expect(await meter.events({}, { limit: 10 })).toEqual([{ ...event, charged }]);
    expect(await meter.settle(settlementOf('req_1'))).toEqual({ recorded: false });
  });

  test('never lets two connections hold the same money', async () => {
    const [one, other] = [sqliteStore(connect()), sqliteStore(connect())];
    await one.meter.credit(topUp(2_100_000n));
    const holds = await Promise.all(
      Array.from({ length: 200 }, (_, i) => (i % 2 ? one : other).meter.reserve(holdOf(`req_${i}`))),
    );
    expect(holds.filter((hold) => hold.ok)).toHaveLength(10);
    expect(await one.meter.balance('user_1')).toEqual({ balance: 2_100_000n, held: 2_100_000n });
  });

  test('fails only the write that is wrong, of all that share a commit', async () => {
    const { keyStore } = sqliteStore(connect());
    const key = { accountId: 'user_1', name: 'laptop', hint: 'napi-…', createdAt: NOW };
    const results = await Promise.allSettled([
      keyStore.createKey({ ...key, id: 'key_1', hash: 'aa' }),
      keyStore.createKey({ ...key, id: 'key_2', hash: 'aa' }),
      keyStore.createKey({ ...key, id: 'key_3', hash: 'bb' }),
    ]);
    expect(results.map((result) => result.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect((await keyStore.listKeys('user_1')).map((each) => each.id)).toEqual(['key_3', 'key_1']);
  });

  test('counts what windows and budgets hold by the file, whoever wrote it and whatever was rolled back', async () => {
    const [one, other] = [sqliteStore(connect()), sqliteStore(connect())];
    const terms = {
      allowances: [{ id: 'month', limit: 10n ** 9n, startsAt: NOW, endsAt: NOW + 86_400_000 }],
      budgets: [{ subject: 'endUser:ann', window: 'total', limit: 10n ** 9n }],
    };
    const used = async () => {
      const { allowances } = await one.meter.funds('user_1', NOW);
      const { spent, held } = await other.meter.budget('user_1', 'endUser:ann', 'total');
      return [...allowances.map((window) => [window.used, window.held]), [spent, held]];
    };
    await one.meter.reserve(holdOf('req_1', terms));
    expect(await used()).toEqual([
      [0n, 210_000n],
      [0n, 210_000n],
    ]);
    await other.meter.reserve(holdOf('req_2', terms));
    await one.meter.settle(settlementOf('req_2', terms));
    // What a failed neighbor rolls back is done again alone.
    const [third, fourth, broken] = await Promise.allSettled([
      one.meter.reserve(holdOf('req_3', terms)),
      one.meter.settle(settlementOf('req_1', terms)),
      one.meter.settle(settlementOf('req_4', { ...terms, cost: 2n ** 64n })),
    ]);
    expect([third.status, fourth.status, broken.status]).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(await used()).toEqual([
      [100_000n, 210_000n],
      [100_000n, 210_000n],
    ]);
    await other.meter.release(holdOf('req_3'));
    expect(await used()).toEqual([
      [100_000n, 0n],
      [100_000n, 0n],
    ]);
  });

  test('fails a write when another process keeps the lock too long, and works again after it', async () => {
    const blocker = connect();
    const { meter } = sqliteStore(connect(), { lockTimeoutMs: 50 });
    await meter.credit(topUp(1_000_000n));
    blocker.exec('BEGIN IMMEDIATE');
    await expect(meter.reserve(holdOf('req_1'))).rejects.toThrow(/locked/);
    blocker.exec('COMMIT');
    expect(await meter.reserve(holdOf('req_1'))).toEqual({ ok: true, held: 210_000n });
  });

  test('refuses a file that a newer version has migrated', async () => {
    const database = connect();
    await sqliteStore(database).migrate?.();
    database.exec('INSERT INTO gateway_migrations VALUES (99, 0)');
    expect(() => sqliteStore(database).migrate?.()).toThrow(/schema version 99/);
  });
});
