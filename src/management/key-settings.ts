import type { KeyBudget } from '../keys/key-store.js';
import { isObject, isOptions } from '../lib/is-object.js';
import type { OptionNames } from '../lib/option-names.js';
import { shown } from '../lib/shown.js';
import type { Limits } from '../limits/rate-limiter.js';
import { BUDGET_PERIODS, type BudgetPeriod } from '../meter/windows.js';
import { invalid, type ManagementDeps, readAmount, readOptions } from './management.js';

export { BUDGET_PERIODS };

/** What a key may spend per UTC day, week (from Monday) or month, or in all; `amount` in USD. */
export interface Budget {
  readonly amount: string | number;
  readonly period: BudgetPeriod;
}

const BUDGET: OptionNames<Budget> = { amount: true, period: true };

/** @throws {GatewayError} `invalid_value` for anything but a list of known models. */
export function readModels(models: readonly string[], { catalog }: ManagementDeps): readonly string[] {
  if (!Array.isArray(models)) throw invalid('models', 'it must be an array of model names');
  for (const model of models)
    if (!catalog.models.has(model)) throw invalid('models', `'${shown(model)}' is not a model`);
  return [...models];
}

/** @throws {GatewayError} `invalid_value` for a plan that is not configured. */
export function checkPlan(plan: string, { catalog }: Pick<ManagementDeps, 'catalog'>): void {
  if (!catalog.plans.has(plan)) throw invalid('plan', `'${shown(plan)}' is not a plan`);
}

/** @throws {GatewayError} `invalid_value` for an unknown limit, or one that is not a positive integer. */
export function readLimits(limits: Limits): Limits {
  if (!isOptions(limits)) throw invalid('limits', 'it must be an object');
  for (const [name, value] of Object.entries(limits)) {
    if (!['requestsPerMinute', 'tokensPerMinute', 'concurrentRequests'].includes(name))
      throw invalid(`limits.${name}`, 'it is unknown');
    if (!Number.isSafeInteger(value) || Number(value) < 1)
      throw invalid(`limits.${name}`, 'it must be a positive integer');
  }
  return { ...limits };
}

/** @throws {GatewayError} `invalid_value` for an invalid budget. */
export function readBudget(budget: Budget): KeyBudget {
  if (!isObject(budget)) throw invalid('budget', 'it must be an object with amount and period');
  const { amount, period } = readOptions('budget', budget, BUDGET);
  const nano = readAmount(amount, 'budget.amount');
  if (nano < 0n) throw invalid('budget.amount', 'it must not be negative');
  if (!BUDGET_PERIODS.includes(period))
    throw invalid('budget.period', `it must be one of ${BUDGET_PERIODS.map((name) => `'${name}'`).join(', ')}`);
  return { amount: nano.toString(), period };
}
