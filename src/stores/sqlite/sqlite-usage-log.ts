import { BUCKET_NAMES, TOKEN_BUCKETS } from '../../lib/usage.js';
import type { Charge, Page, UsageEvent, UsageQuery, UsageRange, UsageTotals } from '../../meter/usage-log.js';
import { chargesToText } from '../ledger-rows.js';
import { keptPrice } from '../price-ids.js';
import { integer } from '../row-values.js';
import {
  EVENT_COLUMNS,
  EVENT_SOURCE,
  toEvent,
  toTotals,
  totalsStatement,
  unitsStatement,
  whereOf,
  whereText,
} from '../usage-rows.js';
import type { UsageSql } from '../usage-sums.js';
import type { SqliteConnection } from './sqlite-database.js';
import type { SqliteReports } from './sqlite-reports.js';
import { addToSums } from './sqlite-usage-sums.js';

const COLUMNS = [
  ...['seq', 'id', 'account_id', 'key_id', 'via', 'end_user', 'session', 'tags', 'at', 'model', 'provider'],
  ...['upstream_model', ...BUCKET_NAMES.map((name) => TOKEN_BUCKETS[name].column), 'units', 'source', 'reported_cost'],
  ...['price_id', 'cost', 'provider_cost', 'charged', 'outcome', 'flags'],
];
const ADD_EVENT = `INSERT INTO gateway_events (${COLUMNS.join(', ')}) VALUES (${COLUMNS.map(() => '?').join(', ')})`;

const USAGE_SQL: UsageSql = {
  placeholder: () => '?',
  collation: '',
  tag: (name) => `(SELECT value FROM json_each(tags) WHERE key = ${name})`,
  eachUnit: 'json_each(units) AS unit',
  unitValue: 'unit.value',
};

/** Adds a usage event; runs inside the transaction of its settlement. */
export function addEvent(
  connection: SqliteConnection,
  event: UsageEvent,
  seq: number,
  charged: readonly Charge[] | undefined,
): void {
  const { usage } = event;
  const { id: priceId, text: price } = keptPrice(event.price);
  connection.run('INSERT OR IGNORE INTO gateway_prices (id, price) VALUES (?, ?)', priceId, price);
  connection.run(
    ADD_EVENT,
    ...[seq, event.id, event.accountId, event.keyId, event.via ?? 'key', event.endUser ?? null, event.session ?? null],
    ...[event.tags ? JSON.stringify(event.tags) : null, event.at, event.model, event.provider, event.upstreamModel],
    ...BUCKET_NAMES.map((name) => usage[name]),
    ...[
      usage.units ? JSON.stringify(usage.units) : null,
      usage.source,
      usage.reportedCost ?? null,
      priceId,
      event.cost,
    ],
    ...[event.providerCost ?? null, chargesToText(charged, event.cost), event.outcome, event.flags.join(',')],
  );
  addToSums(connection, event);
}

export async function usage(reports: SqliteReports, query: UsageQuery): Promise<UsageTotals[]> {
  const totals = totalsStatement(query, USAGE_SQL);
  const rows = await reports.rows(totals.text, ...totals.parameters);
  const counted = rows.some((row) => integer(row['with_units']) > 0);
  const unitTotals = counted ? unitsStatement(query, USAGE_SQL, rows) : undefined;
  const units = unitTotals ? await reports.rows(unitTotals.text, ...unitTotals.parameters) : [];
  return toTotals(query, rows, units);
}

export async function events(reports: SqliteReports, range: UsageRange, page: Page): Promise<UsageEvent[]> {
  const { conditions, parameters } = whereOf(range, USAGE_SQL);
  if (page.before !== undefined) {
    conditions.push(`(at, account_id, seq) < (SELECT at, account_id, seq FROM gateway_events
      WHERE id = ? AND account_id = COALESCE(?, account_id) LIMIT 1)`);
    parameters.push(page.before);
  }
  const account = page.before === undefined ? [] : [range.accountId ?? null];
  const rows = await reports.rows(
    `SELECT ${EVENT_COLUMNS} FROM ${EVENT_SOURCE} ${whereText(conditions)}
     ORDER BY at DESC, account_id DESC, seq DESC LIMIT ?`,
    ...parameters,
    ...account,
    page.limit,
  );
  return rows.map(toEvent);
}
