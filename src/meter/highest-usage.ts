import { BUCKET_NAMES, type BucketName, NO_USAGE, sideOfUnit, TOKEN_BUCKETS, type Usage } from '../lib/usage.js';
import type { TokenBounds } from './bounds.js';
import { type PriceList, priceFor } from './price.js';

/**
 * The usage within these bounds that costs most: all input in the bucket or unit of the highest price that it can have, all
 * units.
 *
 * @param bounds.outputTokens tokens of text.
 * @param hiddenTokens output besides the text, of any kind.
 */
export function highestUsage(bounds: TokenBounds, list: PriceList, hiddenTokens = 0): Usage {
  const { inputTokens, outputTokens, mediaTokens = 0 } = bounds;
  const input = highestPriced(list, inputTokens, 'input');
  const output = highestPriced(list, inputTokens, 'output');
  const counts: Record<BucketName, number> = { ...NO_USAGE };
  const units: Record<string, number> = { ...bounds.units };
  counts.outputTokens = outputTokens;
  counts[input.bucket] += input.unit === undefined ? inputTokens : inputTokens - mediaTokens;
  if (input.unit !== undefined) units[input.unit] = (units[input.unit] ?? 0) + mediaTokens;
  if (output.unit === undefined) counts[output.bucket] += hiddenTokens;
  else units[output.unit] = (units[output.unit] ?? 0) + hiddenTokens;
  const used = Object.values(units).some((count) => count > 0);
  return { ...NO_USAGE, ...counts, source: 'estimated', ...(used && { units }) };
}

/** The bucket of the highest price on a side, and the unit of tokens that costs more still; undefined: none does. */
function highestPriced(list: PriceList, inputTokens: number, side: 'input' | 'output') {
  const rates = priceFor(list, inputTokens);
  // A model without a price for cache writes has none: the default of the hour applies to nothing.
  const writes = rates.cacheWrite !== rates.input || rates.cacheWrite1h !== 2n * rates.input;
  let bucket: BucketName = side === 'input' ? 'inputTokens' : 'outputTokens';
  for (const name of BUCKET_NAMES) {
    if (TOKEN_BUCKETS[name].side !== side || (name === 'cacheWrite1hTokens' && !writes)) continue;
    if (rates[TOKEN_BUCKETS[name].price] > rates[TOKEN_BUCKETS[bucket].price]) bucket = name;
  }
  let highest = rates[TOKEN_BUCKETS[bucket].price];
  let unit: string | undefined;
  for (const [name, rate] of Object.entries(rates.units ?? {})) {
    if (sideOfUnit(name) === side && rate > highest) [unit, highest] = [name, rate];
  }
  return { bucket, unit };
}
