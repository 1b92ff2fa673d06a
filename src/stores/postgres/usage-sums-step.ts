import { BUCKET_NAMES, TOKEN_BUCKETS } from '../../lib/usage.js';
import { SUM_COLUMNS } from '../usage-sums.js';

const TOKEN_COLUMNS = BUCKET_NAMES.map((name) => TOKEN_BUCKETS[name].column);
const KEY = 'account_id, grain, start, key_id, model, via';
const DIMENSION_KEY = 'account_id, dimension, grain, start, value_hash, key_id, model, via';
const GRAINS = "(VALUES ('hour', 3600000::bigint), ('day', 86400000)) AS g (grain, ms)";

/** Each grain is kept twice: per key, and for all keys. */
const KEPT_GRAINS = `(VALUES ('hour', 3600000::bigint, true), ('day', 86400000, true), ('all_hour', 3600000, false),
        ('all_day', 86400000, false)) AS g (grain, ms, keyed)`;

/** The batch of settlements with their places in it. */
const RECORDED = `ROWS FROM (jsonb_to_recordset(p_settlements) AS (at bigint, key text, model text, via text, tokens jsonb,
        units jsonb, cost bigint, "providerCost" bigint)) WITH ORDINALITY
        AS x (at, key, model, via, tokens, units, cost, "providerCost", place)`;

const BATCH_SUMS = `COUNT(*), NULLIF(COUNT(x.units), 0),
        ${TOKEN_COLUMNS.map((_, i) => `NULLIF(SUM((x.tokens ->> ${i})::bigint), 0)`).join(', ')},
        SUM(x.cost), SUM(x."providerCost"), SUM(CASE WHEN x."providerCost" IS NOT NULL THEN x.cost END),
        NULLIF(COUNT(x."providerCost"), 0)`;

/** What a request has of the dimensions that not every request has, from a row with these columns. */
function valuesOf(endUser: string, session: string, tags: string): string {
  return `(SELECT 'endUser' AS name, ${endUser} AS value WHERE ${endUser} IS NOT NULL
        UNION ALL SELECT 'session', ${session} WHERE ${session} IS NOT NULL
        UNION ALL SELECT 'tag:' || t.key, t.value FROM jsonb_each_text(${tags}) AS t WHERE t.value IS NOT NULL)`;
}

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
        x.model, x.via, ${BATCH_SUMS}
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

const ITEM_KEY = `p_account, gateway_hash(d.name), g.grain, item.at - (item.at % g.ms + g.ms) % g.ms, gateway_hash(d.value),
            COALESCE(item.key, ''), item.model, item.via, d.value`;

/**
 * Adds one request of a batch to the sums of its end user, session and tags. One at a time: for a whole batch the planner
 * expects enough rows to compile the statement, which takes a second.
 */
