import { formatDecimal, parsePricePerMillion } from '../lib/money.js';
import { shown } from '../lib/shown.js';
import { MULTIPLIER_RULE, type Price, readMultiplier, readUnitPrice, type UnitPrice } from '../meter/price.js';

const ONE = 1_000_000n;
/** Decimals of a price per million tokens, and of a price per unit: both are whole pico-USD. */
const PER_MILLION = 6;
const PER_UNIT = 12;

/** Reads a markup as millionths. @throws {RangeError} unless it is `MULTIPLIER_RULE`. */
export function readMarkup(markup: number | string): bigint {
  try {
    return readMultiplier(markup);
  } catch {
    throw new RangeError(`markup must be ${MULTIPLIER_RULE}, not ${shown(markup)}`);
  }
}

/** A price times the markup, exactly, rounded up to a pico-USD per token or unit. */
export function atMarkup({ tiers, units, reported, ...rates }: Price, markup: bigint): Price {
  return {
    ...ratesAt(rates, markup),
    ...(reported && { reported: { markup: product(readMarkup(reported.markup), markup, PER_MILLION) } }),
    ...(tiers && {
      tiers: tiers.map(({ aboveInputTokens, units: own, ...tier }) => ({
        aboveInputTokens,
        ...ratesAt(tier, markup),
        ...(own && { units: unitsAt(own, markup) }),
      })),
    }),
    ...(units && { units: unitsAt(units, markup) }),
  };
}

function unitsAt(units: Readonly<Record<string, UnitPrice>>, markup: bigint): Record<string, UnitPrice> {
  return Object.fromEntries(Object.entries(units).map(([unit, each]) => [unit, unitAt(each, markup)]));
}

function ratesAt<R extends { readonly [name in keyof R]: number | string }>(rates: R, markup: bigint): R {
  const times = Object.entries<number | string>(rates).map(([name, rate]) => [
    name,
    product(parsePricePerMillion(rate), markup, PER_MILLION),
  ]);
  return Object.fromEntries(times);
}

function unitAt(each: UnitPrice, markup: bigint): UnitPrice {
  const pico = readUnitPrice(each);
  return typeof each === 'object'
    ? { perMillion: product(pico, markup, PER_MILLION) }
    : product(pico, markup, PER_UNIT);
}

function product(pico: bigint, markup: bigint, places: number): number {
  return Number(formatDecimal((pico * markup + ONE - 1n) / ONE, places));
}
