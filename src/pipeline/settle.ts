import type { Target } from '../catalog/catalog.js';
import { describeFault } from '../lib/logger.js';
import { andThen, guarded, type MaybePromise } from '../lib/maybe-promise.js';
import { BUCKET_NAMES, completionTokens, MAX_COUNT, NO_USAGE, promptTokens, type Usage } from '../lib/usage.js';
import type { FinishRequest } from '../limits/rate-limiter.js';
import { type Outcome, type Settlement, type UsageFlag, usageEvent } from '../meter/meter.js';
import { costOf, priceFor, type TokenBounds, withinBounds } from '../meter/price.js';
import type { AdmissionGrant } from './admit.js';
import type { Operation } from './operation.js';
import { NO_TAGS, type Principal } from './principal.js';
import type { Hold } from './reserve.js';
import type { Runtime } from './runtime.js';
import { RunningRequest } from './upkeep/in-flight.js';

/** What one request has taken so far and must give back or pay for. Stages fill it in as they succeed. */
export class Job extends RunningRequest {
  readonly requestId: string;
  principal: Principal | undefined = undefined;
  operation: Operation | undefined = undefined;
  admitted: AdmissionGrant | undefined = undefined;
  hold: Hold | undefined = undefined;
  /** Set by the first call of `settle`; later calls wait for the same end. */
  settling: { readonly end: MaybePromise<void> } | undefined = undefined;

  constructor(requestId: string) {
    super();
    this.requestId = requestId;
  }
}

/** How a request ended: what it used at which target; without usage it is not charged. */
export interface Ending {
  readonly outcome: Outcome;
  readonly usage: Usage;
  readonly target?: Target;
}

/** A request that cost its account nothing. */
export const UNUSED: Ending = { outcome: 'error', usage: NO_USAGE };

/**
 * Stage 8 of 9 · usage -> charge, exactly once, whatever the exit was.
 *
 * Done when the charge is recorded, in the ledger or in the outbox; never fails.
 */
export function settle(job: Job, ending: Ending, gateway: Runtime): MaybePromise<void> {
  job.settling ??= {
    end: guarded(
      () => close(job, ending, gateway),
      (thrown) => {
        gateway.logger.error({ requestId: job.requestId, fault: describeFault(thrown) }, 'a request was not settled');
      },
    ),
  };
  return job.settling.end;
}

function close(job: Job, ending: Ending, gateway: Runtime): MaybePromise<void> {
  const { hold } = job;
  job.held = undefined;
  const settlement = settlementOf(job, ending, gateway);
  const closed = settlement ? record(settlement, gateway) : hold?.open ? release(job.requestId, gateway) : undefined;
  return andThen(closed, () => finish(job, ending.usage, gateway));
}

function settlementOf(job: Job, { outcome, usage, target }: Ending, gateway: Runtime): Settlement | undefined {
  const { principal, operation, hold } = job;
  if (!principal || !operation || operation.free || !hold || !target || usage.source === 'none') return undefined;
  const price = priceFor(target.price, promptTokens(usage), principal.plan.multiplier);
  const settlement: Settlement = {
    id: job.requestId,
    accountId: principal.account.id,
    keyId: principal.keyId,
    at: gateway.now(),
    model: operation.model,
    provider: target.provider,
    upstreamModel: target.model,
    usage,
    price,
    cost: costOf(usage, price),
    outcome,
    flags: flagsOf(usage, hold.bounds),
    prepaid: hold.prepaid,
  };
  return withOrigin(hold.budget ? { ...settlement, budget: hold.budget } : settlement, principal);
}

/** What the event says of who asked, beyond the key. */
function withOrigin(settlement: Settlement, { via, endUser, session, tags }: Principal): Settlement {
  if (via === 'key' && endUser === undefined && session === undefined && tags === NO_TAGS) return settlement;
  return {
    ...settlement,
    via,
    ...(endUser !== undefined && { endUser }),
    ...(session !== undefined && { session }),
    ...(tags !== NO_TAGS && { tags }),
  };
}

/** Above this multiple of what was allowed, a report is more likely wrong than honest. */
const SUSPECT_FACTOR = 10;

const NO_FLAGS: readonly UsageFlag[] = Object.freeze([]);

function flagsOf(usage: Usage, bounds: TokenBounds | undefined): readonly UsageFlag[] {
  if (isBeyondAllLimits(usage)) return ['overrun', 'usage_suspect'];
  if (!bounds || withinBounds(usage, bounds)) return NO_FLAGS;
  const { inputTokens, outputTokens, units = {} } = bounds;
  const farAway: TokenBounds = {
    inputTokens: inputTokens * SUSPECT_FACTOR,
    outputTokens: outputTokens * SUSPECT_FACTOR,
    units: Object.fromEntries(Object.entries(units).map(([name, count]) => [name, count * SUSPECT_FACTOR])),
  };
  return withinBounds(usage, farAway) ? ['overrun'] : ['overrun', 'usage_suspect'];
}

/** True of a report with a count that had to be lowered to the highest there is. */
function isBeyondAllLimits(usage: Usage): boolean {
  for (const name of BUCKET_NAMES) if (usage[name] >= MAX_COUNT) return true;
  return usage.units !== undefined && Object.values(usage.units).some((count) => count >= MAX_COUNT);
}

function record(settlement: Settlement, gateway: Runtime): MaybePromise<void> {
  return andThen(gateway.settler.settle(settlement), () => tell(settlement, gateway));
}

function tell(settlement: Settlement, gateway: Runtime): void {
  if (settlement.flags.length > 0) {
    const { id, provider, upstreamModel, flags } = settlement;
    gateway.logger.warn(
      { requestId: id, provider, upstreamModel, flags },
      'a provider reported more tokens than were allowed',
    );
  }
  gateway.usageListeners.notify(() => usageEvent(settlement));
}

function release(requestId: string, gateway: Runtime): MaybePromise<void> {
  return guarded(
    () => gateway.meter.release(requestId),
    (thrown) => {
      const fault = describeFault(thrown);
      gateway.logger.warn({ requestId, fault }, 'a hold was not released; its lease will end it');
    },
  );
}

function finish({ requestId, principal, admitted }: Job, usage: Usage, gateway: Runtime): MaybePromise<void> {
  if (!principal || !admitted || principal.subjects.length === 0) return;
  const result: FinishRequest = {
    id: requestId,
    group: principal.account.id,
    subjects: principal.subjects,
    estimatedTokens: admitted.tokens,
    actualTokens: promptTokens(usage) + completionTokens(usage),
  };
  return guarded(
    () => gateway.limiter.finish(result),
    (thrown) => {
      const fault = describeFault(thrown);
      gateway.logger.warn({ requestId, fault }, 'the rate limiter did not take a request back');
    },
  );
}
