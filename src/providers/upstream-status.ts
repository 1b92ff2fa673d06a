import { GatewayError, type GatewayErrorCode, type GatewayErrorDetails } from '../lib/errors.js';
import { UpstreamError, type UpstreamFault } from '../upstream/upstream-error.js';

/** A provider's error response (or error event), in the provider's own terms. */
export interface UpstreamProblem {
  /** The HTTP status, or the one that an error event stands for; 529 is Anthropic's "overloaded". */
  readonly status: number;
  /** True for an error event inside a stream: the fault is then `event`. */
  readonly inStream?: boolean;
  readonly headers: Readonly<Record<string, string>>;
  /** Text for the client, free of secrets and host names; used only where the client can act on it (4xx). */
  readonly message?: string | undefined;
  /** The provider's code for a 4xx that is passed on. */
  readonly publicCode?: string | null | undefined;
  /** The field at fault, in the client's terms. */
  readonly param?: string | undefined;
  /** What the status alone does not say. */
  readonly reason?: UpstreamReason | undefined;
  /** Replaces what the headers say (Gemini puts it into the body). */
  readonly retryAfterMs?: number | undefined;
}

/**
 * `credential`: the gateway's own key was refused. `quota`: the gateway's own account is out of money or out of its
 * daily quota. The others can be fixed by the client.
 */
export type UpstreamReason = 'credential' | 'quota' | 'context_length' | 'content_policy' | 'unknown_model';

/**
 * The one table from a provider's status to the fault and to what the client sees.
 *
 * 401, 402, 403 and exhausted quota concern the gateway's account and are never shown as the client's; 429, 503 and 529
 * are `upstream_unavailable` with a `retry-after` of 1 to 60 s; 400, 404, 409, 413 and 422 are passed on with their
 * text; whatever else fails is `upstream_error`.
 */
export function statusError(problem: UpstreamProblem): UpstreamError {
  const { retryAfterMs: asked = Number.NaN } = problem;
  const retryAfterMs = asked >= 0 ? asked : readRetryAfter(problem.headers);
  const [fault, code, details] = verdict(problem);
  const headers = code === 'upstream_unavailable' && fault !== 'auth' ? retryAfterHeader(retryAfterMs) : undefined;
  return new UpstreamError(fault, new GatewayError(code, { ...details, ...(headers && { headers }) }), {
    status: problem.status,
    ...(fault !== 'auth' && { providerMessage: problem.message }),
    ...(retryAfterMs !== undefined && { retryAfterMs }),
    cause: new Error(`the provider answered ${problem.status}${problem.message ? `: ${problem.message}` : ''}`),
  });
}

/**
 * How long to wait, from `retry-after-ms` or `retry-after` (seconds, or a date read against the answer's own `date`).
 *
 * @returns milliseconds, or undefined when the headers say nothing usable.
 */
export function readRetryAfter(headers: Readonly<Record<string, string>>, now = Date.now()): number | undefined {
  const milliseconds = positiveNumber(headers['retry-after-ms']);
  if (milliseconds !== undefined) return Math.ceil(milliseconds);
  const value = headers['retry-after'];
  const seconds = positiveNumber(value);
  if (seconds !== undefined) return Math.ceil(seconds * 1_000);
  if (value === undefined || !/[a-z]{3}/i.test(value)) return undefined;
  const then = Date.parse(value);
  if (Number.isNaN(then)) return undefined;
  const sent = Date.parse(headers.date ?? '');
  return Math.max(0, then - (Number.isNaN(sent) ? now : sent));
}

type Verdict = readonly [fault: UpstreamFault, code: GatewayErrorCode, details?: GatewayErrorDetails];

function verdict(problem: UpstreamProblem): Verdict {
  const fault: UpstreamFault = problem.inStream ? 'event' : 'status';
  if (problem.reason === 'context_length') {
    return [fault, 'context_length_exceeded', { ...passedOn(problem), param: problem.param ?? 'messages' }];
  }
  if (problem.reason === 'content_policy') return [fault, 'content_policy_violation', passedOn(problem)];
  if (problem.reason === 'unknown_model') return [fault, 'model_not_found', passedOn(problem)];
  if (problem.reason === 'credential') return ['auth', 'upstream_error'];
  if (problem.reason === 'quota') return ['auth', 'upstream_unavailable'];
  switch (problem.status) {
    case 401:
    case 403:
      return ['auth', 'upstream_error'];
    case 402:
      return ['auth', 'upstream_unavailable'];
    case 400:
    case 422:
      return [fault, 'invalid_request', providersOwn(problem)];
    case 404:
      return problem.message === undefined ? [fault, 'upstream_error'] : [fault, 'not_found', providersOwn(problem)];
    case 409:
      return [fault, 'conflict', providersOwn(problem)];
    case 413:
      return [fault, 'request_too_large', passedOn(problem)];
    case 408:
    case 504:
    case 524:
      return [fault, 'upstream_timeout'];
    case 429:
    case 498:
    case 503:
    case 529:
      return [fault, 'upstream_unavailable'];
    default:
      return [fault, 'upstream_error'];
  }
}

function passedOn({ message, param }: UpstreamProblem): GatewayErrorDetails {
  return { ...(message && { message }), ...(param && { param }) };
}

function providersOwn(problem: UpstreamProblem): GatewayErrorDetails {
  return { ...passedOn(problem), status: problem.status, publicCode: problem.publicCode ?? null };
}

/** SDKs disagree on waits of 0 and of more than a minute, so the client never sees one. */
function retryAfterHeader(retryAfterMs: number | undefined): Record<string, string> {
  const seconds = Math.ceil((retryAfterMs ?? 1_000) / 1_000);
  return { 'retry-after': String(Math.min(60, Math.max(1, seconds))) };
}

function positiveNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,12}(?:\.\d+)?\s*$/.test(text) ? Number(text) : undefined;
}
