import { BUCKET_NAMES } from '../../lib/usage.js';
import { checkHold, checkSettlement } from '../../meter/checks.js';
import type { HoldRefusal, HoldRequest, HoldResult, Holds, Settlement, SettleResult } from '../../meter/holds.js';
import { KIND_COLUMNS, kindOf } from '../event-kinds.js';
import { packId } from '../packed-ids.js';
import { integer } from '../row-values.js';
import { Batcher } from './batcher.js';
import type { PostgresConnection } from './postgres-connection.js';

const PARTITIONS_EVERY_MS = 6 * 3_600_000;
const EXPIRE_GROUP = 500;
/** The most accounts that are looked for at once; each then has a statement of its own, as a cluster wants it. */
const ACCOUNT_GROUP = 50;

const RESERVE = 'SELECT gateway_reserve($1::text, $2::text::jsonb) AS results';
const SETTLE = 'SELECT gateway_settle($1::text, $2::text::jsonb) AS results';
const KEEP_PRICE = 'INSERT INTO gateway_prices (id, price) VALUES ($1, $2) ON CONFLICT DO NOTHING';
const KEEP_KIND = `INSERT INTO gateway_event_kinds (id, ${KIND_COLUMNS})
  VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING`;
const LAPSED = `SELECT DISTINCT account_id FROM gateway_holds WHERE state = 'open' AND expires_at < $1
  ORDER BY account_id LIMIT ${ACCOUNT_GROUP}`;
const ENDING = `SELECT DISTINCT account_id FROM gateway_grants
  WHERE open AND expires_at IS NOT NULL AND held = 0 AND (expires_at <= $1 OR (expires_at <= $2 AND NOT announced))
  ORDER BY account_id LIMIT ${ACCOUNT_GROUP}`;
const EXPIRE_HOLDS = 'SELECT gateway_expire($1, $2, $3) AS expired';
const EXPIRE_GRANTS = 'SELECT gateway_expire_grants($1, $2, $3)::text AS ended';

/** Holds in PostgreSQL; what one account asks for while it waits for an answer shares a statement. */
export function postgresHolds(connection: PostgresConnection): Holds {
  const reserves = new Batcher((requests: readonly HoldRequest[]) => reserveAll(connection, requests));
  const keptKinds = new Set<bigint>();
  const settles = new Batcher((settlements: readonly Settlement[]) => settleAll(connection, settlements, keptKinds));
  let partitionsMadeAt = Number.NEGATIVE_INFINITY;
  const makePartitions = async (now: number): Promise<void> => {
    if (Math.abs(now - partitionsMadeAt) < PARTITIONS_EVERY_MS) return;
    await connection.row('SELECT gateway_months_ahead($1)', [now]);
    partitionsMadeAt = now;
  };

  return {
    async reserve(request) {
      checkHold(request);
      return reserves.run(request.accountId, request);
    },
    async settle(settlement) {
      checkSettlement(settlement);
      return settles.run(settlement.accountId, settlement);
    },
    async release({ accountId, id }) {
      await connection.row('SELECT gateway_release($1, $2)', [accountId, id]);
    },
    async extend(holds, expiresAt) {
      if (holds.length === 0) return;
      await connection.row(
        `UPDATE gateway_holds h SET expires_at = $3 FROM unnest($1::text[], $2::text[]) AS x (account_id, id)
         WHERE h.account_id = x.account_id AND h.id = x.id AND state = 'open'`,
        [holds.map(({ accountId }) => accountId), holds.map(({ id }) => id), expiresAt],
      );
    },
    async expire(now, { grantsExpiringMs } = {}) {
      await makePartitions(now);
      const expired = await expireHolds(connection, now);
      await expireGrants(connection, now, grantsExpiringMs === undefined ? 0 : now + grantsExpiringMs);
      return expired;
    },
  };
}

async function reserveAll(connection: PostgresConnection, requests: readonly HoldRequest[]): Promise<HoldResult[]> {
  const account = requests[0]?.accountId;
  const parameters = (again: boolean) => [account, JSON.stringify(requests.map((one) => requestJson(one, again)))];
  const row = await connection.row(RESERVE, parameters);
  return resultsOf<HoldOutcome>(row).map(toHoldResult);
}

