import { aFunction, checkGiven } from '../lib/option-checks.js';
import { StringMap } from '../lib/string-map.js';
import type {
  Admission,
  AdmitRequest,
  FinishRequest,
  LimitKind,
  LimitState,
  LimitSubject,
  PeekRequest,
  RateLimiter,
} from './rate-limiter.js';
import { covers, levelAt, remainingOf, type TokenBucket, waitFor } from './token-bucket.js';

/** What is kept of one subject. */
interface SubjectState {
  requests?: TokenBucket;
  tokens?: TokenBucket;
  /** Lease ends by request id. */
  readonly leases: StringMap<number>;
  /** No lease ends before this. */
  voidFrom: number;
  /** When both buckets will be full again. */
  fullAt: number;
}

/** A subject with its levels at the instant of a decision. */
interface Reading {
  readonly subject: LimitSubject;
  readonly state: SubjectState;
  /** True when the state is not kept yet. */
  readonly isNew: boolean;
  readonly requests: number;
  readonly tokens: number;
}

interface Refusal {
  readonly subject: string;
  readonly kind: LimitKind;
  readonly waitMs: number;
}

/** A limiter that answers at once. */
export interface MemoryRateLimiter extends RateLimiter {
  admit(request: AdmitRequest): Admission;
  take(request: AdmitRequest): Admission;
  finish(result: FinishRequest): void;
  peek(request: PeekRequest): LimitState[];
}

/** Expired entries are swept incrementally: two per decision, those of several decisions together. */
const SWEEP_EVERY = 8;
const SWEEP_STEP = 16;

/**
 * A rate limiter in this process's memory.
 *
 * A subject whose buckets are full again, and a lease that was never released, are forgotten a few at a time with
 * each decision: memory follows the subjects of the last minutes, and no decision pays for all of them.
 *
 * @param options.now a clock in milliseconds that never goes back. @default performance.now
 * @throws {TypeError} for options that are unknown or malformed.
 */
export function memoryRateLimiter(options: { readonly now?: () => number } = {}): MemoryRateLimiter {
  checkGiven('memoryRateLimiter', options, { now: aFunction });
  const now = options.now ?? (() => performance.now());
  const subjects = new Map<string, SubjectState>();
  /** Lease ends of open requests that take no lease of a subject. */
  const open = new StringMap<number>();
  const forgetSubjects = sweeper(subjects, (state, at) => state.fullAt <= at && dropVoid(state, at) === 0);
  const forgetOpen = sweeper(open, (leaseEnd, at) => leaseEnd <= at);

  return {
    admit(request) {
      const at = now();
      forgetSubjects(at);
      forgetOpen(at);
      const readings = readAll(subjects, request.subjects, at);
      const refusal = longestRefusal(readings, request.tokens, at);
      if (refusal) return refusedBy(refusal, readings);
      for (const reading of readings) {
        take(reading, request, at);
        if (reading.isNew) subjects.set(reading.subject.subject, reading.state);
      }
      if (!leaseHolder(request.subjects)) open.set(request.id, at + request.leaseMs);
      return { ok: true, states: statesOf(readings, 1, request.tokens) };
    },
    take: (request) => takeTokens(subjects, request, now()),
    finish(result) {
      const holder = leaseHolder(result.subjects);
      const isOpen = holder ? subjects.get(holder.subject)?.leases.delete(result.id) : open.delete(result.id);
      if (!isOpen) return;
      const at = now();
      for (const subject of result.subjects) {
        const state = subjects.get(subject.subject);
        const reading = read(subject, state, at);
        if (correct(reading, result, at) && reading.isNew) subjects.set(subject.subject, reading.state);
      }
    },
    peek: (request) => statesOf(readAll(subjects, request.subjects, now()), 0, 0),
  };
}

type Subjects = Map<string, SubjectState>;

