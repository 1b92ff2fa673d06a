import { BUCKET_NAMES, TOKEN_BUCKETS } from '../../lib/usage.js';
import { packIdSql } from '../packed-ids.js';

const TOKEN_COLUMNS = BUCKET_NAMES.map((name) => TOKEN_BUCKETS[name].column);
const IS_OWN = "length(id) = 36 AND substr(id, 1, 4) = 'req_' AND NOT substr(id, 5) GLOB '*[^0-9a-f]*'";
const KIND = 'model, provider, upstream_model, via, source, outcome, flags, price_id';

/**
 * Events in half the room: what they share is kept once, ids are packed, and indices hold no more than what finds a row. An
 * id is used once per account because each step looks for it first, under the write lock.
 */
export const EVENTS_STEP = `
  CREATE TABLE gateway_event_kinds (
    id INTEGER PRIMARY KEY, model TEXT NOT NULL, provider TEXT NOT NULL, upstream_model TEXT NOT NULL, via TEXT NOT NULL,
    source TEXT NOT NULL, outcome TEXT NOT NULL, flags TEXT NOT NULL, price_id INTEGER NOT NULL
  ) STRICT;
  INSERT INTO gateway_event_kinds
    SELECT -row_number() OVER (), ${KIND} FROM (SELECT DISTINCT ${KIND} FROM gateway_events);

  ALTER TABLE gateway_events RENAME TO gateway_events_7;
  DROP INDEX gateway_events_account;
  DROP INDEX gateway_events_time;
  CREATE TABLE gateway_events (
    number INTEGER PRIMARY KEY, seq INTEGER NOT NULL, id TEXT NOT NULL, account_id TEXT NOT NULL, key_id TEXT,
    end_user TEXT, session TEXT, tags TEXT, at INTEGER NOT NULL,
    ${TOKEN_COLUMNS.map((column) => `${column} INTEGER NOT NULL`).join(', ')},
    units TEXT, reported_cost TEXT, kind_id INTEGER NOT NULL, cost INTEGER NOT NULL CHECK (cost >= 0),
    provider_cost INTEGER, charged TEXT, refunded INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  INSERT INTO gateway_events (seq, id, account_id, key_id, end_user, session, tags, at, ${TOKEN_COLUMNS.join(', ')}, units,
      reported_cost, kind_id, cost, provider_cost, charged, refunded)
    SELECT seq, ${packIdSql('e.id', 'instr', IS_OWN.replaceAll('id', 'e.id'))}, account_id, key_id, end_user, session, tags, at,
      ${TOKEN_COLUMNS.join(', ')}, units, reported_cost, k.id, cost, provider_cost, charged, refunded
    FROM gateway_events_7 e JOIN gateway_event_kinds k USING (${KIND}) ORDER BY number;
  DROP TABLE gateway_events_7;
  CREATE INDEX gateway_events_id ON gateway_events (id);
  CREATE INDEX gateway_events_account ON gateway_events (account_id, at);
  CREATE INDEX gateway_events_time ON gateway_events (at);
`;
