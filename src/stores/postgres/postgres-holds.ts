import { checkHold, checkSettlement } from '../../meter/checks.js';
import type { HoldRequest, HoldResult, Holds, Settlement, SettleResult } from '../../meter/meter.js';
import { priceToJson } from '../../meter/settlement-json.js';
import { integer, money, text } from '../row-values.js';
import { Batcher } from './batcher.js';
import { isUniqueViolation, isUnreachable, type PostgresConnection, type PostgresRow } from './postgres-connection.js';

const EXPIRE_GROUP = 500;

/** A function of the schema: the types of its parameters, and what is selected of its result. */
interface SqlFunction {
  readonly name: string;
  readonly types: readonly string[];
  readonly columns: string;
}

const RESERVE: SqlFunction = {
  name: 'gateway_reserve',
  types: ['text', 'text', 'text', 'boolean', 'bigint', 'bigint', 'text', 'bigint', 'bigint', 'boolean'],
  columns: 'result.outcome, result.amount::text AS amount',
};

const SETTLE: SqlFunction = {
  name: 'gateway_settle',
  types: [
    ...['text', 'text', 'text', 'boolean', 'text', 'bigint', 'text', 'text', 'text'],
    ...['bigint', 'bigint', 'bigint', 'bigint', 'bigint', 'bigint', 'text', 'text', 'bigint', 'text', 'text'],
  ],
  columns: 'result.recorded',
};

/** The statement that calls a function once, with a parameter for each of its own. */
function callOnce({ name, types, columns }: SqlFunction): string {
  const call = `${name}(${types.map((type, i) => `$${i + 1}::${type}`).join(', ')})`;
  return `SELECT ${columns} FROM ${call} AS result${name === SETTLE.name ? ' (recorded)' : ''}`;
}

/** The statement that calls a function for each list of a JSON array, in order, in one transaction. */
function callForEach({ name, types, columns }: SqlFunction): string {
  const call = `${name}(${types.map((type, i) => `(item ->> ${i})::${type}`).join(', ')})`;
  return `SELECT ${columns} FROM jsonb_array_elements($1::jsonb) WITH ORDINALITY AS list (item, place),
    LATERAL ${call} AS result${name === SETTLE.name ? ' (recorded)' : ''} ORDER BY place`;
}

const RESERVE_ONE = callOnce(RESERVE);
const RESERVE_MANY = callForEach(RESERVE);
const SETTLE_ONE = callOnce(SETTLE);
const SETTLE_MANY = callForEach(SETTLE);

/** Holds in PostgreSQL; what one key asks for while it waits for an answer shares a statement. */
export function postgresHolds(connection: PostgresConnection): Holds {
  const reserves = new Batcher<HoldRequest, HoldResult>(
    (request) => reserve(connection, request),
    async (requests) => {
      const lists = (again: boolean) => [JSON.stringify(requests.map((request) => reserveParameters(request, again)))];
      return (await connection.rows(RESERVE_MANY, lists)).map(toHoldResult);
    },
    isUnreachable,
  );
  const settles = new Batcher<Settlement, SettleResult>(
    async (settlement) => toSettleResult(await connection.row(SETTLE_ONE, settleParameters(settlement))),
    async (settlements) => {
      const rows = await connection.rows(SETTLE_MANY, [JSON.stringify(settlements.map(settleParameters))]);
      return rows.map(toSettleResult);
    },
    isUnreachable,
  );
  // By key and not by account: the functions lock the key's budget before the account.
  const groupOf = ({ accountId, keyId }: HoldRequest | Settlement) => `${accountId}\n${keyId}`;

  return {
    async reserve(request) {
      checkHold(request);
      return reserves.run(groupOf(request), request);
    },
    async settle(settlement) {
      checkSettlement(settlement);
      return settles.run(groupOf(settlement), settlement);
    },
    async release(id) {
      await connection.row('SELECT gateway_release($1)', [id]);
    },
    async extend(ids, expiresAt) {
      if (ids.length === 0) return;
      const statement = "UPDATE gateway_holds SET expires_at = $2 WHERE id = ANY ($1::text[]) AND state = 'open'";
      await connection.row(statement, [ids, expiresAt]);
    },
    async expire(now) {
      let total = 0;
      for (;;) {
        const row = await connection.row('SELECT gateway_expire($1, $2) AS expired', [now, EXPIRE_GROUP]);
        const expired = integer(row?.['expired']);
        total += expired;
        if (expired < EXPIRE_GROUP) return total;
      }
    },
  };
}

async function reserve(connection: PostgresConnection, request: HoldRequest): Promise<HoldResult> {
  try {
    return toHoldResult(await connection.row(RESERVE_ONE, (again) => reserveParameters(request, again)));
  } catch (error) {
    if (isUniqueViolation(error)) return { ok: false, reason: 'duplicate' };
    throw error;
  }
}

function reserveParameters(request: HoldRequest, again: boolean): (string | number | boolean | null)[] {
  const { id, accountId, keyId, prepaid, amount, minimum, budget, expiresAt } = request;
  const limit = budget === undefined ? null : String(budget.limit);
  const amounts = [String(amount), String(minimum), budget?.window ?? null, limit];
  return [id, accountId, keyId, prepaid, ...amounts, expiresAt, again];
}

function toHoldResult(row: PostgresRow | undefined): HoldResult {
  const outcome = text(row?.['outcome']) as 'held' | 'balance' | 'budget' | 'duplicate';
  if (outcome === 'duplicate') return { ok: false, reason: outcome };
  const amount = money(row?.['amount']);
  return outcome === 'held' ? { ok: true, held: amount } : { ok: false, reason: outcome, available: amount };
}

function settleParameters(settlement: Settlement): (string | number | boolean | null)[] {
  const { usage } = settlement;
  return [
    settlement.id,
    settlement.accountId,
    settlement.keyId,
    settlement.prepaid,
    settlement.budget?.window ?? null,
    settlement.at,
    settlement.model,
    settlement.provider,
    settlement.upstreamModel,
    usage.inputTokens,
    usage.cachedInputTokens,
    usage.cacheWriteTokens,
    usage.cacheWrite1hTokens,
    usage.outputTokens,
    usage.reasoningTokens,
    usage.source,
    priceToJson(settlement.price),
    String(settlement.cost),
    settlement.outcome,
    settlement.flags.join(','),
  ];
}

function toSettleResult(row: PostgresRow | undefined): SettleResult {
  return { recorded: row?.['recorded'] === true };
}
