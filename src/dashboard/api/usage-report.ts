import type { UsageRow } from '../../management/usage-reports.js';
import { instant, integer, oneOf, optional } from './fields.js';
import { checkRange, readQuery } from './query.js';
import type { RouteContext } from './route.js';

/** How many groups a report draws apart; the rest is one. */
const MOST_GROUPS = 10;
/** How many groups a report lists. */
const MOST_ROWS = 100;

const GROUP_FIELD = { model: 'model', key: 'keyId', account: 'accountId' } as const;
type Group = keyof typeof GROUP_FIELD;

const base = {
  from: instant,
  to: instant,
  unit: oneOf(['hour', 'day']),
  top: optional((value, field) => integer({ min: 1, max: MOST_GROUPS })(Number(value), field)),
};
const ownQuery = { ...base, group: oneOf(['model', 'key']), keyId: optional(oneOfAny) };
const operatorQuery = { ...base, group: oneOf(['model', 'account']), accountId: optional(oneOfAny) };

/** Sums of some usage, as numbers that are drawn. `cost` is a decimal string in USD. */
export interface ReportSums {
  readonly requests: number;
  readonly inputTokens: number;
  readonly cachedInputTokens: number;
  readonly outputTokens: number;
  readonly totalTokens: number;
  readonly cost: string;
  /** What the operator paid and earned; only in reports of all accounts, and null where it is not known. */
  readonly providerCost?: string | null;
  readonly margin?: string | null;
}

/** Usage of the caller over time: a few groups and the rest, however many there are. */
export async function getUsageReport(context: RouteContext) {
  const { keyId, ...query } = readQuery(context.query, ownQuery);
  return report(context, { accountId: context.caller.accountId, ...(keyId !== undefined && { keyId }) }, query);
}

/** The same of all accounts, or of one. */
export async function getOperatorUsageReport(context: RouteContext) {
  const { accountId, ...query } = readQuery(context.query, operatorQuery);
  const answer = await report(context, accountId === undefined ? {} : { accountId }, query);
  const ids = query.group === 'account' ? answer.groups.map(({ id }) => id) : [];
  return { ...answer, names: await context.names.of(ids) };
}

interface ReportQuery {
  readonly from: Date;
  readonly to: Date;
  readonly unit: 'hour' | 'day';
  readonly group: Group;
  readonly top?: number;
}

/**
 * A report never grows with the number of groups: the sums of each group, then the points of the largest alone. The
 * range of the same length before it is summed for comparison.
 */
async function report(
  { gateway: { usage } }: RouteContext,
  scope: { readonly accountId?: string; readonly keyId?: string },
  { unit, group, top = MOST_GROUPS, ...span }: ReportQuery,
) {
  const range = { ...scope, ...checkRange(span) };
  const before = { ...range, from: new Date(2 * range.from.getTime() - range.to.getTime()), to: range.from };
  const [groups, points, [previous]] = await Promise.all([
    usage.query({ ...range, groupBy: [group], top: MOST_ROWS }),
    usage.query({ ...range, groupBy: [unit] }),
    usage.query(before),
  ]);
  const idOf = (row: UsageRow) => row[GROUP_FIELD[group]] ?? '';
  const largest = groups.filter((row) => idOf(row) !== '').slice(0, top);
  const series = await Promise.all(
    largest.map(async (row) => {
      const id = idOf(row);
      const own = await usage.query({ ...range, [GROUP_FIELD[group]]: id, groupBy: [unit] });
      return { id, points: own.map((point) => describePoint(point, unit)) };
    }),
  );
  return {
    groups: groups.map((row) => ({ id: idOf(row), ...describeSums(row) })),
    groupCount: groups[0]?.groups ?? 0,
    points: points.map((point) => describePoint(point, unit)),
    series,
    previous: previous ? describeSums(previous) : null,
  };
}

function describePoint(row: UsageRow, unit: 'hour' | 'day') {
  return { at: row[unit] ?? '', ...describeSums(row) };
}

function describeSums(row: UsageRow): ReportSums {
  const { requests, inputTokens, cachedInputTokens, outputTokens, totalTokens, cost, providerCost, margin } = row;
  const earned = providerCost === undefined ? {} : { providerCost, margin: margin ?? null };
  return { requests, inputTokens, cachedInputTokens, outputTokens, totalTokens, cost, ...earned };
}

function oneOfAny(value: unknown): string {
  return String(value).slice(0, 512);
}
