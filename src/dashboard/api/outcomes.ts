import type { RequestInfo } from '../../management/requests.js';

/** How one target or model did. Times are in milliseconds; null where nothing was answered. */
export interface Outcomes {
  readonly id: string;
  readonly tries: number;
  readonly failed: number;
  readonly p50: number | null;
  readonly p95: number | null;
  readonly firstToken: number | null;
  readonly lastError: string | null;
}

/** How the targets of some requests did, the busiest first. */
export function targetOutcomes(requests: readonly RequestInfo[]): Outcomes[] {
  return outcomesOf(requests.flatMap(attemptsOf));
}

/** How the models of some requests did, whichever target answered; the busiest first. */
export function modelOutcomes(requests: readonly RequestInfo[]): Outcomes[] {
  return outcomesOf(requests.flatMap(modelOf));
}

/** How the service as a whole did. */
export function allOutcomes(requests: readonly RequestInfo[]): Outcomes | undefined {
  return outcomesOf(requests.flatMap(modelOf).map((one) => ({ ...one, id: '' })))[0];
}

interface Try {
  readonly id: string;
  readonly durationMs: number;
  readonly firstTokenMs: number | null;
  readonly error: string | null;
}

function attemptsOf({ attempts, firstTokenMs }: RequestInfo): Try[] {
  return attempts.map(({ provider, model, durationMs, fault, message }, index) => ({
    id: `${provider}/${model}`,
    durationMs,
    firstTokenMs: index === attempts.length - 1 ? firstTokenMs : null,
    error: fault === null ? null : (message ?? fault),
  }));
}

/** A mistake of the client says nothing about a model. */
function modelOf({ model, status, code, message, durationMs, firstTokenMs }: RequestInfo): Try[] {
  if (model === null || (status >= 400 && status < 500)) return [];
  return [{ id: model, durationMs, firstTokenMs, error: status >= 500 ? (message ?? code ?? String(status)) : null }];
}

function outcomesOf(tries: readonly Try[]): Outcomes[] {
  const groups = new Map<string, Try[]>();
  for (const one of tries) groups.set(one.id, [...(groups.get(one.id) ?? []), one]);
  return [...groups]
    .map(([id, group]) => {
      const answered = group.filter(({ error }) => error === null);
      const times = answered.map(({ durationMs }) => durationMs).sort((a, b) => a - b);
      const first = answered.flatMap(({ firstTokenMs }) => firstTokenMs ?? []).sort((a, b) => a - b);
      return {
        id,
        tries: group.length,
        failed: group.length - answered.length,
        p50: quantile(times, 0.5),
        p95: quantile(times, 0.95),
        firstToken: quantile(first, 0.5),
        lastError: group.find(({ error }) => error !== null)?.error ?? null,
      };
    })
    .sort((a, b) => b.tries - a.tries);
}

function quantile(sorted: readonly number[], share: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? null;
}
