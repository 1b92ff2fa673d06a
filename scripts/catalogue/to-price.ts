import type { Price, PriceTier, UnitPrice } from '../../src/meter/price.js';
import { numberOf, type PriceFacts } from './facts.js';

/** Our names of token rates, and theirs. */
const RATES = {
  input: 'input_cost_per_token',
  output: 'output_cost_per_token',
  cachedInput: 'cache_read_input_token_cost',
  cacheWrite: 'cache_creation_input_token_cost',
  cacheWrite1h: 'cache_creation_input_token_cost_above_1hr',
} as const;

type Rates = { -readonly [name in keyof typeof RATES]?: number };

/** USD per million tokens of a fact in USD per token, without the noise of binary fractions. */
export function perMillion(usd: number): number {
  return Number((usd * 1e6).toPrecision(12));
}

/** USD per unit, rounded up to a pico-USD: the finest that a price list can say. */
export function perUnit(usd: number): number {
  const pico = Number((usd * 1e12).toPrecision(12));
  return Number(`${Math.ceil(pico)}e-12`);
}

/** A price of the catalogue; undefined: the facts hold none. */
export function toPrice(
  facts: PriceFacts,
  tools: Readonly<Record<string, number>> = {},
  sizes: ReadonlyMap<string, PriceFacts> = new Map(),
): Price | undefined {
  const rates = ratesOf(facts, '');
  const units = unitsOf(facts, sizes, rates.input);
  if (units['web_search'] !== undefined) Object.assign(units, tools);
  if (rates.input === undefined && Object.keys(units).length === 0) return undefined;
  const imageToken = numberOf(facts, 'output_cost_per_image_token');
  const fallback = imageToken === undefined ? 0 : perMillion(imageToken);
  const { input = 0, output = fallback, ...cache } = rates;
  const reasoning = numberOf(facts, 'output_cost_per_reasoning_token');
  const tiers = tiersOf(facts, { input, output, ...cache });
  return {
    input,
    ...cache,
    output,
    ...(reasoning !== undefined && perMillion(reasoning) !== output && { reasoning: perMillion(reasoning) }),
    ...(tiers.length > 0 && { tiers }),
    ...(Object.keys(units).length > 0 && { units }),
  };
}

function ratesOf(facts: PriceFacts, suffix: string): Rates {
  const rates: Rates = {};
  for (const [name, fact] of Object.entries(RATES) as [keyof Rates, string][]) {
    const usd = numberOf(facts, `${fact}${suffix}`);
    // A free cache write says that the list has no such price: the tokens cost what other input costs.
    const unsaid = usd === undefined || (usd === 0 && name.startsWith('cacheWrite'));
    if (!unsaid) rates[name] = perMillion(usd);
  }
  return rates;
}

/** What a tier does not name costs what it costs below. */
function tiersOf(facts: PriceFacts, base: Required<Pick<Rates, 'input' | 'output'>> & Rates): PriceTier[] {
  const bounds = new Set<number>();
  for (const fact of Object.keys(facts)) {
    const thousands = /^(?:in|out)put_cost_per_token_above_(\d+)k_tokens$/.exec(fact)?.[1];
    if (thousands) bounds.add(Number(thousands));
  }
  return [...bounds]
    .sort((a, b) => a - b)
    .map((thousands) => ({
      aboveInputTokens: thousands * 1_000,
      ...base,
      ...ratesOf(facts, `_above_${thousands}k_tokens`),
    }));
}

/**
 * Units beside tokens, one basis for each thing: where a picture or sound is priced by the token, its price by the piece
 * or second is another way of saying the same.
 */
function unitsOf(facts: PriceFacts, sizes: ReadonlyMap<string, PriceFacts>, input: number | undefined) {
  const units: Record<string, UnitPrice> = {};
  const token = (unit: string, fact: string, same?: number) => {
    const usd = numberOf(facts, fact);
    if (usd !== undefined && perMillion(usd) !== same) units[unit] = { perMillion: perMillion(usd) };
  };
  const each = (unit: string, usd: number | undefined) => {
    if (usd !== undefined) units[unit] = perUnit(usd);
  };
  const sound = facts['mode'] === 'audio_transcription' || facts['mode'] === 'audio_speech';
  token('input_audio_token', 'input_cost_per_audio_token', sound ? undefined : input);
  token('output_audio_token', 'output_cost_per_audio_token');
  token('input_image_token', 'input_cost_per_image_token', input);
  token('output_image_token', 'output_cost_per_image_token');
  if (input === undefined) {
    each('input_second', numberOf(facts, 'input_cost_per_second'));
    each('character', numberOf(facts, 'input_cost_per_character'));
    const image = numberOf(facts, 'output_cost_per_image') ?? numberOf(facts, 'input_cost_per_image');
    each('image', image);
    if (image !== undefined)
      for (const [size, { input_cost_per_image }] of sizes) each(size, input_cost_per_image as number);
  }
  if (facts['mode'] === 'embedding') each('input_image', numberOf(facts, 'input_cost_per_image'));
  each('web_search', searchPrice(facts));
  each('maps', numberOf(facts, 'google_maps_grounding_cost_per_query'));
  return units;
}

/** The price of one search; where it differs by size, the highest. */
function searchPrice(facts: PriceFacts): number | undefined {
  const bySize = facts['search_context_cost_per_query'];
  if (typeof bySize !== 'object' || bySize === null) return undefined;
  return Math.max(...(Object.values(bySize) as number[]));
}
