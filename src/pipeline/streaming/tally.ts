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
import type { Call } from '../calling/call.js';
import type { Frames } from '../operation.js';

/** Counts what a stream used while it goes by. */
export class Tally {
  readonly #call: Call;
  #usage: Usage | undefined;
  #estimatedOutput = 0;

  constructor(call: Call) {
    this.#call = call;
  }

  add({ usage, estimatedOutput }: Frames): void {
    this.#usage = credible(usage) ?? this.#usage;
    this.#estimatedOutput += estimatedOutput;
  }

  /** Usage of a complete answer. */
  total(): Usage {
    return this.#usage ?? estimateUsage(this.#call, this.#estimatedOutput);
  }

  /** Usage of an answer that was cut: a report may lag behind what has been delivered, so the larger output counts. */
  soFar(): Usage {
    const reported = this.#usage;
    if (!reported) return estimateUsage(this.#call, this.#estimatedOutput);
    const missing = bounded(this.#call, this.#estimatedOutput) - completionTokens(reported);
    return missing > 0 ? { ...reported, outputTokens: reported.outputTokens + missing, source: 'estimated' } : reported;
  }
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

/** The gateway's own count of a request without a report; its output is never beyond the output limit. */
export function estimateUsage(call: Call, outputTokens: number): Usage {
  return estimatedUsage(call.operation.input.estimatedTokens, bounded(call, outputTokens));
}

/** Counts that no provider has reported. */
export function estimatedUsage(inputTokens: number, outputTokens: number): Usage {
  return { ...NO_USAGE, inputTokens, outputTokens, source: 'estimated' };
}

function bounded({ hold, resolution, operation }: Call, outputTokens: number): number {
  const each = hold.maxOutputTokens ?? resolution.model.maxOutputTokens;
  return Math.min(outputTokens, each * (operation.output?.choices ?? 1));
}
