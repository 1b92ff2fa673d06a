import type { Admission, LimitKind, LimitState, LimitSubject, Limits } from '../../limits/rate-limiter.js';

const KINDS: readonly (readonly [LimitKind, keyof Limits])[] = [
  ['requests', 'requestsPerMinute'],
  ['tokens', 'tokensPerMinute'],
  ['concurrency', 'concurrentRequests'],
];

/** Reads remaining and time to full of each limit that is set, which follow the first three numbers of an answer. */
export function statesOf(subjects: readonly LimitSubject[], answer: readonly number[]): LimitState[] {
  const states: LimitState[] = [];
  for (const { subject, limits } of subjects)
    for (const [kind, name] of KINDS) {
      const limit = limits[name];
      if (limit === undefined) continue;
      const at = 3 + 2 * states.length;
      states.push({ subject, kind, limit, remaining: answer[at] ?? 0, resetMs: answer[at + 1] ?? 0 });
    }
  return states;
}

/** Reads a decision: its first numbers say whether, else which limit refuses and when to ask again. */
export function toAdmission(subjects: readonly LimitSubject[], answer: readonly number[]): Admission {
  const states = statesOf(subjects, answer);
  const [admitted, index = 0, retryAfterMs = 1] = answer;
  const refused = states[index];
  if (admitted === 1 || !refused) return { ok: true, states };
  return { ok: false, refused, retryAfterMs, states };
}
