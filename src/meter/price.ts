import { type NanoUsd, parseDecimal, parsePrice, parsePricePerMillion, roundUpDecimal } from '../lib/money.js';
import { shown } from '../lib/shown.js';
import {
  BUCKET_NAMES,
  type Counts,
  sideOfUnit,
  TOKEN_BUCKETS,
  type TokenPriceName,
  type UnitCounts,
} from '../lib/usage.js';

/** US dollars as a number or a decimal string. */
export type Usd = number | string;

/** The price of one unit in US dollars, or of a million of them. */
export type UnitPrice = Usd | { readonly perMillion: Usd };

/** What a model costs: tokens in US dollars per million, as providers publish it, and everything else by the unit. */
export interface Price {
  readonly input: Usd;
  readonly output: Usd;
  /** Input read from the prompt cache. @default the price of `input` */
  readonly cachedInput?: Usd;
  /** Input written to the prompt cache. @default the price of `input` */
  readonly cacheWrite?: Usd;
  /** Input written to the prompt cache for one hour. @default twice the price of `input` */
  readonly cacheWrite1h?: Usd;
  /** Reasoning output. @default the price of `output` */
  readonly reasoning?: Usd;
  /**
   * US dollars per unit of anything that is not a text token: `{ web_search: 0.01, input_audio_token: { perMillion: 40 } }`.
   * For names with parts (`image:1024x1024:high`) the longest priced prefix counts. Tokens
   * (`input_…_token`, `output_…_token`) without a price of their own cost `input` and `output`.
   */
  readonly units?: Readonly<Record<string, UnitPrice>>;
  /**
   * Charges what the provider says the request cost, times `markup`. The other prices are for the hold, and for answers
   * without such a report.
   */
  readonly reported?: { readonly markup: Usd };
  /** Prices of the whole request when its input (cached included) is longer than `aboveInputTokens`. */
  readonly tiers?: readonly PriceTier[];
}

/** Prices for long inputs. Fields left out keep the defaults of `Price`; units keep those of the model. */
export interface PriceTier extends Omit<Price, 'tiers' | 'reported'> {
  readonly aboveInputTokens: number;
}

export type Rates = { readonly [Name in TokenPriceName]: bigint } & {
  /** Pico-USD per unit. */
  readonly units?: Readonly<Record<string, bigint>>;
  /** Factor on the cost that the provider reports, in millionths. Undefined: its report is ignored. */
  readonly reported?: bigint;
};

/** The prices of one request in pico-USD per token, kept with its usage event so that the charge can be derived again. */
export type PriceSnapshot = Rates & {
  /** The plan's price multiplier in millionths: 1_000_000n is the list price. */
  readonly multiplier: bigint;
};

/** A model's price list, read once at start: the base and its tiers in ascending order. */
export interface PriceList {
  readonly base: Tier;
  readonly tiers: readonly Tier[];
}

/** Rates for long inputs by their token threshold, and the highest of them. */
export interface Tier {
  readonly above: number;
  readonly rates: Rates;
  readonly highestInput: bigint;
  /** Of input that may be media. */
  readonly highestMedia: bigint;
  /** Media included. */
  readonly highestOutput: bigint;
}

const MULTIPLIER_ONE = 1_000_000n;
/** Pico-USD times a multiplier in millionths, per nano-USD. */
export const SCALE = 1_000n * MULTIPLIER_ONE;
const PICO_DIGITS = 12;
/**
 * The most that a request is charged or held for, a million dollars: no honest one costs as much, and stores that sum up costs in 64
 * bits can add thousands of them.
 */
export const MAX_COST: NanoUsd = 1_000_000n * 10n ** 9n;
/** Units are counted to the millionth: seconds and pages have fractions. */
const UNIT_PARTS = 1_000_000;

/** The price that an unset price falls back to. `cacheWrite1h`: Anthropic bills one-hour writes at twice the input price. */
const FALLBACKS: {
  readonly [Name in Exclude<TokenPriceName, 'input' | 'output'>]: readonly ['input' | 'output', bigint];
} = {
  cachedInput: ['input', 1n],
  cacheWrite: ['input', 1n],
  cacheWrite1h: ['input', 2n],
  reasoning: ['output', 1n],
};

/** The price fields of tokens, in the order of the buckets. */
export const TOKEN_PRICE_NAMES: readonly TokenPriceName[] = BUCKET_NAMES.map((name) => TOKEN_BUCKETS[name].price);

/** The buckets with the field that prices them, for loops over a request. */
const PRICED_BUCKETS = BUCKET_NAMES.map((bucket) => ({ bucket, price: TOKEN_BUCKETS[bucket].price }));

/** Reads a price list. @throws {RangeError} for a price that is not a decimal number, out of range, or too fine for a pico-USD. */
export function readPrice(price: Price): PriceList {
  const tiers = (price.tiers ?? []).map((tier) => {
    const units = tier.units ?? price.units;
    return readTier(tier.aboveInputTokens, {
      ...tier,
      ...(units && { units }),
      ...(price.reported && { reported: price.reported }),
    });
  });
  return { base: readTier(-1, price), tiers: tiers.sort((a, b) => a.above - b.above) };
}

