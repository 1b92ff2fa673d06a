import { describeFault } from '../logger.js';
import type { Outcome } from '../meter/meter.js';
import { completionTokens, type Usage } from '../meter/usage.js';
import { toGatewayError } from '../errors.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import { type Call, type Called, timeoutError } from './call.js';
import type { Frames, OpenStream } from './operation.js';
import { type Ending, type Job, settle } from './settle.js';
import type { Runtime } from './runtime.js';

const encoder = new TextEncoder();

/** What a whole answer cost: the provider's report, or an estimate where it made none. */
export function endingOf(call: Call, called: Extract<Called, { answer: unknown }>): Ending {
  const { answer, target } = called;
  const usage = answer.usage ?? estimate(call, answer.estimatedOutput);
  return { outcome: 'completed', usage, target };
}

/**
 * Stage 7 of 9 · stream -> the same stream: passes frames on, reads the usage, knows how it ended.
 *
 * The last bytes (`[DONE]`, or the error frame) leave only after the settlement is recorded.
 */
export async function* observe(
  job: Job,
  call: Call,
  called: Extract<Called, { stream: unknown }>,
  gateway: Runtime,
): AsyncGenerator<Uint8Array, void> {
  const { stream, target, watch } = called;
  const tally = new Tally(call);
  try {
    for await (const frames of stream.frames) {
      tally.add(frames);
      if (frames.text !== '') yield encoder.encode(frames.text);
    }
    const usage = tally.total();
    await settle(job, { outcome: 'completed', usage, target }, gateway);
    yield encoder.encode(stream.end(usage));
  } catch (thrown) {
    if (call.client?.aborted) return;
    const error = watch.expired ? timeoutError(watch.expired, thrown) : thrown;
    await settle(job, { outcome: outcomeOf(error), usage: tally.soFar(), target }, gateway);
    gateway.targets.cooldown(target).failed(gateway.now());
    yield encoder.encode(failure(error, stream, job, gateway));
  } finally {
    watch.close();
    await settle(job, { outcome: 'aborted', usage: tally.soFar(), target }, gateway);
  }
}

function failure(thrown: unknown, stream: OpenStream, job: Job, gateway: Runtime): string {
  const fields = { requestId: job.requestId, fault: describeFault(thrown) };
  if (UpstreamError.isInstance(thrown)) gateway.logger.warn(fields, 'a provider failed in the middle of a stream');
  else gateway.logger.error(fields, 'a stream failed');
  return stream.fail(toGatewayError(UpstreamError.isInstance(thrown) ? thrown.clientError : thrown));
}

function outcomeOf(thrown: unknown): Outcome {
  if (!UpstreamError.isInstance(thrown)) return 'error';
  if (thrown.fault === 'timeout') return 'timeout';
  return thrown.fault === 'truncated' ? 'truncated' : 'error';
}

/** Counts what went by. */
class Tally {
  readonly #call: Call;
  #usage: Usage | undefined;
  #estimatedOutput = 0;

  constructor(call: Call) {
    this.#call = call;
  }

  add({ usage, estimatedOutput }: Frames): void {
    if (usage) this.#usage = usage;
    this.#estimatedOutput += estimatedOutput;
  }

  /** Usage of a complete answer. */
  total(): Usage {
    return this.#usage ?? estimate(this.#call, this.#estimatedOutput);
  }

  /** Usage of an answer that was cut: a report may lag behind what has been delivered, so the larger output counts. */
  soFar(): Usage {
    const reported = this.#usage;
    if (!reported) return estimate(this.#call, this.#estimatedOutput);
    const missing = bounded(this.#call, this.#estimatedOutput) - completionTokens(reported);
    return missing > 0 ? { ...reported, outputTokens: reported.outputTokens + missing, source: 'estimated' } : reported;
  }
}

/** The gateway's own count, never beyond the output limit. */
export function estimate(call: Call, outputTokens: number): Usage {
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
