import { GatewayError, unreachable } from '../lib/errors.js';
import { guarded, isThenable, type MaybePromise } from '../lib/maybe-promise.js';
import { retryHeaders } from '../limits/rate-limit-headers.js';
import type { Admission, AdmitRequest, LimitKind, LimitState } from '../limits/rate-limiter.js';
import type { Operation } from './operation.js';
import type { Principal } from './principal.js';
import type { Resolution } from './resolve.js';
import type { AdmissionGrant } from './run-parts.js';
import type { Run } from './run-state.js';
import type { Runtime } from './runtime.js';

/** Output that is expected of a request that names no limit; the real figure corrects it afterwards. */
const EXPECTED_OUTPUT_TOKENS = 1_000;
/** A concurrency slot is released this long after the longest time a request may run: a process that died must not keep it. */
const LEASE_MARGIN_MS = 600_000;

/**
 * Stage 2 of 9, its first half · principal -> admission, from the headers alone: one request and one concurrency slot.
 * It runs before the body is read, so that a slow upload occupies a slot.
 *
 * @throws {GatewayError} `rate_limit_exceeded` that names the limit, `service_unavailable` when the limiter can't be reached
 * and `onLimiterError` is `closed`.
 */
export function admit(requestId: string, principal: Principal, runtime: Runtime): MaybePromise<AdmissionGrant> {
  runtime.refusals.check(principal);
  const { limiter } = runtime;
  if (principal.subjects.length === 0 || !limiter.take) return NOTHING_TAKEN;
  return granted('admit', requestOf(requestId, principal, 0, runtime), runtime);
}

const NOTHING_TAKEN: AdmissionGrant = { tokens: 0, open: false, states: [] };

/**
 * Stage 2 of 9, its second half, after stage 4 · token estimate -> admission: the tokens, from every limit in one atomic step.
 *
 * @throws {GatewayError} as `admit`, and `tokens_exceed_limit` for a request that is larger than a whole bucket.
 */
export function admitTokens(run: Run): MaybePromise<AdmissionGrant> {
  const { requestId, operation, principal, resolution, runtime, parts } = run;
  const { subjects } = principal;
  const tokens = estimateTokens(operation, principal, resolution);
  const { limiter } = runtime;
  if (subjects.length === 0) return { ...NOTHING_TAKEN, tokens };
  const request = requestOf(requestId, principal, tokens, runtime);
  if (!limiter.take) return granted('admit', request, runtime);
  const known = parts.admission ?? NOTHING_TAKEN;
  if (!subjects.some(({ limits }) => limits.tokensPerMinute !== undefined)) return { ...known, tokens };
  return granted('take', request, runtime);
}

function requestOf(id: string, { account, subjects }: Principal, tokens: number, { settings }: Runtime): AdmitRequest {
  const leaseMs = settings.timeouts.totalMs + LEASE_MARGIN_MS;
  return { id, group: account.id, subjects, tokens, leaseMs };
}

function granted(
  step: 'admit' | 'take',
  request: AdmitRequest,
  { limiter, settings }: Runtime,
): MaybePromise<AdmissionGrant> {
  const decided = guarded<Admission>(
    () => limiter[step]?.(request) ?? NO_LIMITER,
    (cause) => (settings.onLimiterError === 'open' ? NO_LIMITER : unreachable(cause)),
  );
  return isThenable(decided) ? decided.then((admission) => grantOf(admission, request)) : grantOf(decided, request);
}

const NO_LIMITER: Admission = { ok: true, states: [] };

/** @throws {RateLimitError} */
function grantOf(admission: Admission, { tokens }: AdmitRequest): AdmissionGrant {
  if (!admission.ok) throw new RateLimitError(admission.refused, admission.retryAfterMs, admission.states);
  return { tokens, open: true, states: admission.states };
}

function estimateTokens(operation: Operation, { subjects }: Principal, { model }: Resolution): number {
  const input = operation.input.estimatedTokens;
  const { output } = operation;
  let capacity = Number.POSITIVE_INFINITY;
  for (const { limits } of subjects) capacity = Math.min(capacity, limits.tokensPerMinute ?? capacity);
  const certain = input + (output?.limit === undefined ? 0 : output.limit * output.choices);
  if (certain > capacity) {
    const message = `The request needs about ${certain} tokens, but the limit is ${capacity} tokens per minute.`;
    throw new GatewayError('tokens_exceed_limit', { message, type: 'tokens' });
  }
  if (output === undefined || output.limit !== undefined) return certain;
  return Math.min(capacity, input + Math.min(EXPECTED_OUTPUT_TOKENS, model.maxOutputTokens) * output.choices);
}

const UNITS: Readonly<Record<LimitKind, string>> = {
  requests: 'requests per minute',
  tokens: 'tokens per minute',
  concurrency: 'requests at the same time',
};

/** A refusal by a limit, with the state of all limits. */
export class RateLimitError extends GatewayError {
  readonly states: readonly LimitState[];

  constructor(refused: LimitState, retryAfterMs: number, states: readonly LimitState[]) {
    super('rate_limit_exceeded', {
      message: messageOf(refused, retryAfterMs),
      type: refused.kind,
      headers: retryHeaders(retryAfterMs, refused.kind),
    });
    this.states = states;
  }
}

function messageOf(refused: LimitState, retryAfterMs: number): string {
  const scope = refused.subject.startsWith('key:') ? 'API key' : 'account';
  return `Rate limit reached: this ${scope} may use ${refused.limit} ${UNITS[refused.kind]}. Please try again in ${seconds(retryAfterMs)}.`;
}

function seconds(ms: number): string {
  return ms < 1_000 ? `${Math.ceil(ms)}ms` : `${Math.ceil(ms / 1_000)}s`;
}
