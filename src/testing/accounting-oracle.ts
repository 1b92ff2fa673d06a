import { fail } from 'node:assert/strict';
import { BUCKET_NAMES, type BucketName } from '../lib/usage.js';
import type {
  AccountAudit,
  Balance,
  LedgerEntry,
  Meter,
  OpenHoldRecord,
  Page,
  UsageEvent,
  UsageTotals,
} from '../meter/meter.js';
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

/** What does not add up in one account; empty if the books are right. The account must be at rest while it is read. */
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
    ...(audit ? [...holdProblems(balance, events, audit), ...sourceProblems(entries, events, audit)] : []),
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
  for (const { id, source, amount, balanceAfter } of newestFirst.toReversed()) {
    if (source === 'balance') sum += amount;
    if (amount === 0n) problems.push(`entry ${id} moves nothing`);
    if (balanceAfter !== sum) problems.push(`after entry ${id}: ${balanceAfter}, not ${sum}`);
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

/** Each usage entry is a charge of an event, each charge has its entry, and the charges of an event are its cost. */
function chargeProblems(entries: readonly LedgerEntry[], events: readonly UsageEvent[], prepaid: boolean): string[] {
  const problems: string[] = [];
  const unpaid = new Map<string, bigint>();
  for (const { id, cost, charged = [] } of events) {
    const sum = total(charged);
    if (sum > cost || (prepaid && sum !== cost)) problems.push(`request ${id} costs ${cost} and was charged ${sum}`);
    for (const { source, id: grant = '', amount } of charged) unpaid.set(`${id} from ${source} ${grant}`, amount);
  }
  for (const { kind, reference, source, sourceId = '', amount } of entries) {
    if (kind !== 'usage') continue;
    const charge = `${reference} from ${source} ${sourceId}`;
    if (unpaid.get(charge) !== -amount)
      problems.push(`request ${charge} was charged ${-amount}, its event says ${unpaid.get(charge)}`);
    unpaid.delete(charge);
  }
  for (const [charge, amount] of unpaid) problems.push(`request ${charge}: ${amount} is charged and has no entry`);
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
  const { openHolds, settled, budgets, allowances, grants } = audit;
  const compare = (what: string, held: bigint, sum: bigint) => {
    if (held !== sum) problems.push(`${what} holds ${held}, the sum of its open holds is ${sum}`);
  };
  const sum = (part: (hold: OpenHoldRecord) => bigint) => openHolds.reduce((total, hold) => total + part(hold), 0n);
  compare(
    'the balance',
    balance.held,
    sum((hold) => hold.balance),
  );
  for (const { subject, window, spent, held } of budgets) {
    const counts = (hold: OpenHoldRecord) =>
      hold.budgets.some((one) => one.subject === subject && one.window === window);
    compare(
      `budget ${window} of ${subject}`,
      held,
      sum((hold) => (counts(hold) ? hold.held : 0n)),
    );
    if (spent < 0n) problems.push(`budget ${window} of ${subject} has spent ${spent}`);
  }
  for (const { id, endsAt, used, held } of allowances) {
    const counts = (hold: OpenHoldRecord) => hold.windows.some((one) => one.id === id && one.endsAt === endsAt);
    compare(
      `allowance ${id} until ${endsAt}`,
      held,
      sum((hold) => (counts(hold) ? hold.allowance : 0n)),
    );
    if (used < 0n) problems.push(`allowance ${id} until ${endsAt} has used ${used}`);
  }
  for (const { id, left, held } of grants) {
    const part = (hold: OpenHoldRecord) => hold.grants.find((one) => one.id === id)?.amount ?? 0n;
    compare(`grant ${id}`, held, sum(part));
    if (held > left) problems.push(`grant ${id} holds ${held} of the ${left} that are left`);
  }
  const recorded = new Set(events.map((event) => event.id));
  for (const { id, held, balance: own, allowance } of openHolds) {
    if (held < 0n || own < 0n || allowance < 0n) problems.push(`hold ${id} is negative`);
    if (recorded.has(id)) problems.push(`request ${id} is settled and still held`);
  }
  for (const id of settled) if (!recorded.has(id)) problems.push(`request ${id} is settled and has no usage event`);
  return problems;
}

/** Every source is the sum of its entries; what was used of an allowance is the sum of what events charged to it. */
function sourceProblems(entries: readonly LedgerEntry[], events: readonly UsageEvent[], audit: AccountAudit): string[] {
  const problems: string[] = [];
  for (const { id, left } of audit.grants) {
    const sum = total(entries.filter((entry) => entry.source === 'grant' && entry.sourceId === id));
    if (left !== sum) problems.push(`grant ${id} has ${left} left, the sum of its entries is ${sum}`);
  }
  const refunded = new Set(entries.filter(({ kind }) => kind === 'refund').map(({ reference }) => reference));
  for (const { id, endsAt, used } of audit.allowances) {
    const charged = events.filter((event) => !refunded.has(event.id)).flatMap((event) => event.charged ?? []);
    const sum = total(charged.filter(({ windows }) => windows?.some((one) => one.id === id && one.endsAt === endsAt)));
    // What a refund gave back after the window had ended stays used.
    if (refunded.size === 0 ? used !== sum : used < sum)
      problems.push(`allowance ${id} until ${endsAt} has used ${used}, its charges are ${sum}`);
  }
  return problems;
}

function total(parts: readonly { readonly amount: bigint }[]): bigint {
  return parts.reduce((sum, { amount }) => sum + amount, 0n);
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
