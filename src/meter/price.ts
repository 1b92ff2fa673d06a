import { type NanoUsd, parseDecimal, parsePricePerMillion } from '../lib/money.js';
import { completionTokens, promptTokens, type TokenCounts } from '../lib/usage.js';

/** What a model costs, in US dollars per million tokens, as providers publish it. */
export interface Price {
  readonly input: number | string;
  readonly output: number | string;
  /** Input read from the prompt cache. @default the price of `input` */
  readonly cachedInput?: number | string;
  /** Input written to the prompt cache. @default the price of `input` */
  readonly cacheWrite?: number | string;
  /** Input written to the prompt cache for one hour. @default the price of `cacheWrite` */
  readonly cacheWrite1h?: number | string;
  /** Reasoning output. @default the price of `output` */
  readonly reasoning?: number | string;
  /** Prices of the whole request when its input (cached included) is longer than `aboveInputTokens`. */
  readonly tiers?: readonly PriceTier[];
  /** Prices of what is not counted in these tokens, in USD per unit: `{ web_search: 0.01, input_audio_token: { perMillion: 32 } }`. */
  readonly units?: Readonly<Record<string, UnitPrice>>;
}

/** USD for one unit, or for a million of them. */
export type UnitPrice = number | string | { readonly perMillion: number | string };

/** Prices for long inputs; what is not named keeps the defaults of `Price`. */
export interface PriceTier extends Omit<Price, 'tiers' | 'units'> {
  readonly aboveInputTokens: number;
}

/** The prices of one request in pico-USD per token, kept with its usage event so that the charge can be derived again. */
export interface PriceSnapshot {
  readonly input: bigint;
  readonly cachedInput: bigint;
  readonly cacheWrite: bigint;
  readonly cacheWrite1h: bigint;
  readonly output: bigint;
  readonly reasoning: bigint;
  /** The plan's price multiplier in millionths: 1_000_000n is the list price. */
  readonly multiplier: bigint;
}

/** A model's price list, read once at start: the base and its tiers in ascending order. */
export interface PriceList {
  readonly base: Tier;
  readonly tiers: readonly Tier[];
}

type Rates = Omit<PriceSnapshot, 'multiplier'>;

/** Rates for inputs of more than so many tokens, and the most expensive among them. */
interface Tier {
  readonly above: number;
  readonly rates: Rates;
  readonly dearestInput: bigint;
  readonly dearestOutput: bigint;
}

const MULTIPLIER_ONE = 1_000_000n;
/** Pico-USD times a multiplier in millionths, per nano-USD. */
const SCALE = 1_000n * MULTIPLIER_ONE;

/** Reads a price list. @throws {RangeError} for a price that is no decimal number ≥ 0 with at most six decimals. */
export function readPrice(price: Price): PriceList {
  const tiers = (price.tiers ?? []).map((tier) => readTier(tier.aboveInputTokens, tier));
  return { base: readTier(-1, price), tiers: tiers.sort((a, b) => a.above - b.above) };
}

/** Reads the price of a unit as pico-USD. @throws {RangeError} when it is negative or finer than a pico-USD. */
export function readUnitPrice(price: UnitPrice): bigint {
  if (typeof price === 'object') return parsePricePerMillion(price.perMillion);
  const pico = parseDecimal(price, 12);
  if (pico === undefined || pico < 0n) throw new RangeError(`not a price in USD: ${String(price)}`);
  return pico;
}

function readTier(above: number, price: Omit<Price, 'tiers' | 'units'>): Tier {
  const rates = readRates(price);
  const { input, cachedInput, cacheWrite, cacheWrite1h, output, reasoning } = rates;
  return {
    above,
    rates,
    dearestInput: largest(input, cachedInput, cacheWrite, cacheWrite1h),
    dearestOutput: largest(output, reasoning),
  };
}

function readRates(price: Omit<Price, 'tiers' | 'units'>): Rates {
  const input = parsePricePerMillion(price.input);
  const output = parsePricePerMillion(price.output);
  const optional = (value: number | string | undefined, fallback: bigint) =>
    value === undefined ? fallback : parsePricePerMillion(value);
  const cacheWrite = optional(price.cacheWrite, input);
  return {
    input,
    output,
    cachedInput: optional(price.cachedInput, input),
    cacheWrite,
    cacheWrite1h: optional(price.cacheWrite1h, cacheWrite),
    reasoning: optional(price.reasoning, output),
  };
}

