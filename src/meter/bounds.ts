import type { NanoUsd } from '../lib/money.js';
import { type Counts, completionTokens, countsOf, promptTokens, sideOfUnit, type UnitCounts } from '../lib/usage.js';
import { costIn, fallbackRate, largest, type PriceList, picoOfUnit, SCALE, type Tier, unitRate } from './price.js';

/** The most that a request can use: no honest report exceeds it. */
export interface TokenBounds {
  /** Input tokens but for those among the units. */
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** How many of `inputTokens` may be sound or pictures, which can have prices of their own. @default 0 */
  readonly mediaTokens?: number;
  /** The most of each unit that it can use. */
  readonly units?: UnitCounts;
  /**
   * True: it asks for its input to be kept in a cache for an hour. Only needed where a model has no price for cache writes:
   * what is priced is always reckoned with.
   */
  readonly hourWrites?: boolean;
}

/** The most that a request within these bounds can cost, in any tier and any bucket. */
export function maxCostOf(bounds: TokenBounds, list: PriceList, multiplier: bigint): NanoUsd {
  let most = picoOf(bounds, list.base);
  const input = inputOf(bounds);
  for (const tier of list.tiers) if (input > tier.above) most = largest(most, picoOf(bounds, tier));
  return costIn(most * multiplier, SCALE);
}

function picoOf(bounds: TokenBounds, tier: Tier): bigint {
  const input = bounds.hourWrites ? largest(tier.highestInput, tier.rates.cacheWrite1h) : tier.highestInput;
  const forMedia = tier.highestMedia > input ? BigInt(bounds.mediaTokens ?? 0) * (tier.highestMedia - input) : 0n;
  const tokens = BigInt(bounds.inputTokens) * input + forMedia + BigInt(bounds.outputTokens) * tier.highestOutput;
  return bounds.units === undefined ? tokens : tokens + highestPicoOfUnits(bounds.units, tier);
}

/** Tokens that are held at a price of their own may turn out to be others of the same side. */
function highestPicoOfUnits(units: UnitCounts, { rates, highestInput, highestOutput }: Tier): bigint {
  let pico = 0n;
  for (const [name, count] of Object.entries(units)) {
    const rate = largest(unitRate(rates, name) ?? 0n, fallbackRate(name, highestInput, highestOutput));
    if (rate > 0n) pico += picoOfUnit(count, rate);
  }
  return pico;
}

/** How many output tokens `amount` pays for beyond this input, at the highest reachable rates; 0 when not even the input. */
export function affordableOutput(
  amount: NanoUsd,
  input: number | Omit<TokenBounds, 'outputTokens'>,
  list: PriceList,
  multiplier: bigint,
): number {
  const bounds = { ...(typeof input === 'number' ? { inputTokens: input } : input), outputTokens: 0 };
  const inputTokens = inputOf(bounds);
  let fewest = Number.MAX_SAFE_INTEGER;
  for (const tier of [list.base, ...list.tiers]) {
    if (inputTokens <= tier.above) continue;
    const perToken = tier.highestOutput * multiplier;
    const left = amount * SCALE - picoOf(bounds, tier) * multiplier;
    if (left < 0n) return 0;
    if (perToken > 0n) fewest = Math.min(fewest, Number(left / perToken));
  }
  return fewest;
}

/** True when what was reported stays within the bounds the hold was made for. */
export function withinBounds(usage: Counts, bounds: TokenBounds): boolean {
  if (usage.units === undefined && bounds.units === undefined)
    return promptTokens(usage) <= bounds.inputTokens && completionTokens(usage) <= bounds.outputTokens;
  if (promptTokens(usage) > inputOf(bounds) || completionTokens(usage) > outputOf(bounds)) return false;
  return Object.entries(usage.units ?? {}).every(
    ([name, count]) => sideOfUnit(name) !== undefined || count <= (bounds.units?.[name] ?? 0),
  );
}

function inputOf({ inputTokens, units }: TokenBounds): number {
  return units === undefined ? inputTokens : inputTokens + promptTokens({ ...NO_TOKENS, units });
}

function outputOf({ outputTokens, units }: TokenBounds): number {
  return units === undefined ? outputTokens : outputTokens + completionTokens({ ...NO_TOKENS, units });
}

const NO_TOKENS = countsOf(() => 0);
