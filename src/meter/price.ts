import { type NanoUsd, parseDecimal, parsePricePerMillion } from './money.js';
import { completionTokens, promptTokens, type TokenCounts } from './usage.js';

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
}

/** Prices for long inputs; what is not named keeps the defaults of `Price`. */
export interface PriceTier extends Omit<Price, 'tiers'> {
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
  readonly base: Rates;
  readonly tiers: readonly { readonly above: number; readonly rates: Rates }[];
}

type Rates = Omit<PriceSnapshot, 'multiplier'>;

const PICO_PER_NANO = 1_000n;
const MULTIPLIER_ONE = 1_000_000n;

/** Reads a price list. @throws {RangeError} for a price that is no decimal number ≥ 0 with at most six decimals. */
export function readPrice(price: Price): PriceList {
  const tiers = (price.tiers ?? []).map((tier) => ({ above: tier.aboveInputTokens, rates: readRates(tier) }));
  return { base: readRates(price), tiers: tiers.sort((a, b) => a.above - b.above) };
}

function readRates(price: Omit<Price, 'tiers'>): Rates {
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
  let rates = list.base;
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
  const pico =
    BigInt(usage.inputTokens) * price.input +
    BigInt(usage.cachedInputTokens) * price.cachedInput +
    BigInt(usage.cacheWriteTokens) * price.cacheWrite +
    BigInt(usage.cacheWrite1hTokens) * price.cacheWrite1h +
    BigInt(usage.outputTokens) * price.output +
    BigInt(usage.reasoningTokens) * price.reasoning;
  return ceilDiv(pico * price.multiplier, PICO_PER_NANO * MULTIPLIER_ONE);
}

/** Token bounds of a request: no honest report goes beyond them. */
export interface TokenBounds {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** The most that a request within these bounds can cost, in any tier and any bucket. */
export function maxCostOf(bounds: TokenBounds, list: PriceList, multiplier: bigint): NanoUsd {
  let most = 0n;
  for (const rates of reachableRates(list, bounds.inputTokens)) {
    const pico = BigInt(bounds.inputTokens) * dearestInput(rates) + BigInt(bounds.outputTokens) * dearestOutput(rates);
    const nano = ceilDiv(pico * multiplier, PICO_PER_NANO * MULTIPLIER_ONE);
    if (nano > most) most = nano;
  }
  return most;
}

/** How many output tokens `amount` pays for beyond this input, at the dearest reachable rates; 0 when not even the input. */
export function affordableOutput(amount: NanoUsd, inputTokens: number, list: PriceList, multiplier: bigint): number {
  let fewest = Number.MAX_SAFE_INTEGER;
  for (const rates of reachableRates(list, inputTokens)) {
    const perToken = dearestOutput(rates) * multiplier;
    const left = amount * PICO_PER_NANO * MULTIPLIER_ONE - BigInt(inputTokens) * dearestInput(rates) * multiplier;
    if (left < 0n) return 0;
    if (perToken > 0n) fewest = Math.min(fewest, Number(left / perToken));
  }
  return fewest;
}

/** True when the reported tokens stay within the bounds the hold was made for. */
export function withinBounds(usage: TokenCounts, bounds: TokenBounds): boolean {
  return promptTokens(usage) <= bounds.inputTokens && completionTokens(usage) <= bounds.outputTokens;
}

function reachableRates(list: PriceList, inputTokens: number): Rates[] {
  return [list.base, ...list.tiers.filter((tier) => inputTokens > tier.above).map((tier) => tier.rates)];
}

function dearestInput(rates: Rates): bigint {
  return largest(rates.input, rates.cachedInput, rates.cacheWrite, rates.cacheWrite1h);
}

function dearestOutput(rates: Rates): bigint {
  return largest(rates.output, rates.reasoning);
}

function largest(...values: readonly bigint[]): bigint {
  let most = 0n;
  for (const value of values) if (value > most) most = value;
  return most;
}

function ceilDiv(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}
