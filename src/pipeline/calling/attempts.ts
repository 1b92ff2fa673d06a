import type { Target } from '../../catalog/catalog.js';
import { toGatewayError, withHeaders } from '../../lib/errors.js';
import type { MaybePromise } from '../../lib/maybe-promise.js';
import { UpstreamError, type UpstreamFault } from '../../upstream/upstream-error.js';
import type { Expiry, Watch } from '../../upstream/watchdog.js';
import { UNUSED } from '../ending.js';
import { logFacts } from '../run-facts.js';
import type { Run } from '../run-state.js';
import { chargedAt, credible, unansweredUsage, wholeUsage } from '../streaming/charged-usage.js';
import { BilledFailure, ClientDisconnected, timeoutError } from './call-failures.js';
import type { Cooldown, Permit } from './cooldown.js';
import { adviseRetry, isTargetFault } from './retry-policy.js';

/** Asks one target. */
export type Ask<Answered> = (run: Run, target: Target, watch: Watch) => MaybePromise<Answered>;

/** What was answered, by which target, after how many attempts. */
export interface CallResult<Answered> {
  readonly target: Target;
  readonly attempts: number;
  readonly answer: Answered;
  /** Watches the exchange; whoever observes the answer closes it. */
  readonly watch: Watch;
}

/** Walks the targets of one request. */
export class Attempts<Answered extends { readonly dropped: readonly string[] }> {
  readonly #run: Run;
  readonly #ask: Ask<Answered>;
  readonly #deadline: number;
  /** Targets that this call has not tried, in the order to try them. */
  #untried: readonly Target[];
  /** Providers that have seen this call. */
  readonly #asked: string[] = [];
  #target: Target;
  #permit: Permit | undefined;
  #count = 0;
  /** How often the current target was tried again. */
  #repeats = 0;
  /** Whose retry budget the running attempt uses. */
  #borrowed: Target | undefined;

