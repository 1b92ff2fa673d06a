import type { Target } from '../catalog/catalog.js';
import { describeFault } from '../logger.js';
import { type Outcome, type Settlement, type UsageFlag, usageEvent } from '../meter/meter.js';
import { costOf, priceFor, type TokenBounds, withinBounds } from '../meter/price.js';
import { completionTokens, NO_USAGE, promptTokens, type Usage } from '../meter/usage.js';
import type { Admitted } from './admit.js';
import type { Principal } from './authenticate.js';
import type { Operation } from './operation.js';
import type { Hold } from './reserve.js';
import type { Runtime } from './runtime.js';

/** What one request has taken so far and must give back or pay for. Stages fill it in as they succeed. */
export interface Job {
  readonly requestId: string;
  principal?: Principal;
  operation?: Operation;
  admitted?: Admitted;
  hold?: Hold;
  /** Set by the first call of `settle`; later calls wait for the same end. */
  settled?: Promise<void>;
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
 * Resolves when the charge is recorded, in the ledger or in the outbox; never rejects.
 */
export function settle(job: Job, ending: Ending, gateway: Runtime): Promise<void> {
  job.settled ??= close(job, ending, gateway).catch((thrown: unknown) => {
    gateway.logger.error({ requestId: job.requestId, fault: describeFault(thrown) }, 'a request was not settled');
  });
  return job.settled;
}

async function close(job: Job, ending: Ending, gateway: Runtime): Promise<void> {
  const { hold } = job;
  if (hold?.open) gateway.leases.remove(job.requestId);
  const settlement = settlementOf(job, ending, gateway);
  if (settlement) await record(settlement, gateway);
  else if (hold?.open) await release(job.requestId, gateway);
  await finish(job, ending.usage, gateway);
}

function settlementOf(job: Job, { outcome, usage, target }: Ending, gateway: Runtime): Settlement | undefined {
  const { principal, operation, hold } = job;
  if (!principal || !operation || !hold || !target || usage.source === 'none') return undefined;
  const price = priceFor(target.price, promptTokens(usage), principal.plan.multiplier);
  return {
    id: job.requestId,
    accountId: principal.account.id,
    keyId: principal.key.id,
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
    ...(hold.budget && { budget: hold.budget }),
  };
}

/** Above this multiple of what was allowed, a report is more likely wrong than honest. */
const SUSPECT_FACTOR = 10;

function flagsOf(usage: Usage, bounds: TokenBounds | undefined): UsageFlag[] {
  if (!bounds || withinBounds(usage, bounds)) return [];
  const { inputTokens, outputTokens } = bounds;
  const farAway = { inputTokens: inputTokens * SUSPECT_FACTOR, outputTokens: outputTokens * SUSPECT_FACTOR };
  return withinBounds(usage, farAway) ? ['overrun'] : ['overrun', 'usage_suspect'];
}

async function record(settlement: Settlement, gateway: Runtime): Promise<void> {
  await gateway.settler.settle(settlement);
  if (settlement.flags.length > 0) {
    const { id, provider, upstreamModel, flags } = settlement;
    gateway.logger.warn(
      { requestId: id, provider, upstreamModel, flags },
      'a provider reported more tokens than were allowed',
    );
  }
  try {
    gateway.onUsage?.(usageEvent(settlement));
  } catch (thrown) {
    gateway.logger.error({ requestId: settlement.id, fault: describeFault(thrown) }, 'onUsage threw');
  }
}

async function release(requestId: string, gateway: Runtime): Promise<void> {
  try {
    await gateway.meter.release(requestId);
  } catch (thrown) {
    gateway.logger.warn({ requestId, fault: describeFault(thrown) }, 'a hold was not released; its lease will end it');
  }
}

async function finish({ requestId, principal, admitted }: Job, usage: Usage, gateway: Runtime): Promise<void> {
  if (!principal || !admitted || principal.subjects.length === 0) return;
  try {
    await gateway.limiter.finish({
      id: requestId,
      group: principal.account.id,
      subjects: principal.subjects,
      estimatedTokens: admitted.tokens,
      actualTokens: promptTokens(usage) + completionTokens(usage),
    });
  } catch (thrown) {
    gateway.logger.warn({ requestId, fault: describeFault(thrown) }, 'the rate limiter did not take a request back');
  }
}
