import { completionTokens, countsOf, promptTokens, TOKEN_BUCKETS, type UnitCounts, type Usage } from '../lib/usage.js';

/**
 * Two reports of one answer as one. Counts are cumulative, so the larger one stands: some servers end a stream with
 * zeros. Input and output are taken whole from either report, because their buckets belong together.
 */
export function joinReports(earlier: Usage | undefined, later: Usage): Usage {
  if (earlier === undefined) return later;
  const input = isLarger([promptTokens(earlier), -earlier.inputTokens], [promptTokens(later), -later.inputTokens])
    ? earlier
    : later;
  const output = isLarger(
    [completionTokens(earlier), earlier.reasoningTokens],
    [completionTokens(later), later.reasoningTokens],
  )
    ? earlier
    : later;
  const counts = countsOf((name) => (TOKEN_BUCKETS[name].side === 'input' ? input : output)[name]);
  const units = largerUnits(earlier.units, later.units);
  return { ...earlier, ...later, ...counts, ...(units && { units }) };
}

function largerUnits(one: UnitCounts | undefined, other: UnitCounts | undefined): UnitCounts | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const units: Record<string, number> = { ...one };
  for (const [name, count] of Object.entries(other)) units[name] = Math.max(units[name] ?? 0, count);
  return units;
}

/** By the total; of equal totals, the one with more detail. */
function isLarger([total, detail]: [number, number], [otherTotal, otherDetail]: [number, number]): boolean {
  return total === otherTotal ? detail > otherDetail : total > otherTotal;
}