function readTier(above: number, price: Omit<Price, 'tiers'>): Tier {
  const rates = readRates(price);
  // A model without a price for cache writes keeps none: the default of the hour must not double every hold.
  const writes = price.cacheWrite !== undefined || price.cacheWrite1h !== undefined;
  const highest = (side: 'input' | 'output') =>
    largest(
      ...PRICED_BUCKETS.filter(({ bucket }) => TOKEN_BUCKETS[bucket].side === side)
        .filter(({ price: name }) => writes || name !== 'cacheWrite1h')
        .map(({ price: name }) => rates[name]),
    );
  const highestMedia = (side: 'input' | 'output') =>
    largest(
      highest(side),
      ...Object.entries(rates.units ?? {})
        .filter(([name]) => sideOfUnit(name) === side)
        .map(([, rate]) => rate),
    );
  return {
    above,
    rates,
    highestInput: highest('input'),
    highestMedia: highestMedia('input'),
    // Whether a model will answer with text, pictures or sound is not known beforehand.
    highestOutput: highestMedia('output'),
  };
}

function readRates(price: Omit<Price, 'tiers'>): Rates {
  const rate = (name: TokenPriceName): bigint => {
    const value = price[name];
    if (value !== undefined || name === 'input' || name === 'output') return parsePricePerMillion(value ?? 'missing');
    const [other, factor] = FALLBACKS[name];
    return rate(other) * factor;
  };
  const rates = Object.fromEntries(TOKEN_PRICE_NAMES.map((name) => [name, rate(name)]));
  return {
    ...(rates as Record<TokenPriceName, bigint>),
    ...(price.units && { units: readUnits(price.units) }),
    ...(price.reported && { reported: readMultiplier(price.reported.markup) }),
  };
}

function readUnits(units: Readonly<Record<string, UnitPrice>>): Readonly<Record<string, bigint>> {
  return Object.fromEntries(Object.entries(units).map(([name, price]) => [name, readUnitPrice(price)]));
}

/** Reads the price of a unit as pico-USD. @throws {RangeError} when it is out of range, or finer than a pico-USD. */
export function readUnitPrice(price: UnitPrice): bigint {
  return typeof price === 'object' ? parsePricePerMillion(price.perMillion) : parsePrice(price);
}

/** What a multiplier and a markup have to be, for messages. */
export const MULTIPLIER_RULE = 'a number from 0 to 1000 with at most six decimals';

/** Reads a plan's price multiplier (`1.2`, `'0.5'`) as millionths. @throws {RangeError} unless it is `MULTIPLIER_RULE`. */
export function readMultiplier(multiplier: number | string): bigint {
  const millionths = parseDecimal(multiplier, 6);
  if (millionths === undefined || millionths < 0n || millionths > 1_000n * MULTIPLIER_ONE)
    throw new RangeError(`not ${MULTIPLIER_RULE}: ${shown(multiplier)}`);
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

/**
 * What was used costs: summed exactly in pico-USD, multiplied, and rounded up once to a whole nano-USD; at most `MAX_COST`. Where the price
 * says so and the provider reported a cost, that cost with markup and multiplier instead.
 */
export function costOf(usage: Counts & { readonly reportedCost?: string | undefined }, price: PriceSnapshot): NanoUsd {
  if (price.reported !== undefined && usage.reportedCost !== undefined) {
    const pico = reportedPico(usage.reportedCost);
    return costIn(pico * price.reported * price.multiplier, SCALE * MULTIPLIER_ONE);
  }
  let pico = 0n;
  for (const { bucket, price: name } of PRICED_BUCKETS) {
    const count = usage[bucket];
    if (count > 0) pico += BigInt(count) * price[name];
  }
  if (usage.units !== undefined) pico += picoOfUnits(usage.units, price);
  return costIn(pico * price.multiplier, SCALE);
}

/** A cost in whole nano-USD, at most `MAX_COST`. */
export function costIn(parts: bigint, partsPerNano: bigint): NanoUsd {
  const nano = ceilDiv(parts, partsPerNano);
  return nano < MAX_COST ? nano : MAX_COST;
}

/** The cost that a provider reported, in nano-USD, rounded up. */
export function reportedCostOf(reported: string): NanoUsd {
  return ceilDiv(reportedPico(reported), 1_000n);
}

function reportedPico(reported: string): bigint {
  return roundUpDecimal(reported, PICO_DIGITS) ?? 0n;
}

function picoOfUnits(units: UnitCounts, price: Rates): bigint {
  let pico = 0n;
  for (const [name, count] of Object.entries(units)) {
    const rate = unitRate(price, name) ?? fallbackRate(name, price.input, price.output);
    if (rate > 0n) pico += picoOfUnit(count, rate);
  }
  return pico;
}

export function picoOfUnit(count: number, rate: bigint): bigint {
  if (Number.isInteger(count)) return BigInt(count) * rate;
  return ceilDiv(BigInt(Math.ceil(count * UNIT_PARTS)) * rate, BigInt(UNIT_PARTS));
}

/** The price of a unit in pico-USD: of the longest beginning of its name that is priced. Undefined: it has no price. */
export function unitRate({ units }: Pick<Rates, 'units'>, name: string): bigint | undefined {
  if (units === undefined) return undefined;
  for (let part = name; ; part = part.slice(0, part.lastIndexOf(':'))) {
    if (Object.hasOwn(units, part)) return units[part];
    if (!part.includes(':')) return undefined;
  }
}

export function fallbackRate(name: string, input: bigint, output: bigint): bigint {
  const side = sideOfUnit(name);
  return side === undefined ? 0n : side === 'input' ? input : output;
}

export function largest(...values: readonly bigint[]): bigint {
  let most = 0n;
  for (const value of values) if (value > most) most = value;
  return most;
}

export function ceilDiv(value: bigint, divisor: bigint): bigint {
  return (value + divisor - 1n) / divisor;
}
