import { missingOf, positive, readBy } from '../lib/option-checks.js';
import { readMultiplier, readPrice, readUnitPrice, TOKEN_PRICE_NAMES } from '../meter/price.js';
import { isObject } from '../openai-api/field-checks.js';

const PRICE_FIELDS: readonly string[] = [...TOKEN_PRICE_NAMES, 'units'];

/** Every mistake in a price, each with the path of its option. */
export function checkPrice(price: unknown, path: string, tier = false): string[] {
  if (!isObject(price)) return [`${path} must be an object with input and output in USD per million tokens`];
  const unknown = Object.keys(price).filter(
    (name) => !PRICE_FIELDS.includes(name) && !(tier ? ['aboveInputTokens'] : ['tiers', 'reported']).includes(name),
  );
  const problems = unknown.map((name) => `${path}.${name} is not an option`);
  problems.push(...missingOf(price, ['input', 'output'], path));
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
  return found(readBy(readPrice)(price, path));
}

function checkReported(reported: unknown, path: string): string[] {
  if (!isObject(reported) || Object.keys(reported).length !== 1) return [`${path} must be { markup }`];
  return found(readBy(readMultiplier)(reported['markup'], `${path}.markup`));
}

function checkUnits(units: unknown, path: string): string[] {
  if (!isObject(units)) return [`${path} must be an object of prices in USD by unit`];
  return Object.entries(units).flatMap(([unit, price]) => {
    const readable =
      typeof price === 'number' ||
      typeof price === 'string' ||
      (isObject(price) && Object.keys(price).length === 1 && price['perMillion'] !== undefined);
    if (!readable) return [`${path}.${unit} must be USD per unit, or { perMillion } of it`];
    return found(readBy(readUnitPrice)(price, `${path}.${unit}`));
  });
}

function found(problem: string | undefined): string[] {
  return problem === undefined ? [] : [problem];
}
