import { deepEqual, equal, ok } from 'node:assert/strict';
import type { AllowanceWindow, FullMeter, HoldRequest, Settlement } from '../meter/meter.js';
import { budgetWindowAt, type WindowLength, windowAt } from '../meter/windows.js';
import { assertAccountsBalance } from './accounting-oracle.js';
import { fundedAccount, holdOf, settlementOf } from './meter-samples.js';
import type { SuiteCase } from './suite.js';

const utc = (text: string) => Date.parse(`${text}Z`);

/** The allowance that a request at `now` asks for. */
function allowanceAt(per: WindowLength, limit: bigint, now: number, anchor?: number): AllowanceWindow {
  return { id: per, limit, ...windowAt(per, now, anchor) };
}

function holdAt(account: string, amount: bigint, now: number, more: Partial<HoldRequest>): HoldRequest {
  return holdOf(account, amount, { now, expiresAt: now + 60_000, ...more });
}

async function usedUntil(meter: FullMeter, account: string): Promise<[string, bigint][]> {
  const { allowances } = await meter.audit(account);
  const byEnd = allowances.toSorted((a, b) => a.endsAt - b.endsAt);
  return byEnd.map(({ endsAt, used }) => [new Date(endsAt).toISOString(), used]);
}

async function chargesOf(meter: FullMeter, { accountId, id }: HoldRequest) {
  const [event] = await meter.events({ accountId, id }, { limit: 1 });
  return event?.charged?.map(({ source, amount }) => `${source} ${amount}`);
}

/** Runs a request that uses what it holds; false when it was refused. */
async function spend(meter: FullMeter, hold: HoldRequest): Promise<boolean> {
  if (!(await meter.reserve(hold)).ok) return false;
  const { recorded } = await meter.settle(settlementOf(hold, Number(hold.amount), { at: hold.now }));
  return recorded;
}

interface Edge {
  readonly name: string;
  readonly per: WindowLength;
  readonly first: string;
  /** The first instant of the next window. */
  readonly edge: string;
  readonly nextEdge: string;
  readonly anchor?: string;
}

const EDGES: readonly Edge[] = [
  { name: 'the end of a day', per: 'day', first: '2028-02-29T08:00', edge: '2028-03-01', nextEdge: '2028-03-02' },
  { name: 'the end of a week', per: 'week', first: '2026-12-30T08:00', edge: '2027-01-04', nextEdge: '2027-01-11' },
  { name: 'the end of a year', per: 'month', first: '2026-12-05T08:00', edge: '2027-01-01', nextEdge: '2027-02-01' },
  {
    name: 'the end of a leap February',
    per: 'month',
    first: '2028-02-05T08:00',
    edge: '2028-03-01',
    nextEdge: '2028-04-01',
  },
  {
    name: 'the end of a month from the 31st',
    per: 'month',
    anchor: '2028-01-31T17:00',
    first: '2028-02-10T08:00',
    edge: '2028-02-29',
    nextEdge: '2028-03-31',
  },
  {
    name: 'five hours after the first request',
    per: '5h',
    first: '2028-02-28T22:10',
    edge: '2028-02-29T03:10',
    nextEdge: '2028-02-29T08:10',
  },
];

const edgeCases: readonly SuiteCase<FullMeter>[] = EDGES.map(({ name, per, anchor, first, edge, nextEdge }) => ({
  name: `at ${name} an allowance is full to the last millisecond and empty from the next`,
  async run(meter) {
    const account = await fundedAccount(meter, 0n);
    const at = (now: number) => ({ allowances: [allowanceAt(per, 10n, now, anchor ? utc(anchor) : undefined)] });
    const [begin, end] = [utc(first), utc(edge)];
    equal(await spend(meter, holdAt(account, 10n, begin, at(begin))), true);
    equal(await spend(meter, holdAt(account, 1n, end - 1, at(end - 1))), false);
    equal(await spend(meter, holdAt(account, 7n, end, at(end))), true);
    equal(await spend(meter, holdAt(account, 4n, end, at(end))), false);
    deepEqual(await usedUntil(meter, account), [
      [new Date(utc(edge)).toISOString(), 10n],
      [new Date(utc(nextEdge)).toISOString(), 7n],
    ]);
    await assertAccountsBalance(meter, [account], { prepaid: true });
  },
}));