export const ADD_TO_DIMENSION_SUMS = `
      IF item."endUser" IS NOT NULL OR item.session IS NOT NULL OR item.tags IS NOT NULL THEN
        INSERT INTO gateway_usage_dimensions AS u (${DIMENSION_KEY}, value, ${SUM_COLUMNS.join(', ')})
          SELECT ${ITEM_KEY}, 1, CASE WHEN item.units IS NOT NULL THEN 1 END,
            ${TOKEN_COLUMNS.map((_, i) => `NULLIF((item.tokens ->> ${i})::bigint, 0)`).join(', ')}, item.cost,
            item."providerCost", CASE WHEN item."providerCost" IS NOT NULL THEN item.cost END,
            CASE WHEN item."providerCost" IS NOT NULL THEN 1 END
          FROM ${GRAINS}, ${valuesOf('item."endUser"', 'item.session', 'item.tags')} AS d
          ON CONFLICT (${DIMENSION_KEY}) DO UPDATE SET ${SUM_COLUMNS.map(added).join(', ')};
        IF item.units IS NOT NULL THEN
          INSERT INTO gateway_usage_dimension_units AS u (${DIMENSION_KEY}, value, unit, count)
            SELECT ${ITEM_KEY}, unit.key, unit.value::numeric
            FROM ${GRAINS}, jsonb_each_text(item.units) AS unit (key, value),
              ${valuesOf('item."endUser"', 'item.session', 'item.tags')} AS d
            ON CONFLICT (${DIMENSION_KEY}, unit) DO UPDATE SET count = u.count + excluded.count;
        END IF;
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

const DIMENSION_COLUMNS = `
    account_id text COLLATE "C" NOT NULL, dimension bigint NOT NULL, grain text COLLATE "C" NOT NULL,
    start bigint NOT NULL, value_hash bigint NOT NULL, key_id text COLLATE "C" NOT NULL,
    model text COLLATE "C" NOT NULL, via text COLLATE "C" NOT NULL, value text NOT NULL`;

const EVENT_VALUES = `gateway_events e JOIN gateway_event_kinds k ON k.id = e.kind_id, ${GRAINS},
      LATERAL ${valuesOf('e.end_user', 'e.session', 'e.tags')} AS d`;
const OF_EVENT = `e.account_id, gateway_hash(d.name), g.grain, e.at - (e.at % g.ms + g.ms) % g.ms, gateway_hash(d.value),
      COALESCE(e.key_id, ''), k.model, k.via, d.value`;

/**
 * Sums by end user, session and tag, where a request has them, filled from the events that there are. Names and values stand
 * in the key as 64 bits of their digest: eight names of 128 characters do not fit in an index.
 */
export const DIMENSION_SUMS_STEP = `
  CREATE FUNCTION gateway_hash(p_text text) RETURNS bigint LANGUAGE sql IMMUTABLE STRICT AS $hash$
    SELECT ('x' || encode(substr(sha256(convert_to(p_text, 'UTF8')), 1, 8), 'hex'))::bit(64)::bigint
  $hash$;

  ALTER TABLE gateway_usage ADD COLUMN known bigint;
  UPDATE gateway_usage SET known = requests WHERE provider_cost IS NOT NULL;
  UPDATE gateway_usage u SET known = counted.known FROM (
    SELECT e.account_id, g.grain, e.at - (e.at % g.ms + g.ms) % g.ms AS start,
      CASE WHEN g.keyed THEN COALESCE(e.key_id, '') ELSE '' END AS key_id, k.model, k.via,
      COUNT(e.provider_cost) AS known, COUNT(*) AS requests
    FROM gateway_events e JOIN gateway_event_kinds k ON k.id = e.kind_id, ${KEPT_GRAINS} GROUP BY 1, 2, 3, 4, 5, 6
  ) AS counted
    WHERE u.provider_cost IS NOT NULL AND u.account_id = counted.account_id AND u.grain = counted.grain
      AND u.start = counted.start AND u.key_id = counted.key_id AND u.model = counted.model AND u.via = counted.via
      AND u.requests = counted.requests;

  CREATE TABLE gateway_usage_dimensions (${DIMENSION_COLUMNS},
    ${SUM_COLUMNS.map((column) => `${column} bigint`).join(', ')},
    PRIMARY KEY (${DIMENSION_KEY})
  ) WITH (fillfactor = 60);
  CREATE INDEX gateway_usage_dimensions_time ON gateway_usage_dimensions (dimension, grain, start);
  CREATE TABLE gateway_usage_dimension_units (${DIMENSION_COLUMNS},
    unit text COLLATE "C" NOT NULL, count numeric NOT NULL,
    PRIMARY KEY (${DIMENSION_KEY}, unit)
  ) WITH (fillfactor = 60);

  INSERT INTO gateway_usage_dimensions (${DIMENSION_KEY}, value, ${SUM_COLUMNS.join(', ')})
    SELECT ${OF_EVENT}, COUNT(*), NULLIF(COUNT(units), 0), ${TOKEN_COLUMNS.map((column) => `SUM(${column})`).join(', ')},
      SUM(cost), SUM(provider_cost), SUM(CASE WHEN provider_cost IS NOT NULL THEN cost END), NULLIF(COUNT(provider_cost), 0)
    FROM ${EVENT_VALUES} GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;
  INSERT INTO gateway_usage_dimension_units (${DIMENSION_KEY}, value, unit, count)
    SELECT ${OF_EVENT}, unit.key, SUM(unit.value::numeric)
    FROM ${EVENT_VALUES}, jsonb_each_text(e.units) AS unit (key, value) WHERE e.units IS NOT NULL
    GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10;
`;
