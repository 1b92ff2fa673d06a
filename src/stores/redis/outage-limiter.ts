import { memoryRateLimiter } from '../../limits/memory-rate-limiter.js';
import type {
  Admission,
  AdmitRequest,
  FinishRequest,
  LimitState,
  Limits,
  PeekRequest,
} from '../../limits/rate-limiter.js';

/** What decides while Redis is away; see `RedisRateLimiterOptions.onUnavailable`. */
export type OutagePolicy = 'insurance' | 'open' | 'closed';

/** Decides while Redis is away. Under the policy `closed` every decision throws the reason instead. */
export class OutageLimiter {
  readonly #policy: OutagePolicy;
  readonly #processes: number;
  readonly #insurance = memoryRateLimiter();
  /** Ids that the insurance admitted: only it knows their leases. */
  readonly #insured = new Set<string>();

  /** @param processes how many share the limits: the insurance gives each request this part of them. */
  constructor(policy: OutagePolicy, processes: number) {
    this.#policy = policy;
    this.#processes = processes;
  }

  admit(request: AdmitRequest, reason: unknown): Admission {
    if (this.#isOpen(reason)) return { ok: true, states: [] };
    const admission = this.#insurance.admit(shareOf(request, this.#processes));
    if (admission.ok) this.#insured.add(request.id);
    return admission;
  }

  /** True for a request that the insurance admitted, and has to go on with. */
  admitted(id: string): boolean {
    return this.#insured.has(id);
  }

  take(request: AdmitRequest, reason: unknown): Admission {
    if (!this.admitted(request.id) && this.#isOpen(reason)) return { ok: true, states: [] };
    return this.#insurance.take(shareOf(request, this.#processes));
  }

  peek(request: PeekRequest, reason: unknown): LimitState[] {
    if (this.#isOpen(reason)) return [];
    return this.#insurance.peek(shareOf({ ...request, tokens: 0 }, this.#processes));
  }

  /** Finishes a request that the insurance admitted; false for any other. */
  finish(result: FinishRequest): boolean {
    if (!this.#insured.delete(result.id)) return false;
    const { tokens, subjects } = shareOf({ ...result, tokens: result.estimatedTokens }, this.#processes);
    this.#insurance.finish({ ...result, subjects, estimatedTokens: tokens });
    return true;
  }

  #isOpen(reason: unknown): boolean {
    if (this.#policy === 'closed') throw reason;
    return this.#policy === 'open';
  }
}

/** The request at this process's share of its limits, at least 1; its tokens fit into the smaller bucket. */
function shareOf<T extends PeekRequest & { readonly tokens: number }>(request: T, processes: number): T {
  const share = (limit: number) => Math.max(1, Math.floor(limit / processes));
  const subjects = request.subjects.map(({ subject, limits }) => ({
    subject,
    limits: Object.fromEntries(Object.entries(limits).map(([name, limit]) => [name, share(limit)])) as Limits,
  }));
  const capacity = Math.min(...subjects.map(({ limits }) => limits.tokensPerMinute ?? Number.POSITIVE_INFINITY));
  return { ...request, subjects, tokens: Math.min(request.tokens, capacity) };
}
