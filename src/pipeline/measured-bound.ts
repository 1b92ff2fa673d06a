import type { Target } from '../catalog/catalog.js';
import { GatewayError } from '../lib/errors.js';
import { type UnitCounts, unitsOf } from '../lib/usage.js';
import type { Attempt } from '../providers/adapter.js';
import { highestInput, type InputBound, type SentSize } from '../providers/sent-size.js';
import { measureAt, type Operation } from './operation.js';
import type { Principal } from './principal.js';
import type { Resolution } from './resolve.js';
import type { Runtime } from './runtime.js';

/** What a large request comes to at each of its targets. */
export type MeasuredSizes = ReadonlyMap<Target, SentSize>;

/** The most input that a request can be billed, by what each of its targets would be sent. @param asText by its bytes. */
export function measuredBound(
  requestId: string,
  operation: Operation,
  principal: Principal,
  resolution: Resolution,
  runtime: Runtime,
  providerTools: boolean,
  measured: MeasuredSizes | undefined,
  asText: InputBound,
): InputBound {
  const { instructionTokens = 0 } = operation.input;
  let most: InputBound | undefined;
  for (const target of resolution.targets) {
    const measure = measureAt(operation, target.adapter);
    if (!measure) {
      most = higher(most, asText);
      continue;
    }
    try {
      const sent =
        measured?.get(target) ??
        measure(target.adapter, attemptAt(target, requestId, operation, principal, resolution, runtime, providerTools));
      const bound = highestInput(sent, resolution.model.heldWindow);
      most = higher(most, { ...bound, inputTokens: bound.inputTokens + instructionTokens });
    } catch (thrown) {
      // It can't be sent there, and costs nothing: the call will say why, in the client's own terms.
      if (!GatewayError.isInstance(thrown)) throw thrown;
    }
  }
  return most ?? asText;
}

function higher(one: InputBound | undefined, other: InputBound): InputBound {
  if (one === undefined) return other;
  return {
    inputTokens: Math.max(one.inputTokens, other.inputTokens),
    mediaTokens: Math.max(one.mediaTokens, other.mediaTokens),
    hourWrites: (one.hourWrites ?? false) || (other.hourWrites ?? false),
    ...highestUnits(one.units, other.units),
  };
}

function highestUnits(one: UnitCounts = {}, other: UnitCounts = {}): Pick<InputBound, 'units'> {
  const units: Record<string, number> = { ...one };
  for (const [name, count] of Object.entries(other)) units[name] = Math.max(units[name] ?? 0, count);
  return unitsOf(units);
}

/** A call that is only translated. */
export function attemptAt(
  target: Target,
  requestId: string,
  operation: Operation,
  principal: Principal,
  { model }: Resolution,
  runtime: Runtime,
  providerTools: boolean,
): Attempt {
  return {
    requestId,
    accountId: principal.account.id,
    model: target.model,
    maxOutputTokens: operation.output?.limit,
    outputLimitAdded: false,
    modelOutputLimit: model.outputLimitConfigured ? model.maxOutputTokens : undefined,
    unsupported: runtime.settings.unsupported,
    providerTools,
    transport: NOT_SENT,
    signal: neverAborted(),
    onActivity() {},
    now: runtime.now,
  };
}

const NOT_SENT = { send: () => Promise.reject(new Error('a request that is only measured')) };
let never: AbortSignal | undefined;

/** Made late: Cloudflare Workers makes none while a module loads. */
function neverAborted(): AbortSignal {
  return (never ??= new AbortController().signal);
}
