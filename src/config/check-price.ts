import { HIGHEST_PRICE } from '../lib/money.js';
import { positive } from '../lib/option-checks.js';
import {
  MULTIPLIER_RULE,
  type Price,
  readMultiplier,
  readPrice,
  readUnitPrice,
  TOKEN_PRICE_NAMES,
  type UnitPrice,
} from '../meter/price.js';
import { isObject } from '../openai-api/field-checks.js';

const PRICE_FIELDS: readonly string[] = [...TOKEN_PRICE_NAMES, 'units'];

/** Every mistake in a price, each with the path of its option. */
export function checkPrice(price: unknown, path: string, tier = false): string[] {
  if (!isObject(price)) return [`${path} must be an object with input and output in USD per million tokens`];
  const unknown = Object.keys(price).filter(
    (name) => !PRICE_FIELDS.includes(name) && !(tier ? ['aboveInputTokens'] : ['tiers', 'reported']).includes(name),
  );
  const problems = unknown.map((name) => `${path}.${name} is not an option`);
  for (const name of ['input', 'output']) if (price[name] === undefined) problems.push(`${path}.${name} is missing`);
  const tiers = tier ? undefined : price['tiers'];
  if (tiers !== undefined) {
    if (!Array.isArray(tiers)) return [...problems, `${path}.tiers must be an array`];
    tiers.forEach((item: unknown, i) => {
      problems.push(...checkPrice(item, `${path}.tiers[${i}]`, true));
      const above = isObject(item)
        ? positive(item['aboveInputTokens'], `${path}.tiers[${i}].aboveInputTokens`)
        : undefined;
      if (above) problems.push(above);
    });
  }
  if (price['units'] !== undefined) problems.push(...checkUnits(price['units'], `${path}.units`));
  if (price['reported'] !== undefined) problems.push(...checkReported(price['reported'], `${path}.reported`));
  if (problems.length > 0) return problems;
  try {
    readPrice(price as unknown as Price);
    return [];
  } catch (thrown) {
    return [`${path}: ${(thrown as Error).message}`];
  }
}

function checkReported(reported: unknown, path: string): string[] {
  try {
    if (isObject(reported) && Object.keys(reported).length === 1) readMultiplier(reported['markup'] as number);
    else return [`${path} must be { markup }`];
    return [];
  } catch {
    return [`${path}.markup must be ${MULTIPLIER_RULE}`];
  }
}

function checkUnits(units: unknown, path: string): string[] {
  if (!isObject(units)) return [`${path} must be an object of prices in USD by unit`];
  return Object.entries(units).flatMap(([unit, price]) => {
    const readable =
      typeof price === 'number' ||
      typeof price === 'string' ||
      (isObject(price) && Object.keys(price).length === 1 && price['perMillion'] !== undefined);
    try {
      if (readable) readUnitPrice(price as UnitPrice);
      if (readable) return [];
    } catch {
      // Not a number in that notation.
    }
    return [`${path}.${unit} must be USD per unit from 0 to ${HIGHEST_PRICE}, or { perMillion } of it`];
  });
}
