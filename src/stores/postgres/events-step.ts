import { BUCKET_NAMES, TOKEN_BUCKETS } from '../../lib/usage.js';
import { packIdSql } from '../packed-ids.js';
import { FIRST_PARTITIONS, PARTITION_FUNCTIONS } from './partitions.js';

const TOKEN_COLUMNS = BUCKET_NAMES.map((name) => TOKEN_BUCKETS[name].column);
const KIND = 'model, provider, upstream_model, via, source, outcome, flags, price_id';
const COPIED =
  'account_id, key_id, end_user, session, tags, units, reported_cost, cost, provider_cost, charged, refunded';

/**
 * Events by month and in half the room: what they share is kept once, ids are packed, a count of zero is null, and indices
 * hold no more than what finds a row. An id is used once per account because each step looks for it first, under the
 * account's lock: a table in partitions can't have a key without their column.
 */
export const EVENTS_STEP = `
  CREATE TABLE gateway_event_kinds (
    id bigint PRIMARY KEY, model text COLLATE "C" NOT NULL, provider text NOT NULL, upstream_model text NOT NULL,
    via text NOT NULL, source text NOT NULL, outcome text NOT NULL, flags text NOT NULL, price_id bigint NOT NULL
  );
  INSERT INTO gateway_event_kinds
    SELECT -row_number() OVER (), ${KIND} FROM (SELECT DISTINCT ${KIND} FROM gateway_events) AS kinds;

  ALTER TABLE gateway_events RENAME TO gateway_events_9;
  DROP INDEX gateway_events_account;
  DROP INDEX gateway_events_time;
  DROP INDEX gateway_events_recent;
  CREATE TABLE gateway_events (
    seq bigint NOT NULL, at bigint NOT NULL, kind_id bigint NOT NULL, cost bigint NOT NULL CHECK (cost >= 0),
    provider_cost bigint, ${TOKEN_COLUMNS.map((column) => `${column} bigint`).join(', ')},
    refunded boolean NOT NULL DEFAULT false, id text COLLATE "C" NOT NULL, account_id text COLLATE "C" NOT NULL,
    key_id text COLLATE "C", end_user text, session text, tags jsonb, units jsonb, reported_cost text, charged text
  ) PARTITION BY RANGE (at);
  CREATE INDEX gateway_events_id ON gateway_events (id);
  CREATE INDEX gateway_events_account ON gateway_events (account_id, at);
  CREATE INDEX gateway_events_time ON gateway_events (at);
  CREATE TABLE gateway_events_rest PARTITION OF gateway_events DEFAULT;
  ${PARTITION_FUNCTIONS}
  ${FIRST_PARTITIONS}
  INSERT INTO gateway_events (id, seq, at, kind_id, ${COPIED}, ${TOKEN_COLUMNS.join(', ')})
    SELECT ${packIdSql('e.id', 'strpos', "e.id ~ '^req_[0-9a-f]{32}$'")}, seq, at, k.id, ${COPIED},
      ${TOKEN_COLUMNS.map((column) => `NULLIF(${column}, 0)`).join(', ')}
    FROM gateway_events_9 e JOIN gateway_event_kinds k USING (${KIND}) ORDER BY at;
  DROP TABLE gateway_events_9;
  ALTER TABLE gateway_usage
    ${['with_units', ...TOKEN_COLUMNS].map((column) => `ALTER COLUMN ${column} DROP NOT NULL`).join(', ')};
`;
