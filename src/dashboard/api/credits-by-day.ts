import type { Movement } from '../../management/credits.js';
import { wrongValue } from '../../openai-api/field-checks.js';
import { describeEntry } from './credits.js';
import { csvLines, csvOf } from './csv.js';
import type { Reader } from './fields.js';
import { readQuery } from './query.js';
import type { RouteContext } from './route.js';
import { FileAnswer } from './route.js';

/** The most movements of one month that are shown, and that a file of an account holds. */
const MOST_SHOWN = 1_000;
const MOST_IN_FILE = 10_000;

const month: Reader<string> = (value, field) => {
  if (typeof value !== 'string' || !/^\d{4}-(0[1-9]|1[0-2])$/.test(value))
    throw wrongValue(field, 'it must be a month, such as 2026-11');
  return value;
};

/** A UTC month of the caller's money: what requests cost on each day, and every other movement. */
export async function getMonth(context: RouteContext) {
  const chosen = readQuery(context.query, { month }).month;
  const { days, movements } = await readMonth(context, context.caller.accountId, chosen);
  return { month: chosen, days, movements: movements.map(describeEntry) };
}

/** The same as a file. */
export async function exportMonth(context: RouteContext) {
  const chosen = readQuery(context.query, { month }).month;
  const { days, movements } = await readMonth(context, context.caller.accountId, chosen);
  const rows = [
    ...days.map(({ day, requests, cost }) => [day, 'usage', `-${cost}`, `${requests} requests`, '']),
    ...movements.map(({ at, kind, amount, note, reference }) => [
      at.toISOString(),
      kind,
      amount,
      note ?? '',
      reference,
    ]),
  ].toSorted(([a = ''], [b = '']) => (a < b ? 1 : -1));
  const content = csvOf(['date', 'type', 'amount_usd', 'details', 'reference'], rows);
  return new FileAnswer(`billing-${chosen}.csv`, 'text/csv; charset=utf-8', content);
}

const MOVEMENT_COLUMNS = ['account', 'date', 'type', 'amount_usd', 'details', 'reference'];
const ACCOUNTS_AT_ONCE = 200;
const EVER = { from: new Date(0), to: new Date(8.64e15) };

function movementLine(accountId: string, { at, kind, amount, note, reference }: Movement): string[] {
  return [accountId, at.toISOString(), kind, amount, note ?? '', reference];
}

/** All movements of one account but its requests, newest first, as a file for an operator. */
export async function exportOperatorMovements({ gateway, id }: RouteContext) {
  await gateway.accounts.get(id);
  const movements = await movementsOf(gateway.credits, id, EVER, MOST_IN_FILE);
  const rows = movements.map((movement) => movementLine(id, movement));
  return new FileAnswer('movements.csv', 'text/csv; charset=utf-8', csvOf(MOVEMENT_COLUMNS, rows));
}

/** A UTC month of the movements of all accounts but their requests, read account by account. */
export function exportAllMovements({ gateway, query }: RouteContext) {
  const chosen = readQuery(query, { month }).month;
  const bounds = boundsOf(chosen);
  async function* lines() {
    yield csvLines([MOVEMENT_COLUMNS]);
    let after: string | undefined;
    for (;;) {
      const page = await gateway.accounts.list({ limit: ACCOUNTS_AT_ONCE, ...(after !== undefined && { after }) });
      for (const { id } of page) {
        const movements = await movementsOf(gateway.credits, id, bounds, MOST_IN_FILE);
        if (movements.length > 0) yield csvLines(movements.map((movement) => movementLine(id, movement)));
      }
      after = page.at(-1)?.id;
      if (page.length < ACCOUNTS_AT_ONCE) return;
    }
  }
  return new FileAnswer(`all-movements-${chosen}.csv`, 'text/csv; charset=utf-8', lines());
}

function boundsOf(chosen: string) {
  const from = new Date(`${chosen}-01T00:00:00Z`);
  return { from, to: new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 1)) };
}

async function readMonth({ gateway }: RouteContext, accountId: string, chosen: string) {
  const { from, to } = boundsOf(chosen);
  const [rows, movements] = await Promise.all([
    gateway.usage.query({ accountId, from, to, groupBy: ['day'] }),
    movementsOf(gateway.credits, accountId, { from, to }, MOST_SHOWN),
  ]);
  const days = rows
    .map(({ day = '', requests, cost }) => ({ day, requests, cost }))
    .toSorted((a, b) => (a.day < b.day ? 1 : -1));
  return { days, movements };
}

/** Pages back from the newest until the month is passed. */
async function movementsOf(
  credits: RouteContext['gateway']['credits'],
  accountId: string,
  { from, to }: { readonly from: Date; readonly to: Date },
  most: number,
): Promise<Movement[]> {
  const found: Movement[] = [];
  let before: string | undefined;
  while (found.length < most) {
    const page = await credits.history(accountId, { limit: 200, usage: false, ...(before && { before }) });
    found.push(...page.filter(({ at }) => at >= from && at < to));
    const last = page.at(-1);
    if (!last || page.length < 200 || last.at < from) break;
    before = last.id;
  }
  return found;
}
