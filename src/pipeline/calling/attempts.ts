import type { Target } from '../../catalog/catalog.js';
import { toGatewayError } from '../../lib/errors.js';
import { isSelfStopping } from '../../providers/self-stopping.js';
import { UpstreamError } from '../../upstream/upstream-error.js';
import type { Expiry, Watch } from '../../upstream/watchdog.js';
import type { OpenStream } from '../operation.js';
import type { Runtime } from '../runtime.js';
import { UNUSED } from '../settle.js';
import { endReading } from '../streaming/stream-source.js';
import { estimateUsage } from '../streaming/tally.js';
import { TargetAttempt } from './attempt-at.js';
import type { Call, CallResult } from './call.js';
import { ClientGone, timeoutError } from './call-failures.js';
import type { Permit } from './cooldown.js';
import { adviseRetry, isTargetFault } from './retry-policy.js';
import { unlessCancelled } from './unless-cancelled.js';

/** Walks the targets of one call. */
export class Attempts {
  readonly #call: Call;
  readonly #gateway: Runtime;
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

  constructor(call: Call, gateway: Runtime) {
    this.#call = call;
    this.#gateway = gateway;
    this.#deadline = performance.now() + gateway.settings.timeouts.totalMs;
    const [first] = call.resolution.targets;
    if (!first) throw new Error('a route without targets');
    this.#target = first;
    this.#untried = call.resolution.targets;
    const now = gateway.now();
    // When none may be tried, the first one is all the same: a request is never refused unasked.
    if (!this.#moveOn(now)) this.#enter(first, undefined, now);
  }

  async next(): Promise<CallResult> {
    const { operation, presence } = this.#call;
    const { targets, watchdog, now } = this.#gateway;
    const target = this.#target;
    this.#count += 1;
    const watch = watchdog.watch(presence.cancellation, this.#deadline);
    const attempt = new TargetAttempt(target, this.#call, watch, this.#gateway);
    try {
      if (operation.stream) {
        const stream = await this.#stoppable(operation.open(target.adapter, attempt), watch, stopReading);
        targets.cooldown(target).succeeded(now());
        return { target, attempts: this.#count, stream, watch };
      }
      const answer = await this.#stoppable(operation.call(target.adapter, attempt), watch, forget);
      targets.cooldown(target).succeeded(now());
      watch.close();
      return { target, attempts: this.#count, answer };
    } catch (thrown) {
      watch.close();
      throw this.#judge(thrown, watch, target);
    }
  }

  /** What may take no notice of its signal is given up soon after it. */
  #stoppable<T>(work: Promise<T>, watch: Watch, dispose: (late: T) => void): Promise<T> {
    const stopsItself = isSelfStopping(this.#target.adapter) && this.#gateway.transport.exchange !== undefined;
    return stopsItself ? work : unlessCancelled(work, watch.cancellation, dispose);
  }

  /** Decides whether and where another attempt follows, and waits for it. */
  async mayFollow(error: unknown): Promise<boolean> {
    if (!UpstreamError.isInstance(error) || performance.now() >= this.#deadline) return false;
    const { settings, targets, now, random, watchdog } = this.#gateway;
    const { operation, presence } = this.#call;
    const advice = adviseRetry(error, this.#repeats, operation.stream, settings.retries, random);
    this.#giveBack();
    if (advice.elsewhere && this.#moveOn(now())) return true;
    if (!advice.again || !this.#mayAsk(this.#target)) return false;
    this.#repeats += 1;
    if (!(await watchdog.pause(advice.delayMs, presence.cancellation, this.#deadline))) return false;
    this.#permit = targets.cooldown(this.#target).acquire(now());
    return true;
  }

  /**
   * Takes the next target that is not cooling down. Only a provider that has seen this call before needs room in its
   * retry budget: to any other the attempt is a request like all others.
   */
  #moveOn(now: number): boolean {
    const { targets } = this.#gateway;
    for (const target of this.#untried) {
      const permit = targets.cooldown(target).acquire(now);
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
    if (!this.#gateway.targets.budget(target).acquire(this.#gateway.now())) return false;
    this.#borrowed = target;
    return true;
  }

  #enter(target: Target, permit: Permit | undefined, now: number): void {
    const { targets } = this.#gateway;
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
    const { targets, now, logger } = this.#gateway;
    const cooldown = targets.cooldown(target);
    const permit = this.#permit;
    this.#permit = undefined;
    if (!watch.expired && this.#call.presence.cancellation.cancelled) {
      cooldown.abandoned(permit);
      const unsent = UpstreamError.isInstance(thrown) && thrown.fault === 'connect';
      return new ClientGone(unsent ? UNUSED : { outcome: 'aborted', usage: estimateUsage(this.#call, 0), target });
    }
    const error = watch.expired ? this.#expired(watch.expired, thrown) : thrown;
    if (!UpstreamError.isInstance(error)) {
      cooldown.abandoned(permit);
      return error;
    }
    const fields = { requestId: this.#call.requestId, target: target.id, fault: error.fault, status: error.status };
    if (error.fault === 'auth') logger.error(fields, "a provider refused the gateway's credential");
    else logger.warn(fields, 'an attempt at a provider failed');
    const asksForPause = error.status === 429 && error.retryAfterMs !== undefined && !error.ownCredential;
    if (asksForPause) cooldown.paused(now(), error.retryAfterMs, permit);
    else if (isTargetFault(error)) cooldown.failed(now());
    else cooldown.abandoned(permit);
    return error;
  }

  /** A whole answer that stopped in its middle was begun, and has been billed. */
  #expired(expired: Expiry, thrown: unknown): UpstreamError {
    const error = timeoutError(expired, thrown);
    if (expired !== 'idle' || this.#call.operation.stream) return error;
    return new UpstreamError('truncated', error.clientError, { cause: thrown });
  }

  #giveBack(): void {
    if (this.#borrowed) this.#gateway.targets.budget(this.#borrowed).release();
    this.#borrowed = undefined;
  }

  done(): void {
    this.#giveBack();
  }

  /** The failure as the client may see it. */
  lastWord(thrown: unknown): unknown {
    if (thrown instanceof ClientGone) return thrown;
    if (this.#call.presence.cancellation.cancelled) return new ClientGone(UNUSED);
    if (!UpstreamError.isInstance(thrown)) return thrown;
    const error = toGatewayError(thrown.clientError);
    error.headers['x-gateway-attempts'] = String(this.#count);
    if (error.status >= 500 && thrown.fault !== 'shutdown') error.headers['x-should-retry'] ??= 'false';
    return error;
  }
}

function stopReading({ batches }: OpenStream): void {
  void endReading(batches[Symbol.asyncIterator]());
}

function forget(): void {}

const NONE: readonly Target[] = [];
