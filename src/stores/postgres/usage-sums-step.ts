import { BUCKET_NAMES, TOKEN_BUCKETS } from '../../lib/usage.js';
import { SUM_COLUMNS } from '../usage-sums.js';

const TOKEN_COLUMNS = BUCKET_NAMES.map((name) => TOKEN_BUCKETS[name].column);
const KEY = 'account_id, grain, start, key_id, model, via';
const GRAINS = "(VALUES ('hour', 3600000::bigint), ('day', 86400000)) AS g (grain, ms)";

/** Each grain is kept twice: per key, and for all keys. */
const KEPT_GRAINS = `(VALUES ('hour', 3600000::bigint, true), ('day', 86400000, true), ('all_hour', 3600000, false),
        ('all_day', 86400000, false)) AS g (grain, ms, keyed)`;

/** The batch of settlements with their places in it. */
const RECORDED = `ROWS FROM (jsonb_to_recordset(p_settlements) AS (at bigint, key text, model text, via text, tokens jsonb,
        units jsonb, cost bigint, "providerCost" bigint)) WITH ORDINALITY
        AS x (at, key, model, via, tokens, units, cost, "providerCost", place)`;

/** Null adds nothing: it stands for a count of zero, which then takes no room, or for a cost that is not known. */
function added(column: string): string {
  if (column === 'requests' || column === 'cost') return `${column} = u.${column} + excluded.${column}`;
  return `${column} = CASE WHEN excluded.${column} IS NULL THEN u.${column}
    ELSE COALESCE(u.${column}, 0) + excluded.${column} END`;
}

/**
 * Adds what a batch has recorded to the sums of its hours and days: part of the settlements, under the lock of the
 * account. `results` says which of the batch were recorded.
 */
export const ADD_TO_SUMS = `
    INSERT INTO gateway_usage AS u (${KEY}, ${SUM_COLUMNS.join(', ')})
      SELECT p_account, g.grain, x.at - (x.at % g.ms + g.ms) % g.ms, CASE WHEN g.keyed THEN COALESCE(x.key, '') ELSE '' END,
        x.model, x.via, COUNT(*), NULLIF(COUNT(x.units), 0),
        ${TOKEN_COLUMNS.map((_, i) => `NULLIF(SUM((x.tokens ->> ${i})::bigint), 0)`).join(', ')},
        SUM(x.cost), SUM(x."providerCost"), SUM(CASE WHEN x."providerCost" IS NOT NULL THEN x.cost END)
      FROM ${RECORDED}, ${KEPT_GRAINS} WHERE (results ->> (x.place - 1)::integer)::boolean
      GROUP BY 2, 3, 4, 5, 6
      ON CONFLICT (${KEY}) DO UPDATE SET ${SUM_COLUMNS.map(added).join(', ')};
    IF with_units THEN
      INSERT INTO gateway_usage_units AS u (${KEY}, unit, count)
        SELECT p_account, g.grain, x.at - (x.at % g.ms + g.ms) % g.ms,
          CASE WHEN g.keyed THEN COALESCE(x.key, '') ELSE '' END, x.model, x.via, unit.key, SUM(unit.value::numeric)
        FROM ${RECORDED}, ${KEPT_GRAINS}, jsonb_each_text(x.units) AS unit (key, value)
        WHERE (results ->> (x.place - 1)::integer)::boolean
        GROUP BY 2, 3, 4, 5, 6, 7
        ON CONFLICT (${KEY}, unit) DO UPDATE SET count = u.count + excluded.count;
    END IF;
`;

/** The tables of sums, filled from the events that there are. They are updated with each charge, and leave room for it. */
export const USAGE_SUMS_STEP = `
  CREATE TABLE gateway_usage (
    account_id text COLLATE "C" NOT NULL, grain text COLLATE "C" NOT NULL, start bigint NOT NULL,
    key_id text COLLATE "C" NOT NULL, model text COLLATE "C" NOT NULL, via text COLLATE "C" NOT NULL,
    requests bigint NOT NULL, with_units bigint NOT NULL,
    ${TOKEN_COLUMNS.map((column) => `${column} bigint NOT NULL`).join(', ')},
    cost bigint NOT NULL, provider_cost bigint, known_cost bigint,
    PRIMARY KEY (${KEY})
  ) WITH (fillfactor = 60);
  CREATE INDEX gateway_usage_time ON gateway_usage (grain, start);

  CREATE TABLE gateway_usage_units (
    account_id text COLLATE "C" NOT NULL, grain text COLLATE "C" NOT NULL, start bigint NOT NULL,
    key_id text COLLATE "C" NOT NULL, model text COLLATE "C" NOT NULL, via text COLLATE "C" NOT NULL,
    unit text COLLATE "C" NOT NULL, count numeric NOT NULL,
    PRIMARY KEY (${KEY}, unit)
  ) WITH (fillfactor = 60);

  INSERT INTO gateway_usage
    SELECT account_id, g.grain, at / g.ms * g.ms, COALESCE(key_id, ''), model, via, COUNT(*), COUNT(units),
      ${TOKEN_COLUMNS.map((column) => `SUM(${column})`).join(', ')}, SUM(cost), SUM(provider_cost),
      SUM(CASE WHEN provider_cost IS NOT NULL THEN cost END)
    FROM gateway_events, ${GRAINS} GROUP BY account_id, g.grain, g.ms, at / g.ms, COALESCE(key_id, ''), model, via;
  INSERT INTO gateway_usage_units
    SELECT account_id, g.grain, at / g.ms * g.ms, COALESCE(key_id, ''), model, via, unit.key, SUM(unit.value::numeric)
    FROM gateway_events, ${GRAINS}, jsonb_each_text(units) AS unit (key, value) WHERE units IS NOT NULL
    GROUP BY account_id, g.grain, g.ms, at / g.ms, COALESCE(key_id, ''), model, via, unit.key;

  CREATE INDEX gateway_events_recent ON gateway_events (at, account_id, seq);
`;

/** The sums of all keys together, made from those of each. */
export const ALL_KEYS_STEP = `
  INSERT INTO gateway_usage
    SELECT account_id, 'all_' || grain, start, '', model, via, SUM(requests), SUM(with_units),
      ${TOKEN_COLUMNS.map((column) => `SUM(${column})`).join(', ')}, SUM(cost), SUM(provider_cost), SUM(known_cost)
    FROM gateway_usage GROUP BY account_id, grain, start, model, via;
  INSERT INTO gateway_usage_units
    SELECT account_id, 'all_' || grain, start, '', model, via, unit, SUM(count)
    FROM gateway_usage_units GROUP BY account_id, grain, start, model, via, unit;
`;
