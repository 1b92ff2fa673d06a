import type { AttemptRecord } from '../requests/request-record.js';
import { providerRequestId } from '../upstream/provider-request-id.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import type { AttemptTarget, RequestFollower, RequestObserver, RequestReport, RequestStart } from './observer.js';

/** What a request's end adds to what was seen on the way. */
export type EndFacts = Omit<
  RequestReport,
  | 'id'
  | 'at'
  | 'route'
  | 'attempts'
  | 'durationMs'
  | 'firstTokenMs'
  | 'providerRequestId'
  | 'provider'
  | 'upstreamModel'
>;

/** Collects what is seen of one request, and tells the observers. Made only when there are any. */
export class Observation {
  readonly #start: RequestStart;
  readonly #startedAt = performance.now();
  readonly #observers: readonly RequestObserver[];
  readonly #followers: readonly RequestFollower[];
  readonly #onFault: (thrown: unknown) => void;
  readonly #attempts: AttemptRecord[] = [];
  readonly #maxCharacters: number;
  #firstTokenMs: number | null = null;
  /** Of the running attempt. */
  #status: number | null = null;
  #providerRequestId: string | null = null;
  #requestBody = '';
  #answerBody = '';
  #ended = false;

  /** @param onFault told what an observer throws. */
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

  get attempts(): number {
    return this.#attempts.length;
  }

  /** Runs one attempt at a target and notes how it went. */
  async attempt<T>(target: AttemptTarget, work: () => Promise<T>): Promise<T> {
    const started = performance.now();
    [this.#status, this.#providerRequestId] = [null, null];
    let failure: unknown;
    let run = work;
    for (const follower of this.#followers) {
      const inner = run;
      if (follower.attempt) run = () => follower.attempt?.(target, inner) ?? inner();
    }
    try {
      return await run();
    } catch (thrown) {
      failure = thrown;
      throw thrown;
    } finally {
      this.#attempted(target, performance.now() - started, failure);
    }
  }

  /** The provider of the running attempt answered. */
  answered(status: number, headers: Readonly<Record<string, string>>): void {
    this.#status = status;
    this.#providerRequestId = providerRequestId(headers) ?? null;
  }

  /** Something of the answer is on its way to the client. */
  firstToken(): void {
    this.#firstTokenMs ??= round(performance.now() - this.#startedAt);
  }

  requestBody(text: string): void {
    if (this.wantsBodies) this.#requestBody = text.slice(0, this.#maxCharacters);
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
    const { id, at, route } = this.#start;
    const last = this.#attempts.at(-1);
    const report: RequestReport = {
      id,
      at,
      ...facts,
      route,
      provider: last?.provider ?? null,
      upstreamModel: last?.model ?? null,
      providerRequestId: last?.providerRequestId ?? null,
      attempts: this.#attempts,
      durationMs: round(performance.now() - this.#startedAt),
      firstTokenMs: facts.stream ? this.#firstTokenMs : null,
      ...(this.wantsBodies && { requestBody: this.#requestBody, answerBody: this.#answerBody }),
    };
    for (const follower of this.#followers) this.#safely(() => follower.ended?.(report));
    for (const observer of this.#observers) this.#safely(() => observer.ended?.(report));
  }

  #attempted({ provider, model }: AttemptTarget, durationMs: number, failure: unknown): void {
    const error = UpstreamError.isInstance(failure) ? failure : undefined;
    const attempt: AttemptRecord = {
      provider,
      model,
      durationMs: round(durationMs),
      status: error?.status ?? this.#status,
      fault: failure === undefined ? null : (error?.fault ?? 'cancelled'),
      message: error?.providerMessage ?? null,
      providerRequestId: error?.requestId ?? this.#providerRequestId,
    };
    this.#attempts.push(attempt);
    for (const follower of this.#followers) this.#safely(() => follower.attempted?.(attempt));
  }

  #safely(work: () => void): void {
    try {
      work();
    } catch (thrown) {
      this.#onFault(thrown);
    }
  }
}

function round(ms: number): number {
  return Math.round(ms * 100) / 100;
}
