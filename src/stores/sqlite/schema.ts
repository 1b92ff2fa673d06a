import { changesStep } from '../change-rows.js';
import { keyDetailsStep } from '../key-details-step.js';
import { PROFILE_STEP } from '../profile-step.js';
import { CREATE_REQUEST_INDICES, SHORT_MODELS } from '../request-rows.js';
import { COUNTS_STEP } from './account-counts.js';
import { ENTRIES_STEP } from './entries-step.js';
import { EVENTS_STEP } from './events-step.js';
import { SOURCES_STEP } from './sources-step.js';
import { isBusy, rollBack, type SqliteConnection } from './sqlite-database.js';
import { ITEM_TABLE } from './sqlite-items.js';
import { REQUEST_TABLE } from './sqlite-request-log.js';
import { ALL_KEYS_STEP, DIMENSION_SUMS_STEP, USAGE_SUMS_STEP } from './sqlite-usage-sums.js';
import { TABLES } from './tables.js';

/** The schema, one step per version; a released step never changes. */
export const STEPS: readonly string[] = [
  TABLES,
  REQUEST_TABLE,
  SOURCES_STEP,
  USAGE_SUMS_STEP,
  keyDetailsStep('INTEGER NOT NULL DEFAULT 0'),
  ITEM_TABLE,
  ALL_KEYS_STEP,
  PROFILE_STEP,
  EVENTS_STEP,
  'ALTER TABLE gateway_grants RENAME COLUMN told TO announced',
  ENTRIES_STEP,
  DIMENSION_SUMS_STEP,
  COUNTS_STEP,
  SHORT_MODELS + CREATE_REQUEST_INDICES,
  changesStep({ text: 'TEXT', integer: 'INTEGER', end: ' STRICT' }),
];

const OPEN_TIMEOUT_MS = 10_000;
const PAUSE_MS = 20;

/** What a commit survives: see `SqliteStoreOptions.synchronous`. */
export type Synchronous = 'normal' | 'full';

/**
 * Sets the connection up and brings the schema to the newest version. Safe when several processes do it at once, and
 * when it is done already.
 *
 * @throws when a newer version of the package has migrated the file.
 */
export function openSchema(connection: SqliteConnection, synchronous: Synchronous): void {
  connection.exec(`PRAGMA busy_timeout = 1000; PRAGMA synchronous = ${synchronous.toUpperCase()}`);
  // 32 MB of pages in memory, and a log of up to 32 MB: busy pages are copied to the file once and not at every turn. Where
  // a long read has kept it growing, it is cut back when it is begun anew.
  connection.exec('PRAGMA cache_size = -32000; PRAGMA wal_autocheckpoint = 8000; PRAGMA journal_size_limit = 33554432');
  patiently(() => connection.exec('PRAGMA journal_mode = WAL'));
  patiently(() => {
    connection.exec('BEGIN IMMEDIATE');
    try {
      migrate(connection);
      connection.exec('COMMIT');
    } catch (error) {
      rollBack(connection);
      throw error;
    }
  });
  // From here on GroupCommit waits for the lock, without holding the event loop.
  connection.exec('PRAGMA busy_timeout = 20');
}

function migrate(connection: SqliteConnection): void {
  connection.exec(
    'CREATE TABLE IF NOT EXISTS gateway_migrations (version INTEGER PRIMARY KEY, applied_at INTEGER NOT NULL) STRICT',
  );
  const row = connection.get('SELECT COALESCE(MAX(version), 0) AS version FROM gateway_migrations');
  const version = Number(row?.['version'] ?? 0);
  if (version > STEPS.length)
    throw new Error(`the database has schema version ${version}, this package knows ${STEPS.length}`);
  for (const [i, step] of STEPS.entries()) {
    if (i < version) continue;
    connection.exec(step);
    connection.run('INSERT INTO gateway_migrations (version, applied_at) VALUES (?, ?)', i + 1, Date.now());
  }
}

/** Tries again while another process holds the lock: the change to WAL does not wait for it by itself. */
function patiently(work: () => void): void {
  const giveUpAt = performance.now() + OPEN_TIMEOUT_MS;
  for (;;) {
    try {
      work();
      return;
    } catch (error) {
      if (!isBusy(error) || performance.now() > giveUpAt) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
