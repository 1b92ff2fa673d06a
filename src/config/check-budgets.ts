import { allowanceId, modelPattern } from '../catalog/catalog.js';
import type { BudgetOptions } from '../catalog/catalog-options.js';
import { AMOUNT_RULE, parseUsd } from '../lib/money.js';
import { type Checks, missingOf, one, problemsOf } from '../lib/option-checks.js';
import { BUDGET_PERIODS, beginsWithUse, isWindowLength, type WindowLength } from '../meter/windows.js';
import { isObject } from '../openai-api/field-checks.js';

/** An amount in USD that is not negative. */
export const anAmount = (value: unknown, path: string): string | undefined => {
  try {
    if (parseUsd(value as string) >= 0n) return undefined;
  } catch {
    // It is not an amount at all.
  }
  return `${path} must be ${AMOUNT_RULE}, and not negative`;
};

/** A share of a whole, above 0. */
export const aShare = (value: unknown, path: string): string | undefined =>
  typeof value === 'number' && value > 0 && value <= 10 ? undefined : `${path} must be a share such as 0.8`;

/** A list whose items are checked one by one. */
export const listOf =
  (check: (value: unknown, path: string) => string | undefined) =>
  (value: unknown, path: string): string | undefined => {
    if (!Array.isArray(value)) return `${path} must be an array`;
    const problems = value.flatMap((item: unknown, i) => check(item, `${path}[${i}]`) ?? []);
    return problems.length > 0 ? problems.join('\n') : undefined;
  };

const allowanceChecks: Checks = {
  amount: anAmount,
  per: (value, path) =>
    isWindowLength(value)
      ? undefined
      : `${path} must be 'day', 'week', 'month', or hours or days such as '5h' and '7d'`,
  models: (value, path) =>
    Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string' && name !== '')
      ? undefined
      : `${path} must be a non-empty array of model names`,
  anchor: one(['account']),
};

/** Every mistake in a plan's allowances, each with the path of its option. @param offered names of the plan's models. */
export function checkAllowances(allowance: unknown, path: string, offered: readonly string[]): string[] {
  if (allowance === undefined) return [];
  const list: unknown[] = Array.isArray(allowance) ? allowance : [allowance];
  const seen = new Set<string>();
  return list.flatMap((item, i) => {
    const at = Array.isArray(allowance) ? `${path}[${i}]` : path;
    if (!isObject(item)) return [`${at} must be an object`];
    const problems = [...missingOf(item, ['amount', 'per'], at), ...problemsOf(item, allowanceChecks, at)];
    if (problems.length > 0) return problems;
    if (item['anchor'] !== undefined && beginsWithUse(String(item['per'])))
      return [`${at}.anchor is for days, weeks and months: '${String(item['per'])}' begins with use`];
    const id = allowanceId(item as { per: WindowLength; models?: readonly string[] });
    if (seen.has(id)) return [`${at} has the same length and models as another allowance`];
    seen.add(id);
    const { models = [] } = item as { models?: readonly string[] };
    return models
      .filter((name) => !offered.some((model) => modelPattern(name).test(model)))
      .map((name) => `${at}.models names no model of the plan: ${name}`);
  });
}

const budgetChecks: Checks = {
  subject: (value, path) =>
    typeof value === 'string' && /^(?:account|endUser|session|tag:.{1,128})$/.test(value)
      ? undefined
      : `${path} must be 'account', 'endUser', 'session' or 'tag:NAME'`,
  amount: anAmount,
  per: one(BUDGET_PERIODS),
};

/** Every mistake in the budgets of all accounts, each with the path of its option. */
export function checkBudgets({ budgets }: { readonly budgets?: readonly BudgetOptions[] | undefined }): string[] {
  if (budgets === undefined) return [];
  if (!Array.isArray(budgets)) return ['budgets must be an array'];
  return budgets.flatMap((budget: unknown, i) => {
    const at = `budgets[${i}]`;
    if (!isObject(budget)) return [`${at} must be an object`];
    return [...missingOf(budget, Object.keys(budgetChecks), at), ...problemsOf(budget, budgetChecks, at)];
  });
}
