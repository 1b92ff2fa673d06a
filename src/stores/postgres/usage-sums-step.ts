import { BUCKET_NAMES, TOKEN_BUCKETS } from '../../lib/usage.js';
import { SUM_COLUMNS } from '../usage-sums.js';

const TOKEN_COLUMNS = BUCKET_NAMES.map((name) => TOKEN_BUCKETS[name].column);
const KEY = 'account_id, grain, start, key_id, model, via';
const GRAINS = "(VALUES ('hour', 3600000::bigint), ('day', 86400000)) AS g (grain, ms)";

/** Null stands for nothing known, and adds nothing. */
function added(column: string): string {
  if (column !== 'provider_cost' && column !== 'known_cost') return `${column} = u.${column} + excluded.${column}`;
  return `${column} = CASE WHEN excluded.${column} IS NULL THEN u.${column}
    ELSE COALESCE(u.${column}, 0) + excluded.${column} END`;
}

/** Adds an event to the sums of its hour and day; part of its settlement, under the lock of the account. */
export const ADD_TO_SUMS = `
      INSERT INTO gateway_usage AS u (${KEY}, ${SUM_COLUMNS.join(', ')})
        SELECT p_account, g.grain, item.at - (item.at % g.ms + g.ms) % g.ms, COALESCE(item.key, ''), item.model, item.via, 1,
          CASE WHEN item.units IS NULL THEN 0 ELSE 1 END,
          ${TOKEN_COLUMNS.map((_, i) => `(item.tokens ->> ${i})::bigint`).join(', ')},
          item.cost, item."providerCost", CASE WHEN item."providerCost" IS NOT NULL THEN item.cost END
        FROM ${GRAINS}
        ON CONFLICT (${KEY}) DO UPDATE SET ${SUM_COLUMNS.map(added).join(', ')};
      IF item.units IS NOT NULL THEN
        INSERT INTO gateway_usage_units AS u (${KEY}, unit, count)
          SELECT p_account, g.grain, item.at - (item.at % g.ms + g.ms) % g.ms, COALESCE(item.key, ''), item.model,
            item.via, unit.key, unit.value::numeric
          FROM ${GRAINS}, jsonb_each_text(item.units) AS unit (key, value)
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
