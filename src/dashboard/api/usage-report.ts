import type { UsageRow } from '../../management/usage-reports.js';
import { instant, integer, oneOf, optional } from './fields.js';
import { namesOfKeys } from './key-names.js';
import { checkRange, readQuery } from './query.js';
import type { RouteContext } from './route.js';
import { groupOf, idOfGroup, pointsOf, type ReportGroup, type ReportUnit, seriesOf, timeOf } from './usage-groups.js';

/** How many groups a report draws apart; the rest is one. */
const MOST_GROUPS = 10;
/** How many groups a report lists. */
const MOST_ROWS = 100;

const base = {
  from: instant,
  to: instant,
  unit: oneOf(['hour', 'day', 'month']),
  top: optional((value, field) => integer({ min: 1, max: MOST_GROUPS })(Number(value), field)),
};
const ownQuery = { ...base, group: groupOf(['model', 'key', 'endUser']), keyId: optional(oneOfAny) };
const operatorQuery = {
  ...base,
  group: groupOf(['model', 'account', 'key', 'endUser']),
  accountId: optional(oneOfAny),
};

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

/** Usage of the caller over time: a few groups and the rest, however many there are; and what keys are called. */
export async function getUsageReport(context: RouteContext) {
  const { keyId, ...query } = readQuery(context.query, ownQuery);
  const { accountId } = context.caller;
  const answer = await report(context, { accountId, ...(keyId !== undefined && { keyId }) }, query);
  const ids = query.group === 'key' ? answer.groups.map(({ id }) => id) : [];
  return { ...answer, names: await namesOfKeys(context.gateway, accountId, ids) };
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
  readonly unit: ReportUnit;
  readonly group: ReportGroup;
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
    pointsOf(usage, range, unit),
    usage.query(before),
  ]);
  const count = groups[0]?.groups ?? 0;
  const ids = groups.map((row) => idOfGroup(group, row)).filter((id) => id !== '');
  const { series, last } = await seriesOf(usage, range, group, { ids: ids.slice(0, top), count, unit });
  return {
    groups: groups.map((row) => {
      const id = idOfGroup(group, row);
      return { id, lastUsed: last.get(id) ?? null, ...describeSums(row) };
    }),
    groupCount: count,
    points: points.map(describePoint),
    series: series.map(({ id, points: own }) => ({ id, points: own.map(describeBar) })),
    previous: previous ? describeSums(previous) : null,
  };
}

function describePoint(row: UsageRow) {
  return { at: timeOf(row), ...describeSums(row) };
}

/** What a chart draws of a group. */
function describeBar(row: UsageRow) {
  const { requests, totalTokens, cost } = row;
  return { at: timeOf(row), requests, totalTokens, cost };
}

function describeSums(row: UsageRow): ReportSums {
  const { requests, inputTokens, cachedInputTokens, outputTokens, totalTokens, cost, providerCost, margin } = row;
  const earned = providerCost === undefined ? {} : { providerCost, margin: margin ?? null };
  return { requests, inputTokens, cachedInputTokens, outputTokens, totalTokens, cost, ...earned };
}

function oneOfAny(value: unknown): string {
  return String(value).slice(0, 512);
}
