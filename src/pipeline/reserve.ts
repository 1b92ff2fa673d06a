import { GatewayError, unreachable } from '../lib/errors.js';
import { andThen, guarded, type MaybePromise } from '../lib/maybe-promise.js';
import type { NanoUsd } from '../lib/money.js';
import { inTime } from '../lib/time-limit.js';
import type { HoldRequest, HoldResult, PaymentTerms } from '../meter/meter.js';
import { affordableOutput, maxCostOf, type TokenBounds } from '../meter/price.js';
import type { InputBound } from '../providers/sent-size.js';
import { mayRunProviderTools } from './allow-tools.js';
import { inputBound } from './input-bound.js';
import type { Operation } from './operation.js';
import { paymentTerms } from './payment.js';
import type { Principal } from './principal.js';
import type { Resolution } from './resolve.js';
import type { Hold } from './run-parts.js';
import type { Run } from './run-state.js';
import type { Runtime } from './runtime.js';
import { unaffordable } from './unaffordable.js';

/**
 * Stage 5 of 9 · highest cost of the request -> hold on balance and budget.
 *
 * The hold covers the most expensive target, every choice and the whole output allowed. A client that set no output limit gets
 * the one that balance and budget afford.
 *
 * @throws {GatewayError} `insufficient_balance`, `budget_exceeded`, or `service_unavailable` when the store can't be reached.
 */
export function reserve(run: Run): MaybePromise<Hold> {
  const { requestId, operation, principal, resolution, runtime } = run;
  const { plan } = principal;
  const now = runtime.now();
  const terms = paymentTerms(principal, resolution.model.id, principal.catalog.budgets, now);
  const limit = operation.output?.limit;
  if (operation.free || !holds(terms)) {
    return { open: false, held: 0n, terms, bounds: undefined, maxOutputTokens: limit, outputLimitAdded: false };
  }
  const { amount, minimum, bounds: wanted } = wantedHold(run);
  return andThen(hold(requestId, principal, amount, minimum, terms, now, runtime), (held) => {
    const bounds = held < amount ? affordableBounds(held, wanted, operation, resolution, plan.multiplier) : wanted;
    return {
      open: true,
      held,
      terms,
      bounds,
      maxOutputTokens: operation.output && perAnswer(bounds, operation),
      outputLimitAdded: operation.output !== undefined && limit === undefined,
    };
  });
}

/** What is asked of the ledger for a request. */
export interface WantedHold {
  /** The most that the request can cost. */
  readonly amount: NanoUsd;
  /** The least that lets it run: where the client set no output limit, an answer can be cut to what is there. */
  readonly minimum: NanoUsd;
  readonly bounds: TokenBounds;
}

/** @throws {GatewayError} when no target can be sent the request, or none has a price for what it uses. */
export function wantedHold({ requestId, operation, principal, resolution, parts, runtime }: Run): WantedHold {
  const { multiplier } = principal.plan;
  if (operation.pricedUse) return wantedUse(operation.pricedUse, resolution, multiplier);
  const mayRunTools = mayRunProviderTools({ parts, principal });
  const input = inputBound(requestId, operation, principal, resolution, runtime, mayRunTools);
  const sized = wantedBounds(input, operation, resolution, runtime);
  const units = parts.tools?.uses;
  const bounds = units ? { ...sized, units: { ...sized.units, ...units } } : sized;
  const amount = highestCost(resolution, bounds, multiplier);
  if (operation.output?.limit !== undefined) return { amount, minimum: amount, bounds };
  const least = Math.min(perAnswer(bounds, operation), runtime.settings.outputLimits.minimum);
  const minimum = highestCost(resolution, { ...bounds, outputTokens: least * choices(operation) }, multiplier);
  return { amount, minimum, bounds };
}

