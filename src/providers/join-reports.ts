import { completionTokens, promptTokens, type Usage } from '../lib/usage.js';

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
  return {
    ...earlier,
    ...later,
    inputTokens: input.inputTokens,
    cachedInputTokens: input.cachedInputTokens,
    cacheWriteTokens: input.cacheWriteTokens,
    cacheWrite1hTokens: input.cacheWrite1hTokens,
    outputTokens: output.outputTokens,
    reasoningTokens: output.reasoningTokens,
  };
}

/** By the total; of equal totals, the one that tells more apart. */
function isLarger([total, detail]: [number, number], [otherTotal, otherDetail]: [number, number]): boolean {
  return total === otherTotal ? detail > otherDetail : total > otherTotal;
}
