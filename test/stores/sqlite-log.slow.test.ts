import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'libsql';
import { expect, onTestFinished, test } from 'vitest';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { bulkEvents } from '../helpers/bulk-events.js';
import { settlementOf } from '../helpers/settlements.js';

const END = Date.UTC(2026, 10, 21);
/** Rows of a megabyte that are written over and over, until the log was cut back often enough, or this often. */
const MOST_WRITES = 2_400;
const ROW_BYTES = 900_000;
const CUTS = 3;
/** How long a report takes is not looked at: the machine may be busy. */
const NO_LIMIT = { reportTimeoutMs: 280_000 };

test('the write-ahead log is cut back again and again while the reports of three processes overlap without end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-log-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, 'gateway.db');
  const databases = [1, 2, 3].map(() => new Database(file));
  const stores = databases.map((database) => sqliteStore(database, NO_LIMIT));
  const [store] = stores;
  if (!store || !databases[0]) throw new Error('there is a store');
  await store.meter.settle(settlementOf('first', { accountId: 'seed', at: END - 40 * 86_400_000 }));
  databases[0].exec(bulkEvents({ dialect: 'sqlite', events: 100_000, end: END }));

  let [running, reports, length, cuts] = [true, 0, 0, 0];
  const readers = stores
    .flatMap(({ meter }) => [meter, meter])
    .map(async (meter) => {
      // A model that no event has: all of them are read.
      for (; running; reports++) await meter.events({ model: 'none' }, { limit: 10 });
    });
  for (let i = 0; i < MOST_WRITES && cuts < CUTS; i++) {
    const value = randomBytes(ROW_BYTES / 2).toString('hex');
    await store.items.put('user_1', [{ id: `item_${i % 4}`, value }], END);
    const { size } = statSync(`${file}-wal`);
    if (size < length) cuts += 1;
    length = size;
  }
  running = false;
  await Promise.all(readers);
  // While anybody reads from it, it can't be: it grew with all that was written when nothing made a moment without readers.
  expect(cuts).toBe(CUTS);
  expect(reports).toBeGreaterThan(CUTS);
  for (const one of stores) await one.close?.();
  for (const database of databases) database.close();
}, 300_000);