const END = utc('2028-03-01');
const before = { allowances: [allowanceAt('month', 10n, END - 1)] };
const after = { allowances: [allowanceAt('month', 10n, END)] };
const late: Partial<Settlement> = { at: END + 1 };

/** What must hold of windows and of requests that run across their edges. */
export const windowCases: readonly SuiteCase<FullMeter>[] = [
  ...edgeCases,
  {
    name: 'a request that spans the edge of an allowance is charged to the window in which it began, up to what it held',
    async run(meter) {
      const account = await fundedAccount(meter, 100n);
      const hold = holdAt(account, 6n, END - 1, before);
      ok((await meter.reserve(hold)).ok);
      equal(await spend(meter, holdAt(account, 3n, END, after)), true);
      await meter.settle(settlementOf(hold, 8, { ...late, ...after }));
      deepEqual(await chargesOf(meter, hold), ['allowance 6', 'balance 2']);
      deepEqual(await usedUntil(meter, account), [
        ['2028-03-01T00:00:00.000Z', 6n],
        ['2028-04-01T00:00:00.000Z', 3n],
      ]);
      await assertAccountsBalance(meter, [account], { prepaid: true });
    },
  },
  {
    name: 'what a request costs after a full window has ended is never drawn on that window',
    async run(meter) {
      const account = await fundedAccount(meter, 100n);
      equal(await spend(meter, holdAt(account, 10n, END - 2, before)), true);
      const [stale, fresh] = [holdAt(account, 2n, END - 1, before), holdAt(account, 2n, END - 1, before)];
      for (const hold of [stale, fresh]) ok((await meter.reserve(hold)).ok);
      await meter.settle(settlementOf(stale, 5, late));
      deepEqual(await chargesOf(meter, stale), ['balance 5']);
      await meter.settle(settlementOf(fresh, 5, { ...late, ...after }));
      deepEqual(await chargesOf(meter, fresh), ['allowance 3', 'balance 2']);
      deepEqual(await usedUntil(meter, account), [
        ['2028-03-01T00:00:00.000Z', 10n],
        ['2028-04-01T00:00:00.000Z', 3n],
      ]);
      await assertAccountsBalance(meter, [account], { prepaid: true });
    },
  },
  {
    name: 'a request whose hold lapsed before the edge is charged to the window that runs when it ends',
    async run(meter) {
      const account = await fundedAccount(meter, 100n);
      const hold = holdAt(account, 6n, END - 70_000, before);
      ok((await meter.reserve(hold)).ok);
      await meter.expire(END);
      await meter.settle(settlementOf(hold, 6, { ...late, ...after }));
      deepEqual(await usedUntil(meter, account), [
        ['2028-03-01T00:00:00.000Z', 0n],
        ['2028-04-01T00:00:00.000Z', 6n],
      ]);
      await assertAccountsBalance(meter, [account], { prepaid: true });
    },
  },
  {
    name: 'a clock that is behind draws on the window that runs for the others',
    async run(meter) {
      const account = await fundedAccount(meter, 0n);
      equal(await spend(meter, holdAt(account, 6n, END, after)), true);
      equal(await spend(meter, holdAt(account, 5n, END - 10_000, before)), false);
      equal(await spend(meter, holdAt(account, 4n, END - 10_000, before)), true);
      deepEqual(await usedUntil(meter, account), [['2028-04-01T00:00:00.000Z', 10n]]);
    },
  },
  {
    name: 'a request that spans the edge of a budget counts in the window in which it began',
    async run(meter) {
      const account = await fundedAccount(meter, 100n);
      const budgetsAt = (now: number) => ({
        budgets: (['day', 'month'] as const).map((period) => ({
          subject: 'account',
          window: budgetWindowAt(period, now),
          limit: 10n,
        })),
      });
      const hold = holdAt(account, 8n, END - 1, budgetsAt(END - 1));
      ok((await meter.reserve(hold)).ok);
      equal(await spend(meter, holdAt(account, 3n, END - 1, budgetsAt(END - 1))), false);
      equal(await spend(meter, holdAt(account, 10n, END, budgetsAt(END))), true);
      await meter.settle(settlementOf(hold, 7, late));
      for (const [window, spent] of [
        ['2028-02-29', 7n],
        ['2028-02', 7n],
        ['2028-03-01', 10n],
        ['2028-03', 10n],
      ] as const)
        deepEqual(await meter.budget(account, 'account', window), { spent, held: 0n });
      await assertAccountsBalance(meter, [account], { prepaid: true });
    },
  },
];
