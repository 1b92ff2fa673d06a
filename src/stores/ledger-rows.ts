import type { Draw, GrantPart } from '../meter/holds.js';
import type { GrantRecord, LedgerEntry, PromoCodeRecord } from '../meter/ledger.js';
import type { AllowanceRecord, BudgetRecord, OpenHoldRecord } from '../meter/meter.js';
import type { NoticeType, TakenNotice } from '../meter/notices.js';
import type { Charge } from '../meter/usage-log.js';
import { packId, unpackId } from './packed-ids.js';
import { defined, integer, money, optionalInteger, optionalText, text } from './row-values.js';

type Row = Readonly<Record<string, unknown>>;

/** Reads a column of JSON, whether the driver gives it parsed or as text. */
export function parsedJson<T>(value: unknown): T | undefined {
  if (value === null || value === undefined) return undefined;
  return (typeof value === 'string' ? JSON.parse(value) : value) as T;
}

/** Movements whose reference is the id of a request. */
const OF_REQUESTS: ReadonlySet<string> = new Set(['usage', 'refund'] satisfies LedgerEntry['kind'][]);

/** The reference of an entry as its column. */
export function referenceToText({ kind, reference }: Pick<LedgerEntry, 'kind' | 'reference'>): string {
  return OF_REQUESTS.has(kind) ? packId(reference) : reference;
}

/** An entry out of its columns; `seq` is its id. */
export function toEntry(row: Row): LedgerEntry {
  const [kind, reference] = [text(row['kind']) as LedgerEntry['kind'], text(row['reference'])];
  return defined<LedgerEntry>({
    id: text(row['seq']),
    accountId: text(row['account_id']),
    kind,
    source: text(row['source']) as LedgerEntry['source'],
    sourceId: optionalText(row['source_id']),
    amount: money(row['amount']),
    balanceAfter: money(row['balance_after']),
    at: integer(row['at']),
    reference: OF_REQUESTS.has(kind) ? unpackId(reference) : reference,
    note: optionalText(row['note']),
  });
}

/** The columns of an entry as text. */
export function entryColumns(prefix = '', type: 'text' | 'TEXT' = 'text'): string {
  const names = [
    'seq',
    'account_id',
    'kind',
    'source',
    'source_id',
    'amount',
    'balance_after',
    'at',
    'reference',
    'note',
  ];
  return names.map((name) => `CAST(${prefix}${name} AS ${type}) AS ${name}`).join(', ');
}

/** The columns of a promo code; money as text. */
export const PROMO_COLUMNS = `code, CAST(amount AS TEXT) AS amount, max_redemptions, expires_at, created_at, redemptions,
  credit_expires_after, plan, new_accounts_only, disabled_at`;

export function toPromoCode(row: Row): PromoCodeRecord {
  return defined<PromoCodeRecord>({
    code: text(row['code']),
    amount: money(row['amount']),
    maxRedemptions: optionalInteger(row['max_redemptions']),
    expiresAt: optionalInteger(row['expires_at']),
    createdAt: integer(row['created_at']),
    creditExpiresAfterMs: optionalInteger(row['credit_expires_after']),
    plan: optionalText(row['plan']),
    newAccountsOnly: row['new_accounts_only'] === true || integer(row['new_accounts_only']) === 1 ? true : undefined,
    redemptions: integer(row['redemptions']),
    disabledAt: optionalInteger(row['disabled_at']),
  });
}

/** The columns of a grant; money as text. */
export const GRANT_COLUMNS = `id, CAST(amount AS TEXT) AS amount, CAST(amount - used AS TEXT) AS rest,
  CAST(held AS TEXT) AS held, CAST(amount - used - held AS TEXT) AS free, expires_at, reason`;

export function toGrant(row: Row): GrantRecord {
  return defined<GrantRecord>({
    id: text(row['id']),
    amount: money(row['amount']),
    left: money(row['free']),
    expiresAt: optionalInteger(row['expires_at']),
    reason: optionalText(row['reason']),
  });
}

/** The columns of an allowance window; money as text. */
export const ALLOWANCE_COLUMNS =
  'allowance, starts_at, ends_at, CAST(used AS TEXT) AS used, CAST(held AS TEXT) AS held';

