import { deepEqual, equal, ok } from 'node:assert/strict';
import type { AllowanceWindow, FullMeter, HoldRequest } from '../meter/meter.js';
import { SAMPLE_TIME, settlementOf } from './meter-samples.js';
import { uniqueName } from './suite.js';

export const HOUR = 3_600_000;

/** A window of an allowance that begins when the samples happen. */
export function allowance(id: string, limit: bigint, startsAt = SAMPLE_TIME, hours = 5): AllowanceWindow {
  return { id, limit, startsAt, endsAt: startsAt + hours * HOUR };
}

/** Gives a fresh account a grant; returns the grant's id. */
export async function grant(meter: FullMeter, accountId: string, amount: bigint, expiresAt?: number): Promise<string> {
  const result = await meter.grant({
    accountId,
    amount,
    idempotencyKey: uniqueName('grant'),
    now: SAMPLE_TIME,
    ...(expiresAt !== undefined && { expiresAt }),
  });
  ok(result.ok);
  return result.entry.sourceId ?? '';
}

/** Holds for a request and settles it with this many output tokens. */
export async function spend(meter: FullMeter, hold: HoldRequest, tokens: number): Promise<void> {
  equal((await meter.reserve(hold)).ok, true);
  deepEqual(await meter.settle(settlementOf(hold, tokens)), { recorded: true });
}

/** What a request was charged to: source and amount. */
export async function chargesOf(meter: FullMeter, { accountId, id }: HoldRequest) {
  const [event] = await meter.events({ accountId, id }, { limit: 1 });
  return event?.charged?.map(({ source, amount }) => `${source} ${amount}`);
}
