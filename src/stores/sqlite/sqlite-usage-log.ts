import type { Page, UsageEvent, UsageQuery, UsageRange, UsageTotals } from '../../meter/meter.js';
import { priceToJson } from '../../meter/settlement-json.js';
import { EVENT_COLUMNS, toEvent, toTotals, totalsStatement, whereOf } from '../usage-rows.js';
import type { SqliteConnection } from './sqlite-database.js';

const ADD_EVENT = `INSERT INTO gateway_events (id, account_id, key_id, at, model, provider, upstream_model,
  input_tokens, cached_input_tokens, cache_write_tokens, cache_write_1h_tokens, output_tokens, reasoning_tokens,
  source, price, cost, outcome, flags) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`;

const anonymous = () => '?';

/** Adds a usage event; runs inside the transaction of its settlement. */
export function addEvent(connection: SqliteConnection, event: UsageEvent): void {
  const { usage } = event;
  connection.run(
    ADD_EVENT,
    event.id,
    event.accountId,
    event.keyId,
    event.at,
    event.model,
    event.provider,
    event.upstreamModel,
    usage.inputTokens,
    usage.cachedInputTokens,
    usage.cacheWriteTokens,
    usage.cacheWrite1hTokens,
    usage.outputTokens,
    usage.reasoningTokens,
    usage.source,
    priceToJson(event.price),
    event.cost,
    event.outcome,
    event.flags.join(','),
  );
}

export function usage(connection: SqliteConnection, query: UsageQuery): UsageTotals[] {
  const { conditions, parameters } = whereOf(query, anonymous);
  return connection.all(totalsStatement(query, conditions), ...parameters).map((row) => toTotals(query, row));
}

export function events(connection: SqliteConnection, range: UsageRange, page: Page): UsageEvent[] {
  const { conditions, parameters } = whereOf(range, anonymous);
  if (page.before !== undefined) {
    conditions.push('(at, seq) < (SELECT at, seq FROM gateway_events WHERE id = ?)');
    parameters.push(page.before);
  }
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  return connection
    .all(
      `SELECT ${EVENT_COLUMNS} FROM gateway_events ${where} ORDER BY at DESC, seq DESC LIMIT ?`,
      ...parameters,
      page.limit,
    )
    .map(toEvent);
}
