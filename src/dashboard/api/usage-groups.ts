import { formatUsd, parseUsd } from '../../lib/money.js';
import type { UsageReports, UsageRow } from '../../management/usage-reports.js';
import type { UsageDimension } from '../../meter/meter.js';
import { wrongValue } from '../../openai-api/field-checks.js';
import type { Reader } from './fields.js';

const FIXED = ['model', 'key', 'account', 'endUser'] as const;

/** What the parts of a usage report stand for. */
export type ReportGroup = (typeof FIXED)[number] | `tag:${string}`;

/** Of these a range can be narrowed to one group, so that each group is read alone. */
const FILTERS = { model: 'model', key: 'keyId', account: 'accountId' } as const;
/** Groups that are read all at once at most; with more, only their sums are shown. */
const MOST_AT_ONCE = 2_000;
/** So few groups are always read at once: each read alone goes over the whole range again. */
const FEW = 20;

/** A group of those that a report may have, or `tag:NAME`. */
export function groupOf(allowed: readonly (typeof FIXED)[number][]): Reader<ReportGroup> {
  return (value, field) => {
    const given = String(value ?? '');
    const fixed = allowed.find((one) => one === given);
    if (fixed) return fixed;
    if (/^tag:\P{Cc}{1,128}$/u.test(given)) return given as ReportGroup;
    throw wrongValue(field, `it must be one of ${allowed.join(', ')}, tag:NAME`);
  };
}

/** The id of a row's group; empty for what has none. */
export function idOfGroup(group: ReportGroup, row: UsageRow): string {
  if (group === 'endUser') return row.endUser ?? '';
  if (group in FILTERS) return row[FILTERS[group as keyof typeof FILTERS]] ?? '';
  return row.tags?.[group.slice('tag:'.length)] ?? '';
}

/** What one bar of a chart covers. A month is added up from its days. */
export type ReportUnit = 'hour' | 'day' | 'month';

type Range = Parameters<UsageReports['query']>[0];

/** The points of one group. */
interface Series {
  readonly id: string;
  readonly points: UsageRow[];
}

/** The sums of each hour, day or month of a range. */
export async function pointsOf(usage: UsageReports, range: Range, unit: ReportUnit): Promise<UsageRow[]> {
  return inUnit(await usage.query({ ...range, groupBy: [dimensionOf(unit)] }), unit);
}

/** The points of some groups; and when each group was last used, of those that can only be read with all others. */
export async function seriesOf(
  usage: UsageReports,
  range: Range,
  group: ReportGroup,
  { ids, count, unit }: { readonly ids: readonly string[]; readonly count: number; readonly unit: ReportUnit },
): Promise<{ readonly series: Series[]; readonly last: ReadonlyMap<string, string> }> {
  const isFiltered = group in FILTERS;
  if (isFiltered && group !== 'key' && count > FEW) {
    const field = FILTERS[group as keyof typeof FILTERS];
    const read = async (id: string) => ({ id, points: await pointsOf(usage, { ...range, [field]: id }, unit) });
    return { series: await Promise.all(ids.map(read)), last: new Map() };
  }
  if (!isFiltered && count > MOST_AT_ONCE) return { series: [], last: new Map() };
  const keys = group === 'key' ? { keyIds: ids } : {};
  const rows = await usage.query({ ...range, ...keys, groupBy: [group, dimensionOf(unit)] });
  const byId = groupRows(rows, (row) => idOfGroup(group, row));
  const series = ids.map((id) => ({ id, points: inUnit(byId.get(id) ?? [], unit) }));
  const lastOf = (points: readonly UsageRow[]) => points.map(timeOf).sort().at(-1) ?? '';
  return { series, last: new Map(isFiltered ? [] : [...byId].map(([id, points]) => [id, lastOf(points)])) };
}

/** When the point of a row is: `2026-11-21T14`, `2026-11-21` or `2026-11`. */
export function timeOf(row: UsageRow): string {
  return row.hour ?? row.day ?? '';
}

function dimensionOf(unit: ReportUnit): UsageDimension {
  return unit === 'hour' ? 'hour' : 'day';
}

function inUnit(rows: readonly UsageRow[], unit: ReportUnit): UsageRow[] {
  if (unit !== 'month') return [...rows];
  const months = groupRows(rows, ({ day = '' }) => day.slice(0, 'YYYY-MM'.length));
  return [...months].map(([month, days]) => ({ ...addRows(days), day: month }));
}

function groupRows(rows: readonly UsageRow[], idOf: (row: UsageRow) => string): Map<string, UsageRow[]> {
  const groups = new Map<string, UsageRow[]>();
  for (const row of rows) {
    const group = groups.get(idOf(row));
    if (group) group.push(row);
    else groups.set(idOf(row), [row]);
  }
  return groups;
}

const COUNTS = [
  ...(['requests', 'inputTokens', 'cachedInputTokens', 'cacheWriteTokens', 'outputTokens'] as const),
  ...(['reasoningTokens', 'totalTokens'] as const),
];

function addRows(rows: readonly UsageRow[]): UsageRow {
  const counts = Object.fromEntries(COUNTS.map((name) => [name, rows.reduce((sum, row) => sum + row[name], 0)]));
  const cost = formatUsd(rows.reduce((sum, row) => sum + parseUsd(row.cost), 0n));
  return { ...(counts as Pick<UsageRow, (typeof COUNTS)[number]>), cost };
}