/** What the request can use at the most expensive of its targets. */
function wantedUse(
  pricedUse: NonNullable<Operation['pricedUse']>,
  resolution: Resolution,
  multiplier: bigint,
): WantedHold {
  let amount = 0n;
  let bounds: TokenBounds = { inputTokens: 0, outputTokens: 0 };
  for (const { price } of resolution.targets) {
    const use = pricedUse(price);
    if (!use.priced) throw unpriced();
    const cost = maxCostOf(use.bounds, price, multiplier);
    if (cost >= amount) [amount, bounds] = [cost, use.bounds];
  }
  return { amount, minimum: amount, bounds };
}

function unpriced(): GatewayError {
  return new GatewayError('unsupported_parameter', {
    message: 'This model has no price for what the request uses, so that it cannot be paid from a balance or budget.',
    param: 'model',
  });
}

function hold(
  id: string,
  { account, keyId }: Principal,
  amount: NanoUsd,
  minimum: NanoUsd,
  terms: PaymentTerms,
  now: number,
  runtime: Runtime,
): MaybePromise<NanoUsd> {
  const lease = guarded<number>(() => runtime.leases.begin(now), unreachable);
  return andThen(lease, (expiresAt) =>
    holdUntil({ id, accountId: account.id, keyId, ...terms, amount, minimum, now, expiresAt }, runtime),
  );
}

function holdUntil(wanted: HoldRequest, runtime: Runtime): MaybePromise<NanoUsd> {
  const { id, minimum } = wanted;
  const request: HoldRequest = {
    ...wanted,
    ...(runtime.notifications.wants('balance.empty') && { notifyEmpty: true }),
  };
  // A hold that is made too late is nobody's: it is released.
  const release = (late: HoldResult) => {
    if (late.ok)
      void guarded(
        () => runtime.meter.release({ id, accountId: request.accountId }),
        () => {},
      );
  };
  const reserved = guarded(
    () => inTime(runtime.meter.reserve(request), runtime.settings.timeouts.storeMs, 'the store', release),
    unreachable,
  );
  return andThen(reserved, (result) => {
    if (result.ok) return result.held;
    if (result.reason === 'duplicate') throw new Error(`the request id ${id} was used before`);
    if (request.notifyEmpty) runtime.notifications.wake();
    throw unaffordable(result, minimum);
  });
}

/** True when something must be set aside before the request may run. */
function holds({ prepaid, budgets, allowances = [] }: PaymentTerms): boolean {
  return prepaid || budgets !== undefined || allowances.length > 0;
}

/** The bounds of the whole request: all its answers together. */
function wantedBounds(input: InputBound, { output }: Operation, { model }: Resolution, runtime: Runtime): TokenBounds {
  if (output === undefined) return { ...input, outputTokens: 0 };
  const ceiling = model.outputLimitConfigured ? model.maxOutputTokens : Number.MAX_SAFE_INTEGER;
  const each = output.limit ?? Math.min(model.maxOutputTokens, runtime.settings.outputLimits.unset);
  return { ...input, outputTokens: Math.min(each, ceiling) * output.choices };
}

function affordableBounds(
  held: NanoUsd,
  wanted: TokenBounds,
  operation: Operation,
  resolution: Resolution,
  multiplier: bigint,
): TokenBounds {
  let each = perAnswer(wanted, operation);
  for (const target of resolution.targets) {
    const total = affordableOutput(held, wanted, target.price, multiplier);
    each = Math.min(each, Math.floor(total / choices(operation)));
  }
  return { ...wanted, outputTokens: each * choices(operation) };
}

function highestCost(resolution: Resolution, bounds: TokenBounds, multiplier: bigint): NanoUsd {
  let most = 0n;
  for (const target of resolution.targets) {
    const cost = maxCostOf(bounds, target.price, multiplier);
    if (cost > most) most = cost;
  }
  return most;
}

function choices(operation: Operation): number {
  return operation.output?.choices ?? 1;
}

function perAnswer(bounds: TokenBounds, operation: Operation): number {
  return Math.floor(bounds.outputTokens / choices(operation));
}
