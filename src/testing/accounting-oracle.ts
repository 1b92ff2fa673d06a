import { fail } from 'node:assert/strict';
import { BUCKET_NAMES, type BucketName } from '../lib/usage.js';
import type { AccountAudit, Balance, LedgerEntry, Meter, Page, UsageEvent, UsageTotals } from '../meter/meter.js';
import { costOf } from '../meter/price.js';

const PAGE = 1_000;

export interface OracleOptions {
  /** True: no request is running, so that nothing may be held. @default true */
  readonly idle?: boolean;
  /** True: every request of the account was prepaid, so that each cost must be found in the ledger. @default false */
  readonly prepaid?: boolean;
}

/**
 * Checks the books of these accounts; run it after every test that touches money.
 *
 * The balance is the sum of its entries; what is held is the sum of the open holds; every settled hold has exactly one
 * usage event; each event's cost follows from its usage and price; each usage entry is the charge of one event; the
 * totals are the sums of the events; nothing held or spent is negative.
 *
 * @throws an AssertionError that lists everything that does not add up.
 */
export async function assertAccountsBalance(
  meter: Meter,
  accountIds: Iterable<string>,
  options: OracleOptions = {},
): Promise<void> {
  const problems: string[] = [];
  for (const accountId of accountIds)
    for (const problem of await auditAccount(meter, accountId, options)) problems.push(`${accountId}: ${problem}`);
  if (problems.length > 0) fail(`the books do not balance:\n${problems.join('\n')}`);
}

/** What does not add up in one account; empty when all is well. The account must be at rest while it is read. */
export async function auditAccount(meter: Meter, accountId: string, options: OracleOptions = {}): Promise<string[]> {
  const balance = await meter.balance(accountId);
  const entries = await allPages((page) => meter.history(accountId, page));
  const events = await allPages((page) => meter.events({ accountId }, page));
  const audit = await meter.audit?.(accountId);
  return [
    ...(options.idle !== false && balance.held !== 0n ? [`${balance.held} is held though nothing runs`] : []),
    ...entryProblems(balance, entries),
    ...eventProblems(events),
    ...chargeProblems(entries, events, options.prepaid === true),
    ...totalProblems(events, await meter.usage({ accountId, groupBy: [] })),
    ...totalProblems(events, await meter.usage({ accountId, groupBy: ['model', 'key', 'hour'] })),
    ...(audit ? holdProblems(balance, events, audit) : []),
  ];
}

async function allPages<T extends { readonly id: string }>(read: (page: Page) => T[] | Promise<T[]>): Promise<T[]> {
  const all: T[] = [];
  for (let before: string | undefined; ; before = all.at(-1)?.id) {
    const page = await read(before === undefined ? { limit: PAGE } : { limit: PAGE, before });
    all.push(...page);
    if (page.length < PAGE) return all;
  }
}

function entryProblems({ balance }: Balance, newestFirst: readonly LedgerEntry[]): string[] {
  const problems: string[] = [];
  let sum = 0n;
  for (const entry of newestFirst.toReversed()) {
    sum += entry.amount;
    if (entry.amount === 0n) problems.push(`entry ${entry.id} moves nothing`);
    if (entry.balanceAfter !== sum) problems.push(`after entry ${entry.id}: ${entry.balanceAfter}, not ${sum}`);
  }
  if (sum !== balance) problems.push(`the balance is ${balance}, the sum of its entries ${sum}`);
  return [...problems, ...repeated(newestFirst, 'entry')];
}

function eventProblems(events: readonly UsageEvent[]): string[] {
  const problems = repeated(events, 'usage event');
  for (const { id, cost, usage, price } of events) {
    const counts = BUCKET_NAMES.map((name) => usage[name]);
    if (counts.some((count) => !Number.isSafeInteger(count) || count < 0))
      problems.push(`event ${id} counts ${JSON.stringify(counts)}`);
    else if (cost !== costOf(usage, price)) problems.push(`event ${id} costs ${cost}, not ${costOf(usage, price)}`);
  }
  return problems;
}

function chargeProblems(entries: readonly LedgerEntry[], events: readonly UsageEvent[], prepaid: boolean): string[] {
  const problems: string[] = [];
  const unpaid = new Map(events.map((event) => [event.id, event.cost]));
  for (const { kind, reference, amount } of entries) {
    if (kind !== 'usage') continue;
    const cost = unpaid.get(reference);
    if (cost !== -amount) problems.push(`request ${reference} was charged ${-amount}, its event says ${cost}`);
    unpaid.delete(reference);
  }
  if (prepaid)
    for (const [id, cost] of unpaid) if (cost > 0n) problems.push(`request ${id} costs ${cost} and was not charged`);
  return problems;
}

function totalProblems(events: readonly UsageEvent[], rows: readonly UsageTotals[]): string[] {
  const problems: string[] = [];
  const compare = (what: string, total: number | bigint, sum: number | bigint) => {
    if (total !== sum) problems.push(`the usage totals say ${total} ${what}, the events ${sum}`);
  };
  compare('requests', sumOf(rows, 'requests'), events.length);
  compare('cost', sumOfCost(rows), sumOfCost(events));
  for (const field of BUCKET_NAMES)
    compare(
      field,
      sumOf(rows, field),
      events.reduce((sum, event) => sum + event.usage[field], 0),
    );
  return problems;
}

function holdProblems(balance: Balance, events: readonly UsageEvent[], audit: AccountAudit): string[] {
  const problems: string[] = [];
  const { openHolds, settled, budgets } = audit;
  const held = openHolds.reduce((sum, hold) => sum + (hold.prepaid ? hold.held : 0n), 0n);
  if (balance.held !== held) problems.push(`held is ${balance.held}, the sum of the open holds ${held}`);
  for (const hold of openHolds) if (hold.held < 0n) problems.push(`hold ${hold.id} is negative: ${hold.held}`);
  const recorded = new Set(events.map((event) => event.id));
  for (const id of settled) if (!recorded.has(id)) problems.push(`request ${id} is settled and has no usage event`);
  for (const { id } of openHolds) if (recorded.has(id)) problems.push(`request ${id} is settled and still held`);
  for (const { keyId, window, spent, held: budgetHeld } of budgets) {
    const open = openHolds.filter((hold) => hold.keyId === keyId && hold.window === window);
    const sum = open.reduce((total, hold) => total + hold.held, 0n);
    if (budgetHeld !== sum)
      problems.push(`budget ${window} of key ${keyId} holds ${budgetHeld}, its open holds are ${sum}`);
    if (spent < 0n) problems.push(`budget ${window} of key ${keyId} has spent ${spent}`);
  }
  return problems;
}

function repeated(items: readonly { readonly id: string }[], what: string): string[] {
  const seen = new Set<string>();
  return items.flatMap(({ id }) => {
    if (seen.has(id)) return [`${what} ${id} comes twice`];
    seen.add(id);
    return [];
  });
}

function sumOf(rows: readonly UsageTotals[], field: BucketName | 'requests'): number {
  return rows.reduce((sum, row) => sum + row[field], 0);
}

function sumOfCost(rows: readonly { readonly cost: bigint }[]): bigint {
  return rows.reduce((sum, row) => sum + row.cost, 0n);
}
