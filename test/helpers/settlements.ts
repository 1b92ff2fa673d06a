import type { HoldRequest, Settlement } from '../../src/meter/meter.js';
import type { PriceSnapshot } from '../../src/meter/price.js';

export const NOW = Date.UTC(2026, 10, 21, 12);

const PRICE: PriceSnapshot = {
  input: 1_000_000n,
  cachedInput: 500_000n,
  cacheWrite: 1_000_000n,
  cacheWrite1h: 1_000_000n,
  output: 2_000_000n,
  reasoning: 2_000_000n,
  multiplier: 1_000_000n,
};

/** A hold of 210,000 nano-USD on a prepaid account. */
export function holdOf(id: string, change: Partial<HoldRequest> = {}): HoldRequest {
  return {
    id,
    accountId: 'user_1',
    keyId: 'key_1',
    prepaid: true,
    amount: 210_000n,
    minimum: 210_000n,
    now: NOW,
    expiresAt: NOW + 60_000,
    ...change,
  };
}

/** Ten tokens in, twenty out: 50,000 nano-USD. */
export function settlementOf(id: string, change: Partial<Settlement> = {}): Settlement {
  return {
    id,
    accountId: 'user_1',
    keyId: 'key_1',
    at: NOW,
    model: 'gpt-4o-mini',
    provider: 'openai',
    upstreamModel: 'gpt-4o-mini-2024-07-18',
    usage: {
      inputTokens: 10,
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
      cacheWrite1hTokens: 0,
      outputTokens: 20,
      reasoningTokens: 0,
      source: 'provider',
    },
    price: PRICE,
    cost: 50_000n,
    outcome: 'completed',
    flags: [],
    prepaid: true,
    ...change,
  };
}
