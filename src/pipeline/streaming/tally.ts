import { completionTokens, tokenCount, type Usage } from '../../lib/usage.js';
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

/** A report that can be charged; undefined for none and for counts that are no counts, which any adapter may send. */
export function credible(usage: Usage | undefined): Usage | undefined {
  if (usage === undefined) return undefined;
  const isCredible =
    isCount(usage.inputTokens) &&
    isCount(usage.cachedInputTokens) &&
    isCount(usage.cacheWriteTokens) &&
    isCount(usage.cacheWrite1hTokens) &&
    isCount(usage.outputTokens) &&
    isCount(usage.reasoningTokens);
  return isCredible ? usage : undefined;
}

function isCount(value: number): boolean {
  return tokenCount(value) !== undefined;
}

/** The gateway's own count of a request without a report; its output is never beyond the output limit. */
export function estimateUsage(call: Call, outputTokens: number): Usage {
  return {
    inputTokens: call.operation.input.estimatedTokens,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens: bounded(call, outputTokens),
    reasoningTokens: 0,
    source: 'estimated',
  };
}

function bounded({ hold, route, operation }: Call, outputTokens: number): number {
  const each = hold.maxOutputTokens ?? route.model.maxOutputTokens;
  return Math.min(outputTokens, each * (operation.output?.choices ?? 1));
}