  constructor(run: Run, ask: Ask<Answered>) {
    this.#run = run;
    this.#ask = ask;
    const { resolution, runtime } = run;
    this.#deadline = performance.now() + runtime.settings.timeouts.totalMs;
    const [first] = resolution.targets;
    if (!first) throw new Error('a model without targets');
    this.#target = first;
    this.#untried = resolution.targets;
    const now = runtime.now();
    // If every target is cooling down, try the first anyway: never refuse without asking a provider.
    if (!this.#moveOn(now)) this.#enter(first, undefined, now);
  }

  async next(): Promise<CallResult<Answered>> {
    const run = this.#run;
    const { observation } = run;
    const { targets, watchdog, now } = run.runtime;
    const target = this.#target;
    this.#count += 1;
    const watch = watchdog.watch(run.work, this.#deadline);
    run.attempts = this.#count;
    run.asked = target;
    try {
      const asked = observation
        ? observation.attempt(target, () => this.#ask(run, target, watch))
        : this.#ask(run, target, watch);
      const answer = await asked;
      observation?.attempted();
      observation?.dropped(answer.dropped);
      targets.cooldown(target).succeeded(now());
      return { target, attempts: this.#count, answer, watch };
    } catch (thrown) {
      watch.close();
      run.asked = undefined;
      const failure = this.#judge(thrown, watch, target);
      observation?.attempted(failure);
      throw failure;
    }
  }

  /** Decides whether and where another attempt follows, and waits for it. */
  async mayFollow(error: unknown): Promise<boolean> {
    if (!UpstreamError.isInstance(error) || performance.now() >= this.#deadline) return false;
    if (this.#run.isDisconnected) return false;
    const { settings, targets, now, random, watchdog } = this.#run.runtime;
    const { operation, work } = this.#run;
    const advice = adviseRetry(error, this.#repeats, operation.stream, settings.retries, random);
    this.#releaseBudget();
    if (advice.elsewhere && this.#moveOn(now())) return true;
    if (!advice.again || !this.#mayAsk(this.#target)) return false;
    this.#repeats += 1;
    if (!(await watchdog.pause(advice.delayMs, work, this.#deadline))) return false;
    this.#permit = targets.cooldown(this.#target).acquire(now(), this.#run.principal.account.id);
    return true;
  }

  /**
   * Takes the next target that is not cooling down. Only a provider that has seen this call before needs room in its
   * retry budget: to any other the attempt is a request like all others.
   */
  #moveOn(now: number): boolean {
    const { targets } = this.#run.runtime;
    for (const target of this.#untried) {
      const permit = targets.cooldown(target).acquire(now, this.#run.principal.account.id);
      if (!permit) continue;
      if (!this.#mayAsk(target)) {
        targets.cooldown(target).abandoned(permit);
        continue;
      }
      this.#enter(target, permit, now);
      return true;
    }
    return false;
  }

  #mayAsk(target: Target): boolean {
    if (!this.#asked.includes(target.provider)) return true;
    if (!this.#run.runtime.targets.budget(target).acquire(this.#run.runtime.now())) return false;
    this.#borrowed = target;
    return true;
  }

  #enter(target: Target, permit: Permit | undefined, now: number): void {
    const { targets } = this.#run.runtime;
    this.#untried = this.#untried.length === 1 ? NONE : this.#untried.filter((other) => other !== target);
    this.#target = target;
    this.#permit = permit;
    this.#repeats = 0;
    if (this.#asked.includes(target.provider)) return;
    this.#asked.push(target.provider);
    targets.budget(target).request(now);
  }

  /** Names the failure and notes what it says about the target. */
  #judge(thrown: unknown, watch: Watch, target: Target): unknown {
    const cooldown = this.#run.runtime.targets.cooldown(target);
    const permit = this.#permit;
    this.#permit = undefined;
    if (!watch.expired && this.#run.work.canceled) {
      cooldown.abandoned(permit);
      return this.#disconnected(thrown, target);
    }
    const error = watch.expired ? this.#expired(watch.expired, thrown) : thrown;
    if (!UpstreamError.isInstance(error)) {
      cooldown.abandoned(permit);
      return error;
    }
    this.#log(error, target);
    if (error.fault === 'too_large' || error.billed) {
      cooldown.abandoned(permit);
      return this.#billed(error, target);
    }
    this.#coolDown(error, cooldown, permit);
    return error;
  }

  /** A request that no provider received costs nothing. */
  #disconnected(thrown: unknown, target: Target): ClientDisconnected {
    if (UpstreamError.isInstance(thrown) && thrown.fault === 'connect') return new ClientDisconnected(UNUSED);
    const usage = chargedAt(this.#run, target, undefined, () => unansweredUsage(this.#run, target));
    return new ClientDisconnected({ outcome: 'aborted', usage, target });
  }

  #log(error: UpstreamError, target: Target): void {
    const { logger } = this.#run.runtime;
    const fields = {
      requestId: this.#run.requestId,
      target: target.id,
      fault: error.fault,
      status: error.status,
      ...logFacts(this.#run),
      providerRequestId: error.requestId,
      message: error.cause instanceof Error ? error.cause.message : error.message,
    };
    if (error.fault === 'auth') logger.error(fields, "a provider refused the gateway's credential");
    else logger.warn(fields, 'an attempt at a provider failed');
  }

  #billed(error: UpstreamError, target: Target): BilledFailure {
    const usage = error.billed
      ? chargedAt(this.#run, target, credible(error.billed), () => wholeUsage(this.#run, target))
      : wholeUsage(this.#run, target);
    return new BilledFailure({ outcome: 'error', usage, target }, error.clientError, error);
  }

  #coolDown(error: UpstreamError, cooldown: Cooldown, permit: Permit | undefined): void {
    const { principal, runtime } = this.#run;
    const asksForPause = error.status === 429 && error.retryAfterMs !== undefined && !error.ownCredential;
    if (asksForPause) cooldown.paused(runtime.now(), error.retryAfterMs, permit, principal.account.id);
    else if (isTargetFault(error)) cooldown.failed(runtime.now(), suspectOf(error.fault, this.#run));
    else cooldown.abandoned(permit);
  }

  /** A whole answer that stopped halfway had been begun, and has been billed. */
  #expired(expired: Expiry, thrown: unknown): UpstreamError {
    const error = timeoutError(expired, thrown);
    if (expired !== 'idle' || this.#run.operation.stream) return error;
    return new UpstreamError('truncated', error.clientError, { cause: thrown });
  }

  #releaseBudget(): void {
    if (this.#borrowed) this.#run.runtime.targets.budget(this.#borrowed).release();
    this.#borrowed = undefined;
  }

  done(): void {
    this.#releaseBudget();
  }

  /** The failure as the client may see it. */
  lastWord(thrown: unknown): unknown {
    if (thrown instanceof BilledFailure) return thrown;
    if (this.#run.work.canceled) return new ClientDisconnected(UNUSED);
    if (!UpstreamError.isInstance(thrown)) return thrown;
    const error = toGatewayError(thrown.clientError);
    const isFinal = error.status >= 500 && thrown.fault !== 'shutdown' && error.headers['x-should-retry'] === undefined;
    return withHeaders(error, {
      'x-gateway-attempts': String(this.#count),
      ...(isFinal && { 'x-should-retry': 'false' }),
    });
  }
}

const NONE: readonly Target[] = [];

/** Whose request may have made a target fail; undefined where no request can. */
export function suspectOf(fault: UpstreamFault | undefined, { principal }: Pick<Run, 'principal'>): string | undefined {
  return fault === 'connect' ? undefined : principal.account.id;
}
