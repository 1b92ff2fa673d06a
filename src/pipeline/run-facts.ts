import type { GatewayError } from '../lib/errors.js';
import type { NanoUsd } from '../lib/money.js';
import type { RequestFacts } from '../meter/usage-listeners.js';
import { type EndFacts, rounded } from '../observe/observation.js';
import type { Ending } from './ending.js';
import type { LogFacts } from './log-facts.js';
import type { RunParts } from './run-parts.js';

/** The part of a run that reports are made from. */
export interface Reportable {
  readonly parts: Readonly<RunParts>;
  readonly route: { readonly path: string };
  /** What it was charged. */
  readonly charged: NanoUsd;
  /** On the clock of `performance.now()`. */
  readonly startedAt: number;
  /** When the first text of a stream left; 0: none did. */
  readonly firstTokenAt: number;
  readonly attempts: number;
}

export function requestFacts(run: Reportable): RequestFacts {
  const { startedAt, firstTokenAt, attempts, parts, route } = run;
  return {
    route: parts.operation?.route ?? route.path,
    stream: parts.operation?.stream ?? false,
    durationMs: rounded(performance.now() - startedAt),
    firstTokenMs: firstTokenAt === 0 ? null : rounded(firstTokenAt - startedAt),
    attempts,
  };
}

export function logFacts(run: Reportable): LogFacts {
  const { principal, operation } = run.parts;
  const { route, durationMs, attempts } = requestFacts(run);
  return {
    accountId: principal?.account.id,
    keyId: principal?.keyId ?? undefined,
    route,
    model: operation?.model,
    durationMs,
    attempts,
  };
}

/** The report for observers at the end. @param error undefined: it was answered. */
export function endFacts(run: Reportable, { outcome, usage }: Ending, error: GatewayError | undefined): EndFacts {
  const { principal, operation, hold } = run.parts;
  const { route, stream, durationMs, firstTokenMs } = requestFacts(run);
  return {
    accountId: principal?.account.id ?? null,
    plan: principal?.plan.name ?? null,
    keyId: principal?.keyId ?? null,
    via: principal?.via ?? 'key',
    endUser: principal?.endUser ?? null,
    session: principal?.session ?? null,
    tags: principal && Object.keys(principal.tags).length > 0 ? principal.tags : null,
    route,
    stream,
    model: operation?.model ?? null,
    status: error?.status ?? (outcome === 'aborted' ? CLIENT_GONE : 200),
    code: error ? (error.publicCode ?? error.code) : null,
    message: error?.message ?? null,
    outcome: hold ? outcome : null,
    durationMs,
    firstTokenMs,
    usage: usage.source === 'none' ? null : usage,
    cost: run.charged,
  };
}

/** What proxies log for a client that left. */
const CLIENT_GONE = 499;