/** Reads a plan's price multiplier (`1.2`, `'0.5'`) as millionths. @throws {RangeError} when it is negative or finer. */
export function readMultiplier(multiplier: number | string): bigint {
  const millionths = parseDecimal(multiplier, 6);
  if (millionths === undefined || millionths < 0n) throw new RangeError(`not a multiplier: ${String(multiplier)}`);
  return millionths;
}

/** The prices that hold for a request with this many input tokens. */
export function priceFor(list: PriceList, inputTokens: number, multiplier: bigint = MULTIPLIER_ONE): PriceSnapshot {
  let { rates } = list.base;
  for (const tier of list.tiers) if (inputTokens > tier.above) rates = tier.rates;
  const known = snapshots.get(rates);
  if (known?.multiplier === multiplier) return known;
  const snapshot = Object.freeze({ ...rates, multiplier });
  snapshots.set(rates, snapshot);
  return snapshot;
}

/** The last snapshot of each list of rates: kept with every event, so equal ones should be one object. */
const snapshots = new WeakMap<Rates, PriceSnapshot>();

/** What the tokens cost: summed exactly in pico-USD, multiplied, and rounded up once to a whole nano-USD. */
export function costOf(usage: TokenCounts, price: PriceSnapshot): NanoUsd {
  let pico = 0n;
  if (usage.inputTokens > 0) pico += BigInt(usage.inputTokens) * price.input;
  if (usage.cachedInputTokens > 0) pico += BigInt(usage.cachedInputTokens) * price.cachedInput;
  if (usage.cacheWriteTokens > 0) pico += BigInt(usage.cacheWriteTokens) * price.cacheWrite;
  if (usage.cacheWrite1hTokens > 0) pico += BigInt(usage.cacheWrite1hTokens) * price.cacheWrite1h;
  if (usage.outputTokens > 0) pico += BigInt(usage.outputTokens) * price.output;
  if (usage.reasoningTokens > 0) pico += BigInt(usage.reasoningTokens) * price.reasoning;
  return ceilDiv(pico * price.multiplier, SCALE);
}

/** Token bounds of a request: no honest report goes beyond them. */
export interface TokenBounds {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** The most that a request within these bounds can cost, in any tier and any bucket. */
export function maxCostOf(bounds: TokenBounds, list: PriceList, multiplier: bigint): NanoUsd {
  let most = picoOf(bounds, list.base);
  for (const tier of list.tiers) if (bounds.inputTokens > tier.above) most = largest(most, picoOf(bounds, tier));
  return ceilDiv(most * multiplier, SCALE);
}

function picoOf(bounds: TokenBounds, { dearestInput, dearestOutput }: Tier): bigint {
  return BigInt(bounds.inputTokens) * dearestInput + BigInt(bounds.outputTokens) * dearestOutput;
}

/** How many output tokens `amount` pays for beyond this input, at the highest reachable rates; 0 when not even the input. */
export function affordableOutput(amount: NanoUsd, inputTokens: number, list: PriceList, multiplier: bigint): number {
  let fewest = Number.MAX_SAFE_INTEGER;
  for (const { above, dearestInput, dearestOutput } of [list.base, ...list.tiers]) {
    if (inputTokens <= above) continue;
    const perToken = dearestOutput * multiplier;
    const left = amount * SCALE - BigInt(inputTokens) * dearestInput * multiplier;
    if (left < 0n) return 0;
    if (perToken > 0n) fewest = Math.min(fewest, Number(left / perToken));
  }
  return fewest;
}

/** True when the reported tokens stay within the bounds the hold was made for. */
export function withinBounds(usage: TokenCounts, bounds: TokenBounds): boolean {
  return promptTokens(usage) <= bounds.inputTokens && completionTokens(usage) <= bounds.outputTokens;
}

function largest(...values: readonly bigint[]): bigint {
  let most = 0n;
  for (const value of values) if (value > most) most = value;
  return most;
}

function ceilDiv(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}
