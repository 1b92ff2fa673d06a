import pRetry from 'p-retry';
import type { Target } from '../catalog/catalog.js';
import { GatewayError, toGatewayError } from '../errors.js';
import { adviseRetry, isTargetFault } from '../upstream/retry-policy.js';
import { UpstreamError } from '../upstream/upstream-error.js';
import type { Expiry, Watch } from '../upstream/watchdog.js';
import type { Principal } from './authenticate.js';
import type { Answer, CallContext, OpenStream, Operation } from './operation.js';
import type { Presence } from './presence.js';
import type { Hold } from './reserve.js';
import type { Route } from './resolve.js';
import type { Runtime } from './runtime.js';

/** A request on its way to its targets. */
export interface Call {
  readonly requestId: string;
  readonly operation: Operation;
  readonly principal: Principal;
  readonly route: Route;
  readonly hold: Hold;
  /** Aborted when the client is gone. */
  readonly client: AbortSignal;
  /** What that means for the provider. */
  readonly presence: Presence;
}

/** What came of it: a whole answer or an open stream, from which target, after how many attempts. */
export type Called = {
  readonly target: Target;
  readonly attempts: number;
} & ({ readonly answer: Answer } | { readonly stream: OpenStream; readonly watch: Watch });

/** The client left before its answer came. `sent` tells whether a provider may have begun to work for it. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone';
  constructor(readonly target: Target | undefined) {
    super('the client is gone');
  }
}

/**
 * Stage 6 of 9 · targets -> answer or stream: attempts, retries and fallback, only before anything reached the client.
 *
 * @throws {GatewayError} the client's view of the last failure, with `x-should-retry: false`.
 * @throws {ClientGone} when the client left.
 */
export async function call(call: Call, gateway: Runtime): Promise<Called> {
  const attempts = new Attempts(call, gateway);
  try {
    return await attempts.next();
  } catch (thrown) {
    return await callAgain(attempts, thrown, gateway.settings.retries.maxAttempts - 1);
  } finally {
    attempts.done();
  }
}

/** The attempts after a first that failed. */
async function callAgain(attempts: Attempts, failure: unknown, most: number): Promise<Called> {
  try {
    if (most === 0 || !(await attempts.mayFollow(failure))) throw failure;
    return await pRetry(() => attempts.next(), {
      retries: most - 1,
      minTimeout: 0,
      shouldRetry: ({ error, retriesLeft }) => retriesLeft > 0 && attempts.mayFollow(error),
    });
  } catch (thrown) {
    throw attempts.lastWord(thrown);
  }
}

/** Walks the targets of one call. */
class Attempts {
  readonly #call: Call;
  readonly #gateway: Runtime;
  readonly #deadline: number;
  #count = 0;
  #target: Target;
  #untried: Target[];
  /** The provider whose retry budget the running attempt uses. */
  #borrowed: Target | undefined;

  constructor(call: Call, gateway: Runtime) {
    this.#call = call;
    this.#gateway = gateway;
    this.#deadline = performance.now() + gateway.settings.timeouts.totalMs;
    const [first, ...rest] = call.route.targets;
    if (!first) throw new Error('a route without targets');
    this.#target = first;
    this.#untried = rest;
  }

