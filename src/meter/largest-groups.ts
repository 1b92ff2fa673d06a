import type { UsageQuery, UsageTotals } from './usage-log.js';

/** The largest of all groups, for a store that sums every group first; they keep their order. */
export function largestGroups(rows: readonly UsageTotals[], { top }: UsageQuery): UsageTotals[] {
  if (top === undefined) return [...rows];
  const byCost = (a: UsageTotals, b: UsageTotals) =>
    a.cost === b.cost ? b.requests - a.requests : a.cost < b.cost ? 1 : -1;
  return [...rows]
    .sort(byCost)
    .slice(0, top)
    .map((row) => ({ ...row, groups: rows.length }));
}
