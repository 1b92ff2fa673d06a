import { NO_USAGE, type TokenCounts, type Usage } from '../lib/usage.js';
import type { BudgetWindow, FullMeter, HoldRequest, Settlement } from '../meter/meter.js';
import { costOf, type PriceSnapshot } from '../meter/price.js';
import { uniqueName } from './suite.js';

/** 2026-11-21T14:30:00Z: the instant at which the samples happen. */
export const SAMPLE_TIME = Date.UTC(2026, 10, 21, 14, 30);

/** One nano-USD per token of any kind, so that a cost is a number of tokens. */
const NANO_PER_TOKEN: PriceSnapshot = {
  input: 1_000n,
  cachedInput: 1_000n,
  cacheWrite: 1_000n,
  cacheWrite1h: 1_000n,
  output: 1_000n,
  reasoning: 1_000n,
  multiplier: 1_000_000n,
};

/** Changes to a sample; `budget` is a window of its key's budget. */
type Changes<T> = Partial<T> & { readonly budget?: Omit<BudgetWindow, 'subject'> };

/** A request for a prepaid hold of exactly `amount`, with a fresh id. */
export function holdOf(accountId: string, amount: bigint, changes: Changes<HoldRequest> = {}): HoldRequest {
  const { budget, ...more } = changes;
  const keyId = more.keyId ?? `${accountId}-key`;
  return {
    id: uniqueName('request'),
    accountId,
    keyId,
    prepaid: true,
    amount,
    minimum: amount,
    now: SAMPLE_TIME,
    expiresAt: SAMPLE_TIME + 60_000,
    ...(budget && { budgets: [{ subject: `key:${keyId}`, ...budget }] }),
    ...more,
  };
}

/** A settlement of this hold that used this many output tokens, at one nano-USD each. */
export function settlementOf(hold: HoldRequest, tokens: number, changes: Partial<Settlement> = {}): Settlement {
  const usage = changes.usage ?? usageOf({ outputTokens: tokens });
  const price = changes.price ?? NANO_PER_TOKEN;
  return {
    id: hold.id,
    accountId: hold.accountId,
    keyId: hold.keyId,
    at: SAMPLE_TIME + 1_000,
    model: 'small',
    provider: 'openai',
    upstreamModel: 'gpt-small',
    usage,
    price,
    cost: costOf(usage, price),
    outcome: 'completed',
    flags: [],
    prepaid: hold.prepaid,
    ...(hold.budgets && { budgets: hold.budgets }),
    ...(hold.allowances && { allowances: hold.allowances }),
    ...(hold.overflow && { overflow: hold.overflow }),
    ...(hold.creditLimit !== undefined && { creditLimit: hold.creditLimit }),
    ...changes,
  };
}

/** Usage as a provider reported it; what is not named is 0. */
export function usageOf(counts: Partial<TokenCounts>): Usage {
  return { ...NO_USAGE, ...counts, source: 'provider' };
}

/** A fresh account with this much money. */
export async function fundedAccount(meter: FullMeter, amount: bigint): Promise<string> {
  const accountId = uniqueName('account');
  const credit = {
    accountId,
    kind: 'top_up',
    amount,
    idempotencyKey: uniqueName('payment'),
    now: SAMPLE_TIME,
  } as const;
  if (amount > 0n) await meter.credit(credit);
  return accountId;
}