  async next(): Promise<Called> {
    const { operation, presence } = this.#call;
    const { targets, watchdog, now } = this.#gateway;
    this.#skipCooling();
    const target = this.#target;
    this.#count += 1;
    if (this.#count === 1) targets.budget(target).request(now());
    const cooldown = targets.cooldown(target);
    const watch = watchdog.watch(presence.signal, this.#deadline);
    const context = this.#context(target, watch);
    try {
      if (operation.stream) {
        const stream = await operation.open(target.adapter, context);
        cooldown.succeeded(now());
        return { target, attempts: this.#count, stream, watch };
      }
      const answer = await operation.call(target.adapter, context);
      cooldown.succeeded(now());
      watch.close();
      return { target, attempts: this.#count, answer };
    } catch (thrown) {
      watch.close();
      throw this.#judge(thrown, watch, target);
    }
  }

  /** Takes a target that may be tried now; when there is none, the one at hand: the last is never given up. */
  #skipCooling(): void {
    const { targets, now } = this.#gateway;
    if (targets.cooldown(this.#target).acquire(now())) return;
    const ready = this.#untried.findIndex((target) => targets.cooldown(target).acquire(now()));
    if (ready !== -1) this.#target = this.#untried.splice(ready, 1)[0] ?? this.#target;
  }

  #context(target: Target, watch: Watch): CallContext {
    const { requestId, principal, route, hold } = this.#call;
    const { settings, transport, now } = this.#gateway;
    return {
      requestId,
      accountId: principal.account.id,
      model: target.model,
      maxOutputTokens: hold.maxOutputTokens,
      outputLimitAdded: hold.outputLimitAdded,
      modelOutputLimit: route.model.outputLimitConfigured ? route.model.maxOutputTokens : undefined,
      unsupported: settings.unsupported,
      transport,
      signal: watch.signal,
      onActivity: watch.touch,
      now,
    };
  }

  /** Names the failure and notes what it says about the target. */
  #judge(thrown: unknown, watch: Watch, target: Target): unknown {
    const { targets, now, logger } = this.#gateway;
    const cooldown = targets.cooldown(target);
    if (this.#call.presence.signal.aborted) {
      cooldown.abandoned();
      return new ClientGone(target);
    }
    const error = watch.expired ? timeoutError(watch.expired, thrown) : thrown;
    if (!UpstreamError.isInstance(error)) {
      cooldown.abandoned();
      return error;
    }
    const fields = { requestId: this.#call.requestId, target: target.id, fault: error.fault, status: error.status };
    if (error.fault === 'auth') logger.error(fields, "a provider refused the gateway's credential");
    else logger.warn(fields, 'an attempt at a provider failed');
    if (error.status === 429 && error.retryAfterMs !== undefined) cooldown.paused(now(), error.retryAfterMs);
    else if (isTargetFault(error)) cooldown.failed(now());
    else cooldown.abandoned();
    return error;
  }

  /** Decides whether and where another attempt follows, and waits for it. */
  async mayFollow(error: unknown): Promise<boolean> {
    if (!UpstreamError.isInstance(error)) return false;
    const { settings, targets, now, random } = this.#gateway;
    const advice = adviseRetry(error, this.#count, this.#call.operation.stream, settings.retries, random);
    const next = advice.elsewhere ? this.#untried[0] : undefined;
    if (next === undefined && !advice.again) return false;
    this.#giveBack();
    const retried = next ?? this.#target;
    if (!targets.budget(retried).acquire(now())) return false;
    this.#borrowed = retried;
    if (next) {
      this.#untried.shift();
      this.#target = next;
      return true;
    }
    return this.#pause(advice.delayMs);
  }

  /** Waits; false when the deadline would pass or the client leaves meanwhile. */
  async #pause(delayMs: number): Promise<boolean> {
    if (performance.now() + delayMs >= this.#deadline) return false;
    const { signal } = this.#call.presence;
    if (delayMs > 0 && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          clearTimeout(timer);
          signal.removeEventListener('abort', wake);
          resolve();
        };
        const timer = setTimeout(wake, delayMs);
        signal.addEventListener('abort', wake, { once: true });
      });
    }
    return !signal.aborted;
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
    if (this.#call.presence.signal.aborted) return thrown instanceof ClientGone ? thrown : new ClientGone(this.#target);
    if (!UpstreamError.isInstance(thrown)) return thrown;
    const error = toGatewayError(thrown.clientError);
    error.headers['x-gateway-attempts'] = String(this.#count);
    if (error.status >= 500 && thrown.fault !== 'shutdown') error.headers['x-should-retry'] ??= 'false';
    return error;
  }
}

const TIMEOUT_TEXTS: Readonly<Record<Exclude<Expiry, 'shutdown'>, string>> = {
  first_byte: 'The model provider did not begin to answer in time.',
  idle: 'The model provider stopped sending its answer.',
  total: 'The request took longer than allowed.',
};

/** The failure that a time limit is. */
export function timeoutError(expired: Expiry, cause: unknown): UpstreamError {
  if (expired === 'shutdown') {
    const clientError = new GatewayError('service_unavailable', { headers: { 'retry-after': '1' } });
    return new UpstreamError('shutdown', clientError, { cause });
  }
  return new UpstreamError('timeout', new GatewayError('upstream_timeout', { message: TIMEOUT_TEXTS[expired] }), {
    cause,
  });
}
