import type { Target } from '../catalog/catalog.js';
import { GatewayError } from '../lib/errors.js';
import { type UnitCounts, unitsOf } from '../lib/usage.js';
import { withFields } from '../lib/with-fields.js';
import type { Attempt } from '../providers/adapter.js';
import { LOOK_UPS, type LookUps } from '../providers/look-ups.js';
import { highestInput, type InputBound } from '../providers/sent-size.js';
import { measureAt, type Operation } from './operation.js';
import type { Principal } from './principal.js';
import type { Resolution } from './resolve.js';
import type { RunParts } from './run-parts.js';
import type { Runtime } from './runtime.js';
import { mayRunProviderTools } from './tool-rules.js';

/** What measuring takes of a run. */
export interface Measurable {
  readonly requestId: string;
  readonly operation: Operation;
  readonly principal: Principal;
  readonly resolution: Resolution;
  readonly runtime: Runtime;
  readonly parts: Pick<RunParts, 'tools' | 'sizes'>;
  readonly lookUps: LookUps;
}

/** The most input that a request can be billed, by what each of its targets would be sent. @param asText by its bytes. */
export function measuredBound(run: Measurable, asText: InputBound): InputBound {
  const { operation, resolution, parts } = run;
  const { instructionTokens = 0 } = operation.input;
  let most: InputBound | undefined;
  for (const target of resolution.targets) {
    const measure = measureAt(operation, target.adapter);
    if (!measure) {
      most = higher(most, asText);
      continue;
    }
    try {
      const sent = parts.sizes?.get(target) ?? measure(target.adapter, attemptAt(target, run));
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
export function attemptAt(target: Target, run: Measurable): Attempt {
  const { requestId, operation, principal, resolution, runtime } = run;
  const { model } = resolution;
  const attempt: Attempt = {
    requestId,
    accountId: principal.account.id,
    model: target.model,
    maxOutputTokens: operation.output?.limit,
    outputLimitAdded: false,
    modelOutputLimit: model.outputLimitConfigured ? model.maxOutputTokens : undefined,
    unsupported: runtime.settings.unsupported,
    providerTools: mayRunProviderTools(run),
    transport: NOT_SENT,
    signal: neverAborted(),
    onActivity() {},
    now: runtime.now,
  };
  return withFields(attempt, { [LOOK_UPS]: run.lookUps });
}

const NOT_SENT = { send: () => Promise.reject(new Error('a request that is only measured')) };
let never: AbortSignal | undefined;

/** Made late: Cloudflare Workers makes none while a module loads. */
function neverAborted(): AbortSignal {
  return (never ??= new AbortController().signal);
}
