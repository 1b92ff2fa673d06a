import { changesStep } from '../change-rows.js';
import { keyDetailsStep } from '../key-details-step.js';
import { PROFILE_STEP } from '../profile-step.js';
import { ACCOUNT_EVENTS_STEP } from './account-events.js';
import { LOCK } from './advisory-lock.js';
import { CREDIT_FUNCTIONS } from './credit-functions.js';
import { END_FUNCTIONS } from './end-functions.js';
import { EVENTS_STEP } from './events-step.js';
import { GRANT_FUNCTION } from './grant-function.js';
import { GRANTS_STEP } from './grants-step.js';
import { HOLD_FUNCTIONS } from './hold-functions.js';
import { REQUEST_INDICES_STEP } from './later-indices.js';
import { CREDIT_BELOW_ZERO, LEDGER_FUNCTIONS } from './ledger-functions.js';
import { ONE_USE_STEP } from './one-use-step.js';
import { ITEM_TABLE } from './postgres-items.js';
import { REQUEST_TABLE } from './postgres-request-log.js';
import { RECORDED_FUNCTION } from './recorded-function.js';
import { REPORT_FUNCTION } from './report-function.js';
import { RESERVE_FUNCTION } from './reserve-function.js';
import { SETTLE_FUNCTION } from './settle-function.js';
import { SOURCE_FUNCTIONS } from './source-functions.js';
import { SOURCES_STEP } from './sources-step.js';
import { TABLES } from './tables.js';
import { ALL_KEYS_STEP, DIMENSION_SUMS_STEP, USAGE_SUMS_STEP } from './usage-sums-step.js';

/** One step per version; a released step never changes, a changed function is a new step. */
export const STEPS: readonly string[] = [
  TABLES + HOLD_FUNCTIONS + LEDGER_FUNCTIONS,
  REQUEST_TABLE,
  CREDIT_BELOW_ZERO,
  SOURCES_STEP + USAGE_SUMS_STEP + END_FUNCTIONS + CREDIT_FUNCTIONS,
  keyDetailsStep('boolean NOT NULL DEFAULT false'),
  ITEM_TABLE,
  ALL_KEYS_STEP,
  ONE_USE_STEP,
  PROFILE_STEP,
  // What a request calls, which no step before calls: again in the step that changes it.
  SOURCE_FUNCTIONS,
  EVENTS_STEP,
  GRANTS_STEP,
  RESERVE_FUNCTION,
  DIMENSION_SUMS_STEP + SOURCE_FUNCTIONS + SETTLE_FUNCTION,
  REQUEST_INDICES_STEP,
  GRANT_FUNCTION + RESERVE_FUNCTION,
  changesStep({ text: 'text COLLATE "C"', integer: 'bigint', end: '' }),
  RECORDED_FUNCTION + RESERVE_FUNCTION + SETTLE_FUNCTION,
  SOURCE_FUNCTIONS + RESERVE_FUNCTION + SETTLE_FUNCTION,
  REPORT_FUNCTION,
  ACCOUNT_EVENTS_STEP,
];

/**
 * The whole migration as one statement, and so as one transaction: processes that start at once wait for each other
 * at the lock, and all but the first find nothing to do.
 */
export function migrationStatement(): string {
  const steps = STEPS.map(
    (step, i) => `IF found_version < ${i + 1} THEN
      ${step}
      INSERT INTO gateway_migrations VALUES (${i + 1}, now());
    END IF;`,
  );
  return `DO $migration$
    DECLARE found_version integer;
    BEGIN
      -- A role that may not create tables works on a schema that is up to date: it creates nothing.
      IF to_regclass('gateway_migrations') IS NOT NULL THEN
        SELECT COALESCE(MAX(version), 0) INTO found_version FROM gateway_migrations;
        IF found_version = ${STEPS.length} THEN RETURN; END IF;
      END IF;
      PERFORM pg_advisory_xact_lock(${LOCK}, 1);
      CREATE TABLE IF NOT EXISTS gateway_migrations (version integer PRIMARY KEY, applied_at timestamptz NOT NULL);
      SELECT COALESCE(MAX(version), 0) INTO found_version FROM gateway_migrations;
      IF found_version > ${STEPS.length} THEN
        RAISE EXCEPTION 'the database has schema version %, this package knows ${STEPS.length}', found_version;
      END IF;
      ${steps.join('\n')}
    END $migration$`;
}