export function toAllowance(row: Row): AllowanceRecord {
  return {
    id: text(row['allowance']),
    startsAt: integer(row['starts_at']),
    endsAt: integer(row['ends_at']),
    used: money(row['used']),
    held: money(row['held']),
  };
}

export const BUDGET_COLUMNS = 'subject, budget_window, CAST(spent AS TEXT) AS spent, CAST(held AS TEXT) AS held';

export function toBudget(row: Row): BudgetRecord {
  return {
    subject: text(row['subject']),
    window: text(row['budget_window']),
    spent: money(row['spent']),
    held: money(row['held']),
  };
}

/** What a hold keeps of its draw besides the part of the balance; money as text. */
interface SplitJson {
  readonly allowance: string;
  readonly windows: readonly { id: string; limit: string; startsAt: number; endsAt: number }[];
  readonly grants: readonly { id: string; amount: string }[];
}

/** Reads the columns `balance` and `split` of a hold. */
export function toDraw(row: Row): Draw {
  const split = parsedJson<SplitJson>(row['split']);
  const grants: GrantPart[] = (split?.grants ?? []).map(({ id, amount }) => ({ id, amount: BigInt(amount) }));
  return {
    allowance: BigInt(split?.allowance ?? 0),
    windows: (split?.windows ?? []).map((window) => ({ ...window, limit: BigInt(window.limit) })),
    grants,
    balance: money(row['balance']),
  };
}

export const HOLD_COLUMNS = `id, account_id, CAST(held AS TEXT) AS held, CAST(balance AS TEXT) AS balance, split, budgets,
  expires_at`;

export function toOpenHold(row: Row): OpenHoldRecord {
  const budgets = parsedJson<{ subject: string; window: string }[]>(row['budgets']) ?? [];
  const parts = { draw: toDraw(row), budgets: budgets.map(({ subject, window }) => ({ subject, window })) };
  return openHoldOf(row, parts);
}

/** An open hold out of its columns, and what it is made of. */
export function openHoldOf(
  row: Row,
  { draw, budgets }: { readonly draw: Draw; readonly budgets: OpenHoldRecord['budgets'] },
): OpenHoldRecord {
  return {
    id: text(row['id']),
    accountId: text(row['account_id']),
    held: money(row['held']),
    ...draw,
    budgets,
    expiresAt: integer(row['expires_at']),
  };
}

/** The charges of an event as its column: null for nothing, '' for the whole cost from the balance. */
export function chargesToText(charges: readonly Charge[] | undefined, cost: bigint): string | null {
  if (charges === undefined) return null;
  if (charges.length === 1 && charges[0]?.source === 'balance' && charges[0].amount === cost) return '';
  return `[${charges.map(chargeToText).join()}]`;
}

/** JSON, written by hand: every charge of an allowance or a grant writes it. */
function chargeToText({ source, id, amount, windows }: Charge): string {
  const ofGrant = id === undefined ? '' : `"id":${JSON.stringify(id)},`;
  if (windows === undefined) return `{"source":"${source}",${ofGrant}"amount":"${amount}"}`;
  const ends = windows.map((window) => `{"id":${JSON.stringify(window.id)},"endsAt":${window.endsAt}}`);
  return `{"source":"${source}",${ofGrant}"amount":"${amount}","windows":[${ends.join()}]}`;
}

/** Reads what `chargesToText` wrote. */
export function chargesFromText(value: unknown, cost: bigint): Charge[] | undefined {
  const written = optionalText(value);
  if (written === undefined) return undefined;
  if (written === '') return [{ source: 'balance', amount: cost }];
  const charges = JSON.parse(written) as (Omit<Charge, 'amount'> & { amount: string })[];
  return charges.map(({ amount, ...charge }) => ({ ...charge, amount: BigInt(amount) }));
}

export const NOTICE_COLUMNS = 'account_id, id, type, at, data, attempts';

export function toNotice(row: Row): TakenNotice {
  return {
    accountId: text(row['account_id']),
    id: text(row['id']),
    type: text(row['type']) as NoticeType,
    at: integer(row['at']),
    data: parsedJson<Record<string, unknown>>(row['data']) ?? {},
    attempts: integer(row['attempts']),
  };
}