/** @param keptKinds kinds of events that the database has, as far as this process knows. */
async function settleAll(
  connection: PostgresConnection,
  settlements: readonly Settlement[],
  keptKinds: Set<bigint>,
): Promise<SettleResult[]> {
  for (const settlement of settlements) {
    const { id, values, priceId, price } = kindOf(settlement);
    if (keptKinds.has(id)) continue;
    await connection.row(KEEP_PRICE, [String(priceId), price]);
    await connection.row(KEEP_KIND, [id, ...values].map(String));
    keptKinds.add(id);
  }
  const all = JSON.stringify(settlements.map(settlementJson));
  const row = await connection.row(SETTLE, [settlements[0]?.accountId, all]);
  return resultsOf<boolean>(row).map((recorded) => ({ recorded }));
}

/** @returns how many ended. */
async function expireHolds(connection: PostgresConnection, now: number): Promise<number> {
  let total = 0;
  for (let expired = 1; expired > 0; total += expired) {
    expired = 0;
    for (const { account_id } of await connection.rows(LAPSED, [now])) {
      const row = await connection.row(EXPIRE_HOLDS, [account_id, now, EXPIRE_GROUP]);
      expired += integer(row?.['expired']);
    }
  }
  return total;
}

/** Ends grants, and announces those that end until `soon`. */
async function expireGrants(connection: PostgresConnection, now: number, soon: number): Promise<void> {
  for (;;) {
    const ending = await connection.rows(ENDING, [now, soon]);
    for (const { account_id } of ending) await connection.row(EXPIRE_GRANTS, [account_id, now, soon]);
    if (ending.length < ACCOUNT_GROUP) return;
  }
}

function resultsOf<T>(row: Readonly<Record<string, unknown>> | undefined): T[] {
  const results = row?.['results'];
  return (typeof results === 'string' ? JSON.parse(results) : results) as T[];
}

/** What `gateway_reserve` answers for one request. */
type HoldOutcome =
  | { readonly outcome: 'duplicate' }
  | {
      readonly outcome: 'held' | 'balance' | 'budget' | 'allowance';
      readonly amount: string;
      readonly subject?: string;
      readonly resetsAt?: number | null;
    };

function toHoldResult(result: HoldOutcome): HoldResult {
  if (result.outcome === 'duplicate') return { ok: false, reason: 'duplicate' };
  const amount = BigInt(result.amount);
  if (result.outcome === 'held') return { ok: true, held: amount };
  return refusalOf(result.outcome, amount, result.subject, result.resetsAt ?? undefined);
}

function refusalOf(reason: HoldRefusal['reason'], available: bigint, subject = '', resetsAt?: number): HoldRefusal {
  if (reason === 'budget') return { ok: false, reason, available, subject };
  if (reason === 'allowance') return { ok: false, reason, available, ...(resetsAt !== undefined && { resetsAt }) };
  return { ok: false, reason, available };
}

function requestJson(request: HoldRequest, again: boolean): object {
  return {
    ...termsJson(request),
    id: request.id,
    packed: packId(request.id),
    amount: String(request.amount),
    minimum: String(request.minimum),
    creditLimit: request.creditLimit === undefined ? undefined : String(request.creditLimit),
    now: request.now,
    expires: request.expiresAt,
    notifyEmpty: request.notifyEmpty,
    again,
  };
}

function termsJson({ prepaid, overflow, allowances, budgets }: HoldRequest | Settlement): object {
  const withText = <T extends { readonly limit: bigint }>(window: T) => ({ ...window, limit: String(window.limit) });
  return {
    prepaid,
    overflow: overflow ?? 'balance',
    allowances: allowances?.length ? allowances.map(withText) : undefined,
    budgets: budgets?.length ? budgets.map(withText) : undefined,
  };
}

function settlementJson(settlement: Settlement): object {
  const { usage, thresholds } = settlement;
  return {
    ...termsJson(settlement),
    id: settlement.id,
    packed: packId(settlement.id),
    kind: String(kindOf(settlement).id),
    key: settlement.keyId,
    via: settlement.via ?? 'key',
    endUser: settlement.endUser,
    session: settlement.session,
    tags: settlement.tags,
    at: settlement.at,
    model: settlement.model,
    tokens: BUCKET_NAMES.map((name) => usage[name]),
    units: usage.units,
    reportedCost: usage.reportedCost,
    cost: String(settlement.cost),
    providerCost: settlement.providerCost === undefined ? undefined : String(settlement.providerCost),
    thresholds: thresholds && { ...thresholds, ...(thresholds.balance && { balance: thresholds.balance.map(String) }) },
  };
}
