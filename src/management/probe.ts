import type { Model, Target } from '../catalog/catalog.js';
import { describeFault } from '../lib/logger.js';
import { shown } from '../lib/shown.js';
import type { Runtime } from '../pipeline/runtime.js';
import type { Attempt } from '../providers/adapter.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import { invalid } from './management.js';

/** What to probe. */
export interface ProbeOptions {
  /** Names of models. @default all of them */
  readonly models?: readonly string[] | undefined;
  /** Targets of theirs, as `provider/model`. @default all of them */
  readonly targets?: readonly string[] | undefined;
}

/** The result of one small request to a target. */
export interface TargetProbe {
  /** The model as clients name it. */
  readonly model: string;
  /** `provider/model`. */
  readonly target: string;
  /** Null: not tried, since the model makes neither text nor vectors. */
  readonly ok: boolean | null;
  readonly latencyMs: number;
  /** What was wrong, for the operator. */
  readonly error: string | null;
}

/** How long a target may take. */
const PROBE_MS = 30_000;
const PROBE_TOKENS = 16;
/** Requests under way at once. */
const AT_ONCE = 4;

/**
 * Sends each target of the models one tiny request, bypassing keys, limits and money; the provider charges some tokens
 * for it. Targets of several models are asked once.
 *
 * @throws {GatewayError} `invalid_value` for a model or a target that is not configured.
 */
export async function probeTargets(runtime: Runtime, { models, targets }: ProbeOptions): Promise<TargetProbe[]> {
  const { catalog } = runtime;
  for (const [param, names] of Object.entries({ models, targets }))
    if (names !== undefined && !Array.isArray(names)) throw invalid(param, 'it must be an array of names');
  for (const name of models ?? []) {
    if (!catalog.models.has(name)) throw invalid('models', `'${shown(name)}' is not a model`);
  }
  const asked = new Map<string, readonly [Model, Target]>();
  for (const model of catalog.models.values()) {
    if (models && !models.includes(model.id)) continue;
    for (const target of model.targets) {
      if (targets && !targets.includes(target.id)) continue;
      if (!asked.has(target.id)) asked.set(target.id, [model, target]);
    }
  }
  const unknown = targets?.find((id) => !asked.has(id));
  if (unknown !== undefined) throw invalid('targets', `'${shown(unknown)}' is not a target of these models`);
  const waiting = [...asked.values()];
  const probes: TargetProbe[] = [];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) probes.push(await probe(...next, runtime));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  const order = [...asked.keys()];
  return probes.sort((a, b) => order.indexOf(a.target) - order.indexOf(b.target));
}

async function probe(model: Model, target: Target, runtime: Runtime): Promise<TargetProbe> {
  const facts = { model: model.id, target: target.id };
  const started = performance.now();
  const latency = () => Math.round(performance.now() - started);
  try {
    const tried = await ask(model, target, runtime);
    return { ...facts, ok: tried ? true : null, latencyMs: latency(), error: null };
  } catch (thrown) {
    return { ...facts, ok: false, latencyMs: latency(), error: reasonOf(thrown) };
  }
}

/** False when the model has nothing that can be asked for cheaply. */
async function ask({ capabilities }: Model, { adapter, model }: Target, runtime: Runtime): Promise<boolean> {
  const output = capabilities.output ?? ['text'];
  const attempt = attemptAt(model, runtime);
  if (output.includes('embeddings')) {
    if (!adapter.routes?.embeddings) return false;
    await adapter.routes.embeddings({ ...attempt, request: { model, input: 'Hi' } });
    return true;
  }
  if (!output.includes('text') || (capabilities.input && !capabilities.input.includes('text'))) return false;
  await adapter.chat({ ...attempt, request: { model, messages: [{ role: 'user', content: 'Hi' }] } });
  return true;
}

function attemptAt(model: string, { transport, now }: Runtime): Attempt {
  return {
    requestId: 'probe',
    accountId: 'probe',
    model,
    maxOutputTokens: PROBE_TOKENS,
    outputLimitAdded: true,
    unsupported: 'drop',
    transport,
    signal: AbortSignal.timeout(PROBE_MS),
    onActivity: () => {},
    now,
  };
}

function reasonOf(thrown: unknown): string {
  if (!UpstreamError.isInstance(thrown)) {
    const { message } = describeFault(thrown) as { message: string };
    return message;
  }
  const { fault, status, cause, message } = thrown;
  if (fault === 'auth') return 'the provider refuses the credential';
  const detail = cause instanceof Error ? cause.message : message;
  return status === undefined ? `${fault}: ${detail}` : `status ${status}: ${detail}`;
}
