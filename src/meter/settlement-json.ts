import type { Settlement } from './meter.js';
import type { PriceSnapshot } from './price.js';

/** A price snapshot as JSON keeps it: decimal strings, because JSON numbers lose digits. */
type PriceJson = { readonly [K in keyof PriceSnapshot]: string };

/** Writes a price snapshot as JSON text. */
export function priceToJson(price: PriceSnapshot): string {
  return JSON.stringify(toPriceJson(price));
}

/** Reads what `priceToJson` wrote. @throws when the text is something else. */
export function priceFromJson(text: string): PriceSnapshot {
  return fromPriceJson(JSON.parse(text) as PriceJson);
}

/** Writes a settlement as one line of JSON text. */
export function settlementToJson(settlement: Settlement): string {
  const { cost, price, budget, ...rest } = settlement;
  return JSON.stringify({
    ...rest,
    cost: String(cost),
    price: toPriceJson(price),
    ...(budget && { budget: { window: budget.window, limit: String(budget.limit) } }),
  });
}

type SettlementJson = Omit<Settlement, 'cost' | 'price' | 'budget'> & {
  readonly cost: string;
  readonly price: PriceJson;
  readonly budget?: { readonly window: string; readonly limit: string };
};

/** Reads what `settlementToJson` wrote. @throws when the text is something else. */
export function settlementFromJson(text: string): Settlement {
  const { cost, price, budget, ...rest } = JSON.parse(text) as SettlementJson;
  return {
    ...rest,
    cost: BigInt(cost),
    price: fromPriceJson(price),
    ...(budget && { budget: { window: budget.window, limit: BigInt(budget.limit) } }),
  };
}

function toPriceJson(price: PriceSnapshot): PriceJson {
  return {
    input: String(price.input),
    cachedInput: String(price.cachedInput),
    cacheWrite: String(price.cacheWrite),
    cacheWrite1h: String(price.cacheWrite1h),
    output: String(price.output),
    reasoning: String(price.reasoning),
    multiplier: String(price.multiplier),
  };
}

function fromPriceJson(price: PriceJson): PriceSnapshot {
  return {
    input: BigInt(price.input),
    cachedInput: BigInt(price.cachedInput),
    cacheWrite: BigInt(price.cacheWrite),
    cacheWrite1h: BigInt(price.cacheWrite1h),
    output: BigInt(price.output),
    reasoning: BigInt(price.reasoning),
    multiplier: BigInt(price.multiplier),
  };
}
