import type { Movement } from '../../management/credits.js';
import { wrongValue } from '../../openai-api/field-checks.js';
import { describeEntry } from './credits.js';
import { csvOf } from './csv.js';
import type { Reader } from './fields.js';
import { readQuery } from './query.js';
import type { RouteContext } from './route.js';
import { FileAnswer } from './route.js';

/** The most movements of one month that are shown. */
const MOST_MOVEMENTS = 1_000;

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

async function readMonth({ gateway }: RouteContext, accountId: string, chosen: string) {
  const from = new Date(`${chosen}-01T00:00:00Z`);
  const to = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth() + 1, 1));
  const [rows, movements] = await Promise.all([
    gateway.usage.query({ accountId, from, to, groupBy: ['day'] }),
    movementsOf(gateway.credits, accountId, from, to),
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
  from: Date,
  to: Date,
): Promise<Movement[]> {
  const found: Movement[] = [];
  let before: string | undefined;
  while (found.length < MOST_MOVEMENTS) {
    const page = await credits.history(accountId, { limit: 200, usage: false, ...(before && { before }) });
    found.push(...page.filter(({ at }) => at >= from && at < to));
    const last = page.at(-1);
    if (!last || page.length < 200 || last.at < from) break;
    before = last.id;
  }
  return found;
}