/** Takes tokens for a request that was admitted before its size was known. */
function takeTokens(subjects: Subjects, request: AdmitRequest, at: number): Admission {
  const readings = readAll(subjects, request.subjects, at);
  const refusal = longestTokenRefusal(readings, request.tokens);
  if (refusal) return refusedBy(refusal, readings);
  for (const { subject, state, tokens, isNew } of readings) {
    const capacity = subject.limits.tokensPerMinute;
    if (capacity === undefined) continue;
    setTokens(state, tokens - request.tokens, capacity, at);
    if (isNew) subjects.set(subject.subject, state);
  }
  return { ok: true, states: statesOf(readings, 0, request.tokens) };
}

function readAll(subjects: Subjects, limited: readonly LimitSubject[], at: number): Reading[] {
  const readings: Reading[] = [];
  for (const subject of limited) readings.push(read(subject, subjects.get(subject.subject), at));
  return readings;
}

/** The subject whose leases decide whether a request is open; without one they are kept apart. */
function leaseHolder(subjects: readonly LimitSubject[]): LimitSubject | undefined {
  for (const subject of subjects) if (subject.limits.concurrentRequests !== undefined) return subject;
  return undefined;
}

function read(subject: LimitSubject, known: SubjectState | undefined, at: number): Reading {
  const state: SubjectState = known ?? { leases: new StringMap(), voidFrom: Number.POSITIVE_INFINITY, fullAt: at };
  const { requestsPerMinute, tokensPerMinute } = subject.limits;
  if (state.voidFrom <= at) dropVoid(state, at);
  return {
    subject,
    state,
    isNew: known === undefined,
    requests: requestsPerMinute === undefined ? 0 : levelAt(state.requests, requestsPerMinute, at),
    tokens: tokensPerMinute === undefined ? 0 : levelAt(state.tokens, tokensPerMinute, at),
  };
}

function refusedBy(refusal: Refusal, readings: readonly Reading[]): Admission {
  const states = statesOf(readings, 0, 0);
  const refused = states.find((state) => state.subject === refusal.subject && state.kind === refusal.kind);
  if (!refused) throw new Error('a limit that refuses has a state');
  return { ok: false, refused, retryAfterMs: Math.max(1, Math.ceil(refusal.waitMs)), states };
}

function longestTokenRefusal(readings: readonly Reading[], cost: number): Refusal | undefined {
  let longest: Refusal | undefined;
  for (const { subject, tokens } of readings) {
    const { tokensPerMinute } = subject.limits;
    if (tokensPerMinute !== undefined && !covers(tokens, cost)) {
      longest = longer(longest, subject, 'tokens', waitFor(tokens, cost, tokensPerMinute));
    }
  }
  return longest;
}

function longestRefusal(readings: readonly Reading[], cost: number, at: number): Refusal | undefined {
  let longest: Refusal | undefined;
  for (const { subject, state, requests, tokens } of readings) {
    const { requestsPerMinute, tokensPerMinute, concurrentRequests } = subject.limits;
    if (requestsPerMinute !== undefined && !covers(requests, 1)) {
      longest = longer(longest, subject, 'requests', waitFor(requests, 1, requestsPerMinute));
    }
    if (tokensPerMinute !== undefined && !covers(tokens, cost)) {
      longest = longer(longest, subject, 'tokens', waitFor(tokens, cost, tokensPerMinute));
    }
    if (concurrentRequests !== undefined && state.leases.size >= concurrentRequests) {
      longest = longer(longest, subject, 'concurrency', leaseWait(state.leases, concurrentRequests, at));
    }
  }
  return longest;
}

function longer(known: Refusal | undefined, { subject }: LimitSubject, kind: LimitKind, waitMs: number): Refusal {
  return known && known.waitMs >= waitMs ? known : { subject, kind, waitMs };
}

function take({ subject, state, requests, tokens }: Reading, request: AdmitRequest, at: number): void {
  const { requestsPerMinute, tokensPerMinute, concurrentRequests } = subject.limits;
  if (requestsPerMinute !== undefined) setRequests(state, requests - 1, requestsPerMinute, at);
  if (tokensPerMinute !== undefined) setTokens(state, tokens - request.tokens, tokensPerMinute, at);
  if (concurrentRequests !== undefined) {
    state.leases.set(request.id, at + request.leaseMs);
    state.voidFrom = Math.min(state.voidFrom, at + request.leaseMs);
  }
}

