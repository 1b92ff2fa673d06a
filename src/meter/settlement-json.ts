import type { Settlement } from './meter.js';
import type { PriceSnapshot } from './price.js';

/** A price snapshot as JSON keeps it: decimal strings, because JSON numbers lose digits. */
type PriceJson = { readonly [K in keyof Omit<PriceSnapshot, 'units'>]: string } & {
  readonly units?: Readonly<Record<string, string>>;
};

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

function toPriceJson({ units, ...rates }: PriceSnapshot): PriceJson {
  return { ...texts(rates), ...(units && { units: texts(units) }) };
}

function fromPriceJson({ units, ...rates }: PriceJson): PriceSnapshot {
  return { ...integers(rates), ...(units && { units: integers(units) }) };
}

function texts<T extends Readonly<Record<string, bigint>>>(amounts: T): { [K in keyof T]: string } {
  return Object.fromEntries(Object.entries(amounts).map(([name, value]) => [name, String(value)])) as {
    [K in keyof T]: string;
  };
}

function integers<T extends Readonly<Record<string, string>>>(amounts: T): { [K in keyof T]: bigint } {
  return Object.fromEntries(Object.entries(amounts).map(([name, value]) => [name, BigInt(value)])) as {
    [K in keyof T]: bigint;
  };
}
