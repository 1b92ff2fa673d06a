import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { afterAll, afterEach, beforeAll, expect, onTestFinished, test } from 'vitest';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { STEPS } from '../../src/stores/sqlite/schema.js';
import { REQUEST_TABLE } from '../../src/stores/sqlite/sqlite-request-log.js';
import { TABLES } from '../../src/stores/sqlite/tables.js';
import { assertAccountsBalance } from '../../src/testing/index.js';
import { bulkEvents } from '../helpers/bulk-events.js';
import { settlementOf } from '../helpers/settlements.js';
import { type SmallDisk, smallDisk, withMoreAndMoreRoom } from '../helpers/small-disk.js';
import { siteOf } from '../helpers/store-site.js';

const DAY = 86_400_000;
const EVENTS = 20_000;
const NO_DISK = 'this process may not mount a file system';
const PRICE =
  '{"input":"1000000","cachedInput":"500000","cacheWrite":"1000000","cacheWrite1h":"1000000","output":"2000000","reasoning":"2000000","multiplier":"1000000"}';

let disk: SmallDisk | undefined;
beforeAll(() => {
  disk = smallDisk(96);
});
afterEach(() => disk?.free());
afterAll(() => disk?.remove());

/** A file of the first version, with prepaid events of one account. */
function fileOfFirstVersion(path: string) {
  const database = new Database(path);
  database.exec(`${TABLES} ${REQUEST_TABLE}
    CREATE TABLE gateway_migrations (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT;
    INSERT INTO gateway_migrations VALUES (1, 1), (2, 1);
    INSERT INTO gateway_accounts VALUES ('user_1', NULL, 3);
    INSERT INTO gateway_balances VALUES ('user_1', 0, 0);
    WITH RECURSIVE g (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM g WHERE i < ${EVENTS})
      INSERT INTO gateway_events (id, account_id, key_id, at, model, provider, upstream_model, input_tokens,
        cached_input_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens, source, price,
        cost, outcome, flags)
      SELECT 'req_' || i, 'user_1', 'key_' || i % 10, ${Date.now()} - i * 60000, 'm', 'openai', 'm-1', 10, 0, 0, 0, 20, 0,
        'provider', '${PRICE}', 50000, 'completed', '' FROM g;
    INSERT INTO gateway_entries (account_id, kind, amount, balance_after, at, reference)
      SELECT 'user_1', 'usage', -50000, -50000 * rowid, at, id FROM gateway_events;
    UPDATE gateway_balances SET balance = -50000 * ${EVENTS}`);
  database.close();
}

test('a SQLite file whose disk fills up in a migration is as it was, and the migration can be repeated', async (context) => {
  if (!disk) return context.skip(NO_DISK);
  const path = join(disk.folder, 'migrated.db');
  fileOfFirstVersion(path);
  const left = () => {
    const other = new Database(path, { readonly: true });
    const row = other
      .prepare(
        'SELECT (SELECT MAX(version) FROM gateway_migrations) AS version, COUNT(*) AS events FROM gateway_events',
      )
      .get();
    other.close();
    return row;
  };
  const database = new Database(path);
  onTestFinished(() => void database.close());
  const store = sqliteStore(database);
  const errors = new Set<string>();
  const failures = await withMoreAndMoreRoom(
    disk,
    async () => store.meter.balance('user_1'),
    async (error) => {
      errors.add(String((error as Error).message));
      disk?.free();
      expect(left()).toMatchObject({ version: 2, events: EVENTS });
    },
  );
  expect([...errors].filter((message) => !/full|I\/O/i.test(message))).toEqual([]);
  expect(failures).toBeGreaterThan(2);
  disk.free();
  expect(left()).toMatchObject({ version: STEPS.length, events: EVENTS });
  expect(await store.meter.usage({ accountId: 'user_1', groupBy: [] })).toMatchObject([{ requests: EVENTS }]);
  await assertAccountsBalance(store.meter, ['user_1']);
  await store.close?.();
});

test('a SQLite file whose disk is full can not be pruned: sums and ledger stay exact, and it is pruned once there is room', async (context) => {
  if (!disk) return context.skip(NO_DISK);
  const database = new Database(join(disk.folder, 'pruned.db'));
  onTestFinished(() => void database.close());
  const store = sqliteStore(database);
  const site = await siteOf(store, 'newcomer');
  expect(await site.ask()).toMatchObject({ status: 200 });
  const today = Math.floor(Date.now() / DAY) * DAY;
  database.exec(bulkEvents({ dialect: 'sqlite', events: EVENTS, end: today }));
  const requests = async (accountId: string) => (await store.meter.usage({ accountId, groupBy: [] }))[0]?.requests;
  const events = () => Number((database.prepare('SELECT COUNT(*) AS n FROM gateway_events').get() as { n: number }).n);
  const before = events();
  const prune = () => site.gateway.maintenance.prune({ eventsBefore: today - 2 * DAY });
  // The log is emptied and cut off: whatever is written needs room.
  database.pragma('wal_checkpoint(TRUNCATE)');
  disk.fill();
  await expect(prune()).rejects.toThrow();
  expect(await requests('busy')).toBe(EVENTS / 2);
  expect(await site.ask()).toMatchObject({ status: 503, retryAfter: expect.any(String) });
  disk.free();
  const { events: gone } = await prune();
  expect(gone).toBeGreaterThan(EVENTS / 2);
  expect(events()).toBeLessThanOrEqual(before - gone);
  expect(await requests('busy')).toBe(EVENTS / 2);
  expect(await site.ask()).toMatchObject({ status: 200 });
  await site.end();
  await assertAccountsBalance(store.meter, ['newcomer'], { prepaid: true });
});

/** Whether this process may make files that nobody can write to, whoever has them open. */
function mayForbidWrites(folder: string): boolean {
  const probe = join(folder, 'probe');
  writeFileSync(probe, '');
  try {
    execFileSync('chattr', ['+i', probe], { stdio: 'ignore' });
    execFileSync('chattr', ['-i', probe], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('a SQLite file that nobody may write to any more, in the middle of work: 503, or answered and charged later', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-forbidden-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  if (!mayForbidWrites(folder)) return context.skip('this process may not make files immutable');
  const path = join(folder, 'gateway.db');
  const database = new Database(path);
  const store = sqliteStore(database);
  const site = await siteOf(store);
  const files = [path, `${path}-wal`];
  const forbid = () => void execFileSync('chattr', ['+i', ...files]);
  const allow = () => void execFileSync('chattr', ['-i', ...files]);
  onTestFinished(allow);
  expect(await site.ask()).toMatchObject({ status: 200 });
  site.whileAnswering(forbid);
  expect(await site.ask()).toMatchObject({ status: 200, text: expect.stringContaining('Hello') });
  site.whileAnswering(() => {});
  const refused = await site.ask();
  expect(refused).toMatchObject({ status: 503, retryAfter: expect.any(String) });
  expect(refused.text).not.toMatch(/database|disk|readonly/i);
  expect(await store.meter.usage({ groupBy: [] })).toMatchObject([{ requests: 1 }]);
  allow();
  expect(await site.ask()).toMatchObject({ status: 200 });
  await site.end();
  expect(await store.meter.usage({ groupBy: [] })).toMatchObject([{ requests: 3 }]);
  await assertAccountsBalance(store.meter, ['user_1'], { prepaid: true });
  expect(await store.meter.settle(settlementOf('later', { accountId: 'user_2' }))).toEqual({ recorded: true });
  database.close();
});