/** Gives the lease back and corrects the tokens; false when nothing is left to remember. */
function correct({ subject, state, requests, tokens }: Reading, result: FinishRequest, at: number): boolean {
  state.leases.delete(result.id);
  const { requestsPerMinute } = subject.limits;
  if (result.refused && state.requests && requestsPerMinute !== undefined) {
    setRequests(state, Math.min(requestsPerMinute, requests + 1), requestsPerMinute, at);
  }
  const capacity = subject.limits.tokensPerMinute;
  if (capacity === undefined) return false;
  setTokens(state, tokens + result.estimatedTokens - result.actualTokens, capacity, at);
  return true;
}

function setRequests(state: SubjectState, level: number, capacity: number, at: number): void {
  if (state.requests) fill(state.requests, level, at);
  else state.requests = { level, at };
  state.fullAt = Math.max(state.fullAt, at + waitFor(level, capacity, capacity));
}

function setTokens(state: SubjectState, level: number, capacity: number, at: number): void {
  if (state.tokens) fill(state.tokens, level, at);
  else state.tokens = { level, at };
  state.fullAt = Math.max(state.fullAt, at + waitFor(level, capacity, capacity));
}

function statesOf(readings: readonly Reading[], taken: number, cost: number): LimitState[] {
  const states: LimitState[] = [];
  for (const { subject: limited, state, requests, tokens } of readings) {
    const { subject, limits } = limited;
    const { requestsPerMinute, tokensPerMinute, concurrentRequests } = limits;
    if (requestsPerMinute !== undefined)
      states.push(bucketState(subject, 'requests', requests - taken, requestsPerMinute));
    if (tokensPerMinute !== undefined) states.push(bucketState(subject, 'tokens', tokens - cost, tokensPerMinute));
    if (concurrentRequests !== undefined) {
      const remaining = Math.max(0, concurrentRequests - state.leases.size);
      states.push({ subject, kind: 'concurrency', limit: concurrentRequests, remaining, resetMs: 0 });
    }
  }
  return states;
}

function bucketState(subject: string, kind: LimitKind, level: number, limit: number): LimitState {
  return { subject, kind, limit, remaining: remainingOf(level), resetMs: waitFor(level, limit, limit) };
}

function fill(bucket: TokenBucket, level: number, at: number): void {
  bucket.level = level;
  bucket.at = at;
}

/** Milliseconds until enough leases expire for one more to fit. */
function leaseWait(leases: StringMap<number>, limit: number, at: number): number {
  const ends = Array.from(leases.entries(), ([, end]) => end).sort((a, b) => a - b);
  return (ends[leases.size - limit] ?? at) - at;
}

/** Drops the leases that ran out; returns how many are left. */
function dropVoid(state: SubjectState, at: number): number {
  let first = Number.POSITIVE_INFINITY;
  for (const [id, end] of state.leases.entries()) {
    if (end <= at) state.leases.delete(id);
    else first = Math.min(first, end);
  }
  state.voidFrom = first;
  return state.leases.size;
}

/** What a sweeper goes through. */
interface Sweepable<V> {
  entries(): Iterator<[string, V]>;
  delete(key: string): boolean;
}

/** Sweeps a map in a circle, a few items per call, and deletes those that have expired. */
function sweeper<V>(map: Sweepable<V>, isDone: (value: V, at: number) => boolean): (at: number) => void {
  let walk = map.entries();
  let calls = 0;
  return (at) => {
    calls = (calls + 1) % SWEEP_EVERY;
    if (calls > 0) return;
    for (let i = 0; i < SWEEP_STEP; i++) {
      const next = walk.next();
      if (next.done) {
        walk = map.entries();
        return;
      }
      const [key, value] = next.value;
      if (isDone(value, at)) map.delete(key);
    }
  };
}
