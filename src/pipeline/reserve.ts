import { GatewayError, unreachable } from '../lib/errors.js';
import { guarded, isThenable, type MaybePromise } from '../lib/maybe-promise.js';
import type { NanoUsd } from '../lib/money.js';
import { inTime } from '../lib/time-limit.js';
import { withFields } from '../lib/with-fields.js';
import { affordableOutput, maxCostOf, type TokenBounds } from '../meter/bounds.js';
import type { HoldRequest, HoldResult, PaymentTerms } from '../meter/meter.js';
import type { InputBound } from '../providers/sent-size.js';
import { certainUnits } from './certain-units.js';
import { inputBound } from './input-bound.js';
import { measureAt, type Operation } from './operation.js';
import { paymentTerms } from './payment.js';
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
  const { operation, principal, resolution, runtime } = run;
  const now = runtime.now();
  const terms = paymentTerms(principal, resolution.model.id, principal.catalog.budgets, now);
  const limit = operation.output?.limit;
  if (operation.free || !holds(terms)) {
    return { open: false, held: 0n, terms, bounds: undefined, maxOutputTokens: limit, outputLimitAdded: false };
  }
  if (!run.largeBody || !isMeasured(run)) return holdWanted(run, terms, now);
  return import('./beyond-text.js')
    .then(({ measureSizes }) => measureSizes(run))
    .then((sizes) => {
      run.parts.sizes = sizes;
      return holdWanted(run, terms, runtime.now());
    });
}

function isMeasured({ operation, resolution }: Run): boolean {
  return resolution.targets.some(({ adapter }) => measureAt(operation, adapter) !== undefined);
}

function holdWanted(run: Run, terms: PaymentTerms, now: number): MaybePromise<Hold> {
  const wanted = wantedHold(run);
  const held = hold(run, wanted, terms, now);
  return isThenable(held) ? held.then((amount) => made(run, wanted, terms, amount)) : made(run, wanted, terms, held);
}

/** What was held, and the output that it pays for. */
function made({ operation, resolution, principal }: Run, wanted: WantedHold, terms: PaymentTerms, held: NanoUsd): Hold {
  const { output } = operation;
  const bounds =
    held < wanted.amount
      ? affordableBounds(held, wanted.bounds, operation, resolution, principal.plan.multiplier)
      : wanted.bounds;
  return {
    open: true,
    held,
    terms,
    bounds,
    maxOutputTokens: output && perAnswer(bounds, operation),
    outputLimitAdded: output !== undefined && output.limit === undefined,
  };
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
export function wantedHold(run: Run): WantedHold {
  const { operation, principal, resolution, parts, runtime } = run;
  const { multiplier } = principal.plan;
  if (operation.pricedUse) return wantedUse(operation.pricedUse, resolution, multiplier);
  const sized = wantedBounds(inputBound(run), operation, resolution, runtime);
  const certain = certainUnits(operation, resolution.targets);
  const uses = parts.tools?.uses;
  const bounds = certain || uses ? withFields(sized, { units: { ...certain, ...sized.units, ...uses } }) : sized;
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
  for (const target of resolution.targets) {
    const use = pricedUse(target);
    if (!use.priced) throw unpriced();
    const cost = maxCostOf(use.bounds, target.price, multiplier);
    if (use.unsized && cost > 0n) throw use.unsized;
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

function hold(run: Run, wanted: WantedHold, terms: PaymentTerms, now: number): MaybePromise<NanoUsd> {
  const lease = guarded<number>(() => run.runtime.leases.begin(now), unreachable);
  return isThenable(lease)
    ? lease.then((expiresAt) => holdUntil(run, wanted, terms, now, expiresAt))
    : holdUntil(run, wanted, terms, now, lease);
}

function holdUntil(
  { requestId, principal, runtime }: Run,
  { amount, minimum }: WantedHold,
  terms: PaymentTerms,
  now: number,
  expiresAt: number,
): MaybePromise<NanoUsd> {
  // Terms are few: copied first, they would make an object that grows field by field.
  const fields = {
    id: requestId,
    accountId: principal.account.id,
    keyId: principal.keyId,
    amount,
    minimum,
    now,
    expiresAt,
    notifyEmpty: runtime.notifications.wants('balance.empty'),
  };
  const request: HoldRequest = Object.assign(fields, terms);
  const reserved = guarded(() => reserveInTime(request, runtime), unreachable);
  return isThenable(reserved)
    ? reserved.then((result) => amountOf(result, request, runtime))
    : amountOf(reserved, request, runtime);
}

function reserveInTime(request: HoldRequest, { meter, settings }: Runtime): MaybePromise<HoldResult> {
  const result = meter.reserve(request);
  if (!isThenable(result)) return result;
  // No request waits for a hold that comes too late: it is released.
  return inTime(result, settings.timeouts.storeMs, 'the store', (late) => {
    if (late.ok)
      void guarded(
        () => meter.release(request),
        () => {},
      );
  });
}

/** @throws {GatewayError} when nothing was held. */
function amountOf(result: HoldResult, { id, minimum, notifyEmpty }: HoldRequest, { notifications }: Runtime): NanoUsd {
  if (result.ok) return result.held;
  if (result.reason === 'duplicate') throw new Error(`the request id ${id} was used before`);
  if (notifyEmpty) notifications.wake();
  throw unaffordable(result, minimum);
}

/** True when something must be set aside before the request may run. */
function holds({ prepaid, budgets, allowances }: PaymentTerms): boolean {
  return prepaid || budgets !== undefined || (allowances !== undefined && allowances.length > 0);
}

/** The bounds of the whole request: all its answers together. */
function wantedBounds(input: InputBound, { output }: Operation, { model }: Resolution, runtime: Runtime): TokenBounds {
  if (output === undefined) return boundsOf(input, 0);
  const ceiling = model.outputLimitConfigured ? model.maxOutputTokens : Number.MAX_SAFE_INTEGER;
  const each = output.limit ?? Math.min(model.maxOutputTokens, runtime.settings.outputLimits.unset);
  return boundsOf(input, Math.min(each, ceiling) * output.choices);
}

/** Field by field, as every request makes one. */
function boundsOf(
  { inputTokens, mediaTokens, hourWrites = false, units }: InputBound,
  outputTokens: number,
): TokenBounds {
  const bounds = { inputTokens, outputTokens, mediaTokens, hourWrites };
  return units ? withFields(bounds, { units }) : bounds;
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
