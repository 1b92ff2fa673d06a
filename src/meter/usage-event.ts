import type { UsageEvent } from './usage-log.js';

/** Events of the few optional facts; most requests have none of them. */
const OPTIONAL = ['via', 'endUser', 'session', 'tags', 'providerCost', 'charged'] as const;

/** The usage event of a settlement. Copied field by field: rest and spread would cost as much as the charge itself. */
export function usageEvent(settlement: UsageEvent): UsageEvent {
  const event: UsageEvent = {
    id: settlement.id,
    accountId: settlement.accountId,
    keyId: settlement.keyId,
    at: settlement.at,
    model: settlement.model,
    provider: settlement.provider,
    upstreamModel: settlement.upstreamModel,
    usage: settlement.usage,
    price: settlement.price,
    cost: settlement.cost,
    outcome: settlement.outcome,
    flags: settlement.flags,
  };
  const { via, endUser, session, tags, providerCost, charged } = settlement;
  if ((via ?? endUser ?? session ?? tags ?? providerCost ?? charged) === undefined) return event;
  const more = OPTIONAL.filter((name) => settlement[name] !== undefined).map((name) => [name, settlement[name]]);
  return { ...event, ...(Object.fromEntries(more) as Partial<UsageEvent>) };
}
