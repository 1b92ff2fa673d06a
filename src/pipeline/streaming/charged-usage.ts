import type { Target } from '../../catalog/catalog.js';
import {
  BUCKET_NAMES,
  completionTokens,
  countsOf,
  NO_USAGE,
  reportedCost,
  tokenCount,
  type Usage,
  unitCount,
  unitsOf,
} from '../../lib/usage.js';
import type { Run } from '../run-state.js';

/** What an estimate is made from. */
type Estimable = Pick<Run, 'operation' | 'resolution' | 'hold'>;

/** Usage of an answer that was cut: a report may lag behind what has been delivered, so the larger output counts. */
export function usageSoFar(run: Estimable, reported: Usage | undefined, estimatedOutput: number): Usage {
  if (!reported) return estimatedUsage(cutInput(run), bounded(run, estimatedOutput));
  const missing = bounded(run, estimatedOutput) - completionTokens(reported);
  return missing > 0 ? { ...reported, outputTokens: reported.outputTokens + missing, source: 'estimated' } : reported;
}

/**
 * A report that can be charged; undefined for none and for counts that are no counts, which any adapter may send. What
 * is above every limit is lowered to it and charged.
 */
export function credible(usage: Usage | undefined): Usage | undefined {
  if (usage === undefined) return undefined;
  let exact = usage.units === undefined && usage.reportedCost === undefined;
  for (const name of BUCKET_NAMES) {
    const count = tokenCount(usage[name]);
    if (count === undefined) return undefined;
    if (count !== usage[name]) exact = false;
  }
  return exact ? usage : cleaned(usage);
}

function cleaned({ units = {}, reportedCost: reported, source, ...counts }: Usage): Usage {
  const cost = reportedCost(reported);
  return {
    ...countsOf((name) => tokenCount(counts[name]) ?? 0),
    source,
    ...unitsOf(Object.fromEntries(Object.entries(units).map(([name, count]) => [name, unitCount(count)]))),
    ...(cost !== undefined && { reportedCost: cost }),
  };
}

/** What is charged at a target for a whole answer, or for what was delivered of one that was cut. */
export function chargedAt(
  run: Estimable,
  { price }: Target,
  reported: Usage | undefined,
  estimate: () => Usage,
): Usage {
  const { operation } = run;
  return operation.pricedUse ? operation.pricedUse(price).charged(reported) : (reported ?? estimate());
}

/** The gateway's own count of a request without a report; its output is never beyond the output limit. */
export function estimateUsage(run: Estimable, outputTokens: number): Usage {
  return estimatedUsage(run.operation.input.estimatedTokens, bounded(run, outputTokens));
}

/**
 * The most that an answer can have used: what is charged where it was made in full and no report of it can be read. Never
 * less than the truth, since the hold was made for it.
 */
export function highestUsage(run: Estimable): Usage {
  return estimatedUsage(run.hold.bounds?.inputTokens ?? cutInput(run), bounded(run, Number.MAX_SAFE_INTEGER));
}

/** The input of an answer whose report will not come: what was held where it has more than text, whose size is a guess. */
function cutInput({ hold, operation }: Estimable): number {
  const { estimatedTokens } = operation.input;
  return operation.sentSize && hold.bounds ? Math.max(hold.bounds.inputTokens, estimatedTokens) : estimatedTokens;
}

/** Counts that no provider has reported. */
export function estimatedUsage(inputTokens: number, outputTokens: number): Usage {
  return { ...NO_USAGE, inputTokens, outputTokens, source: 'estimated' };
}

function bounded({ hold, resolution, operation }: Estimable, outputTokens: number): number {
  const each = hold.maxOutputTokens ?? resolution.model.maxOutputTokens;
  return Math.min(outputTokens, each * (operation.output?.choices ?? 1));
}
