import type { Target } from '../catalog/catalog.js';
import { describeFault } from '../lib/logger.js';
import { andThen, guarded, type MaybePromise } from '../lib/maybe-promise.js';
import type { NanoUsd } from '../lib/money.js';
import { inTime } from '../lib/time-limit.js';
import { BUCKET_NAMES, completionTokens, MAX_COUNT, promptTokens, type Usage } from '../lib/usage.js';
import type { FinishRequest } from '../limits/rate-limiter.js';
import { type TokenBounds, withinBounds } from '../meter/bounds.js';
import type { Settlement, UsageFlag } from '../meter/meter.js';
import { costOf, MAX_COST, priceFor, reportedCostOf } from '../meter/price.js';
import { usageEvent } from '../meter/usage-event.js';
import type { Ending } from './ending.js';
import { termsAt } from './payment.js';
import { NO_TAGS, type Principal } from './principal.js';
import { type Reportable, requestFacts } from './run-facts.js';
import type { RunParts } from './run-parts.js';
import type { Runtime } from './runtime.js';

/** The part of a run that its settlement needs. */
export interface Settleable extends Reportable {
  readonly requestId: string;
  readonly parts: Readonly<RunParts>;
  readonly runtime: Runtime;
  /** Set when the request is charged. */
  charged: NanoUsd;
}

/**
 * Stage 8 of 9 · usage -> charge, exactly once, whatever the exit was. Called by `run.end` alone.
 *
 * Done when the charge is recorded, in the ledger or in the outbox; never fails.
 */
export function settle(run: Settleable, ending: Ending): MaybePromise<void> {
  return guarded(
    () => close(run, ending),
    (thrown) => {
      const { requestId, runtime } = run;
      runtime.logger.error({ requestId, fault: describeFault(thrown) }, 'a request was not settled');
    },
  );
}

function close(run: Settleable, ending: Ending): MaybePromise<void> {
  const { parts } = run;
  const settlement = settlementOf(run, ending);
  if (settlement) run.charged = settlement.cost;
  const closed = settlement ? record(settlement, run) : parts.hold?.open ? release(run) : undefined;
  return andThen(closed, () => finish(run, ending.usage));
}

/** What an ending will cost. */
export function costOfEnding(run: Settleable, ending: Ending): NanoUsd {
  return settlementOf(run, ending)?.cost ?? 0n;
}

function settlementOf(
  { requestId, parts, runtime }: Settleable,
  { outcome, usage, target }: Ending,
): Settlement | undefined {
  const { principal, operation, resolution, hold } = parts;
  const at = runtime.now();
  if (!principal || !operation || operation.free || !hold || !target || usage.source === 'none') return undefined;
  const price = priceFor(target.price, promptTokens(usage), principal.plan.multiplier);
  const cost = costOf(usage, price);
  const terms = resolution ? termsAt(hold.terms, principal, resolution.model.id, at) : hold.terms;
  const fields = {
    id: requestId,
    accountId: principal.account.id,
    keyId: principal.keyId,
    at,
    model: operation.model,
    provider: target.provider,
    upstreamModel: target.model,
    usage,
    price,
    cost,
    outcome,
    flags: flagsOf(usage, hold.bounds, cost),
  };
  const settlement: Writable<Settlement> = Object.assign(fields, terms);
  const providerCost = providerCostOf(usage, target);
  if (providerCost !== undefined) settlement.providerCost = providerCost;
  const { thresholds } = runtime.notifications;
  if (thresholds) settlement.thresholds = thresholds;
  addOrigin(settlement, principal);
  return settlement;
}

type Writable<T> = { -readonly [Name in keyof T]: T[Name] };

/** What the operator pays: by the target's own price of it, else what the provider reported; undefined: not known. */
function providerCostOf(usage: Usage, { cost }: Target): NanoUsd | undefined {
  if (cost) return costOf(usage, priceFor(cost, promptTokens(usage)));
  return usage.reportedCost === undefined ? undefined : reportedCostOf(usage.reportedCost);
}

/** Adds what the event says about who asked, besides the key. */
function addOrigin(settlement: Writable<Settlement>, { via, endUser, session, tags }: Principal): void {
  if (via === 'key' && endUser === undefined && session === undefined && tags === NO_TAGS) return;
  settlement.via = via;
  if (endUser !== undefined) settlement.endUser = endUser;
  if (session !== undefined) settlement.session = session;
  if (tags !== NO_TAGS) settlement.tags = tags;
}

/** Above this multiple of what was allowed, a report is more likely wrong than honest. */
const SUSPECT_FACTOR = 10;

const NO_FLAGS: readonly UsageFlag[] = Object.freeze([]);

function flagsOf(usage: Usage, bounds: TokenBounds | undefined, cost: NanoUsd): readonly UsageFlag[] {
  if (cost >= MAX_COST || isBeyondAllLimits(usage)) return ['overrun', 'usage_suspect'];
  if (!bounds || withinBounds(usage, bounds)) return NO_FLAGS;
  const { inputTokens, outputTokens, units = {} } = bounds;
  const farAway: TokenBounds = {
    inputTokens: inputTokens * SUSPECT_FACTOR,
    outputTokens: outputTokens * SUSPECT_FACTOR,
    units: Object.fromEntries(Object.entries(units).map(([name, count]) => [name, count * SUSPECT_FACTOR])),
  };
  return withinBounds(usage, farAway) ? ['overrun'] : ['overrun', 'usage_suspect'];
}

/** True if a count of the report had to be lowered to the highest allowed one. */
function isBeyondAllLimits(usage: Usage): boolean {
  for (const name of BUCKET_NAMES) if (usage[name] >= MAX_COUNT) return true;
  return usage.units !== undefined && Object.values(usage.units).some((count) => count >= MAX_COUNT);
}

function record(settlement: Settlement, run: Settleable): MaybePromise<void> {
  return andThen(run.runtime.settler.settle(settlement), () => notify(settlement, run));
}

function notify(settlement: Settlement, run: Settleable): void {
  const { runtime } = run;
  if (settlement.flags.length > 0) {
    const { id, provider, upstreamModel, flags } = settlement;
    runtime.logger.warn(
      { requestId: id, provider, upstreamModel, flags },
      'a provider reported more tokens than were allowed',
    );
  }
  if (settlement.thresholds) runtime.notifications.wake();
  runtime.usageListeners.notify(() => ({ ...usageEvent(settlement), ...requestFacts(run) }));
}

function release({ requestId, parts, runtime }: Settleable): MaybePromise<void> {
  return guarded(
    () => {
      const hold = { id: requestId, accountId: parts.principal?.account.id ?? '' };
      return inTime(runtime.meter.release(hold), runtime.settings.timeouts.storeMs, 'the store');
    },
    (thrown) => {
      const fault = describeFault(thrown);
      runtime.logger.warn({ requestId, fault }, 'could not release a hold; it expires with its lease');
    },
  );
}

function finish({ requestId, parts, runtime }: Settleable, usage: Usage): MaybePromise<void> {
  const { principal, admission } = parts;
  if (!principal || !admission?.open) return;
  const result: FinishRequest = {
    id: requestId,
    group: principal.account.id,
    subjects: principal.subjects,
    estimatedTokens: admission.tokens,
    actualTokens: promptTokens(usage) + completionTokens(usage),
    refused: !parts.hold,
  };
  return guarded(
    () => runtime.limiter.finish(result),
    (thrown) => {
      const fault = describeFault(thrown);
      runtime.logger.warn({ requestId, fault }, 'could not release the request in the rate limiter');
    },
  );
}
