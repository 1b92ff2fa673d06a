import { guarded } from '../lib/maybe-promise.js';
import type { AttemptRecord } from '../requests/request-record.js';
import { providerRequestId } from '../upstream/provider-request-id.js';
import type { Transport } from '../upstream/transport.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import { observedTransport } from './observed-transport.js';
import type { AttemptTarget, RequestFollower, RequestObserver, RequestReport, RequestStart } from './observer.js';

/** What is known of a request at its end, beyond what was seen on the way. */
export type EndFacts = Omit<
  RequestReport,
  'id' | 'at' | 'attempts' | 'providerRequestId' | 'provider' | 'upstreamModel' | 'dropped'
>;

/** Collects what happens to one request, and notifies the observers. Made only if there are any. */
export class Observation {
  readonly #start: RequestStart;
  readonly #observers: readonly RequestObserver[];
  readonly #followers: readonly RequestFollower[];
  readonly #onFault: (thrown: unknown) => void;
  readonly #attempts: AttemptRecord[] = [];
  readonly #maxCharacters: number;
  #attempt: { readonly target: AttemptTarget; readonly startedAt: number } | undefined;
  /** Of the running attempt. */
  #status: number | null = null;
  #providerRequestId: string | null = null;
  #dropped: readonly string[] = [];
  #requestBody = '';
  #answerBody = '';
  #ended = false;

  /** @param onFault receives what an observer throws. */
  constructor(start: RequestStart, observers: readonly RequestObserver[], onFault: (thrown: unknown) => void) {
    this.#start = start;
    this.#observers = observers;
    this.#onFault = onFault;
    this.#maxCharacters = Math.max(0, ...observers.map(({ bodyCharacters = 0 }) => bodyCharacters));
    const followers: RequestFollower[] = [];
    for (const observer of observers) {
      this.#safely(() => {
        const follower = observer.begin?.(start);
        if (follower) followers.push(follower);
      });
    }
    this.#followers = followers;
  }

  /** True when observers want to know the bodies. */
  get wantsBodies(): boolean {
    return this.#maxCharacters > 0;
  }

  /** Begins an attempt at a target; `attempted` ends it. */
  attempt<T>(target: AttemptTarget, work: () => T): T {
    this.#attempt = { target, startedAt: performance.now() };
    [this.#status, this.#providerRequestId] = [null, null];
    let run = work;
    for (const follower of this.#followers) {
      const inner = run;
      if (follower.attempt) run = () => follower.attempt?.(target, inner) ?? inner();
    }
    return run();
  }

  /** The attempt that was begun last has ended. @param failure undefined: it succeeded. */
  attempted(failure?: unknown): void {
    if (!this.#attempt) return;
    const { target, startedAt } = this.#attempt;
    this.#attempt = undefined;
    const error = UpstreamError.isInstance(failure) ? failure : undefined;
    const attempt: AttemptRecord = {
      provider: target.provider,
      model: target.model,
      durationMs: rounded(performance.now() - startedAt),
      status: error?.status ?? this.#status,
      fault: failure === undefined ? null : (error?.fault ?? 'cancelled'),
      message: error?.providerMessage ?? null,
      providerRequestId: error?.requestId ?? this.#providerRequestId,
    };
    this.#attempts.push(attempt);
    for (const follower of this.#followers) this.#safely(() => follower.attempted?.(attempt));
  }

  /** The transport for the running attempt. */
  transport(transport: Transport): Transport {
    return observedTransport(transport, ({ status, headers }) => {
      this.#status = status;
      this.#providerRequestId = providerRequestId(headers) ?? null;
    });
  }

  /** Fields of the request that its answer did without. */
  dropped(fields: readonly string[]): void {
    this.#dropped = fields;
  }

  requestBody(text: string): void {
    this.#requestBody = text.slice(0, this.#maxCharacters);
  }

  /** A piece of the answer. */
  answerBody(text: string): void {
    const left = this.#maxCharacters - this.#answerBody.length;
    if (left > 0) this.#answerBody += text.slice(0, left);
  }

  /** The end; later calls change nothing. */
  end(facts: EndFacts): void {
    if (this.#ended) return;
    this.#ended = true;
    this.attempted(new Error('the request ended'));
    const last = this.#attempts.at(-1);
    const report: RequestReport = {
      id: this.#start.id,
      at: this.#start.at,
      ...facts,
      provider: last?.provider ?? null,
      upstreamModel: last?.model ?? null,
      providerRequestId: last?.providerRequestId ?? null,
      attempts: this.#attempts,
      dropped: this.#dropped,
      ...(this.wantsBodies && { requestBody: this.#requestBody, answerBody: this.#answerBody }),
    };
    for (const follower of this.#followers) this.#safely(() => follower.ended?.(report));
    for (const observer of this.#observers) this.#safely(() => observer.ended?.(report));
  }

  #safely(work: () => unknown): void {
    void guarded(work, (thrown) => this.#onFault(thrown));
  }
}

/** Milliseconds with two decimals. */
export function rounded(ms: number): number {
  return Math.round(ms * 100) / 100;
}
