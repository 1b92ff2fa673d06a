import type { Settlement } from '../src/meter/meter.js';

const PRICE = {
  input: 150_000n,
  cachedInput: 75_000n,
  cacheWrite: 150_000n,
  cacheWrite1h: 150_000n,
  output: 600_000n,
  reasoning: 600_000n,
  multiplier: 1_000_000n,
};

/** A usual request as a meter gets it: ten tokens in, twenty out, prepaid. */
export function sampleSettlement(whose: Pick<Settlement, 'id' | 'accountId' | 'keyId' | 'at'>): Settlement {
  return {
    ...whose,
    model: 'bench',
    provider: 'openai',
    upstreamModel: 'bench',
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
    cost: 13_500n,
    outcome: 'completed',
    flags: [],
    prepaid: true,
  };
}
