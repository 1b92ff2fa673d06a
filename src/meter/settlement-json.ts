import type { Settlement } from './holds.js';
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

/** Marks an amount, written as text because JSON numbers lose digits; text that begins like it is marked as text. */
const AMOUNT = 'nano:';
const TEXT = 'text:';

/** Writes a settlement as one line of JSON text. */
export function settlementToJson(settlement: Settlement): string {
  const { price, ...rest } = settlement;
  return JSON.stringify({ ...rest, price: toPriceJson(price) }, (_, value: unknown) => {
    if (typeof value === 'bigint') return AMOUNT + String(value);
    return typeof value === 'string' && (value.startsWith(AMOUNT) || value.startsWith(TEXT)) ? TEXT + value : value;
  });
}

/** Reads what `settlementToJson` wrote. @throws when the text is something else. */
export function settlementFromJson(text: string): Settlement {
  const { price, ...rest } = JSON.parse(text, (_, value: unknown) => {
    if (typeof value !== 'string') return value;
    if (value.startsWith(AMOUNT)) return BigInt(value.slice(AMOUNT.length));
    return value.startsWith(TEXT) ? value.slice(TEXT.length) : value;
  }) as Omit<Settlement, 'price'> & { readonly price: PriceJson };
  return { ...rest, ...earlierForm(rest), price: fromPriceJson(price) };
}

/** Outboxes of earlier versions hold plain decimal text for the cost, and the one budget of the key. */
function earlierForm(settlement: object): Partial<Settlement> {
  const { cost, budget, keyId } = settlement as {
    cost?: unknown;
    budget?: { window: string; limit: string };
    keyId?: string;
  };
  return {
    ...(typeof cost === 'string' && { cost: BigInt(cost) }),
    ...(budget && { budgets: [{ subject: `key:${keyId}`, window: budget.window, limit: BigInt(budget.limit) }] }),
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
