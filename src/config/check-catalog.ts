import { MODALITIES } from '../catalog/capabilities.js';
import type { ModelOptions, PlanOptions } from '../catalog/catalog-options.js';
import {
  aDay,
  aFlag,
  anything,
  aText,
  type Checks,
  group,
  missingOf,
  notNegative,
  one,
  positive,
  problemsOf,
  readBy,
} from '../lib/option-checks.js';
import { shown } from '../lib/shown.js';
import { readMultiplier } from '../meter/price.js';
import { isObject } from '../openai-api/field-checks.js';
import { anAmount, checkAllowances } from './check-budgets.js';
import { checkPrice } from './check-price.js';
import type { GatewayOptions } from './options.js';

const limits: Checks = { requestsPerMinute: positive, tokensPerMinute: positive, concurrentRequests: positive };

const modalities = (value: unknown, path: string) =>
  Array.isArray(value) && value.every((modality) => MODALITIES.includes(modality))
    ? undefined
    : `${path} must be an array of ${MODALITIES.map((modality) => `'${modality}'`).join(', ')}`;

const modelChecks: Checks = {
  provider: aText,
  model: aText,
  targets: anything,
  price: anything,
  cost: anything,
  maxOutputTokens: positive,
  contextWindow: positive,
  capabilities: group({
    input: modalities,
    output: modalities,
    tools: aFlag,
    structuredOutput: aFlag,
    reasoning: (value, path) =>
      typeof value === 'boolean' || (Array.isArray(value) && value.every((level) => typeof level === 'string'))
        ? undefined
        : `${path} must be true, false or an array of effort levels`,
    promptCache: aFlag,
    webSearch: aFlag,
    sampling: aFlag,
  }),
  displayName: aText,
  description: aText,
  deprecated: aDay,
  created: notNegative,
  ownedBy: aText,
};
const targetChecks: Checks = { provider: aText, model: aText, price: anything, cost: anything, weight: notNegative };

/** Every mistake in the models, each with the path of its option. */
export function checkModels({ models, providers }: GatewayOptions): string[] {
  if (!isObject(models) || Object.keys(models).length === 0) return ['models must name at least one model'];
  return Object.entries(models).flatMap(([name, model]) => {
    const path = `models.${name}`;
    if (!isObject(model)) return [`${path} must be an object`];
    return [
      ...problemsOf(model, modelChecks, path),
      ...missingOf(model, ['price'], path),
      ...checkPrices(model, path),
      ...checkTargets(model as unknown as ModelOptions, isObject(providers) ? providers : {}, path),
    ];
  });
}

/** The price and the cost of a model or target, where they are set. */
function checkPrices(priced: Record<string, unknown>, path: string): string[] {
  return ['price', 'cost'].flatMap((name) =>
    priced[name] === undefined ? [] : checkPrice(priced[name], `${path}.${name}`),
  );
}

function checkTargets(model: ModelOptions, providers: object, path: string): string[] {
  const known = (provider: unknown, at: string) =>
    typeof provider === 'string' && Object.hasOwn(providers, provider)
      ? []
      : [`${at} names no provider: ${shown(provider)}`];
  if (model.targets === undefined) return known(model.provider, `${path}.provider`);
  if (model.provider !== undefined || model.model !== undefined)
    return [`${path} has both targets and provider or model`];
  if (!Array.isArray(model.targets) || model.targets.length === 0) return [`${path}.targets must be a non-empty array`];
  return model.targets.flatMap((target: unknown, i) => {
    const at = `${path}.targets[${i}]`;
    if (!isObject(target)) return [`${at} must be an object`];
    return [
      ...problemsOf(target, targetChecks, at),
      ...known(target['provider'], `${at}.provider`),
      ...checkPrices(target, at),
    ];
  });
}

const planChecks: Checks = {
  models: anything,
  limits: group(limits),
  billing: one(['metered', 'prepaid', 'postpaid']),
  creditLimit: anAmount,
  allowance: anything,
  overflow: one(['balance', 'refuse']),
  tools: (value, path) =>
    value === '*' || (Array.isArray(value) && value.every((name) => typeof name === 'string' && name !== ''))
      ? undefined
      : `${path} must be '*' or an array of names such as 'web_search'`,
  toolLimits: group({ maxUses: positive }),
  priceMultiplier: readBy(readMultiplier),
};

/** Every mistake in the plans, each with the path of its option. */
export function checkPlans({ plans, models }: GatewayOptions): string[] {
  if (!isObject(plans) || Object.keys(plans).length === 0) return ['plans must name at least one plan'];
  return Object.entries(plans).flatMap(([name, plan]) => {
    const path = `plans.${name}`;
    if (!isObject(plan)) return [`${path} must be an object`];
    return [
      ...problemsOf(plan, planChecks, path),
      ...checkPlanModels(plan as unknown as PlanOptions, isObject(models) ? models : {}, path),
      ...checkSources(plan, path, offeredBy(plan, models)),
    ];
  });
}

function offeredBy({ models: offered }: Record<string, unknown>, models: object): string[] {
  return Array.isArray(offered) ? offered.filter((name) => typeof name === 'string') : Object.keys(models ?? {});
}

/** The options of a plan that belong together. @param models of the plan, by name. */
function checkSources(plan: Record<string, unknown>, path: string, models: readonly string[]): string[] {
  const problems: string[] = [];
  const { billing, creditLimit, allowance, overflow } = plan;
  if (billing === 'postpaid' && creditLimit === undefined)
    problems.push(`${path}.creditLimit must be set with postpaid`);
  if (billing !== 'postpaid' && creditLimit !== undefined)
    problems.push(`${path}.creditLimit is for postpaid plans only`);
  if (overflow !== undefined && allowance === undefined) problems.push(`${path}.overflow needs an allowance`);
  return [...problems, ...checkAllowances(allowance, `${path}.allowance`, models)];
}

function checkPlanModels(plan: PlanOptions, models: object, path: string): string[] {
  if (plan.models === '*') return [];
  if (!Array.isArray(plan.models)) return [`${path}.models must be '*' or an array of model names`];
  return plan.models
    .filter((model) => typeof model !== 'string' || !Object.hasOwn(models, model))
    .map((model) => `${path}.models names no model: ${shown(model)}`);
}

/** The plan of accounts without one must exist. */
export function checkDefaultPlan({ plans, defaultPlan }: GatewayOptions): string[] {
  if (!isObject(plans)) return [];
  if (defaultPlan === undefined)
    return Object.keys(plans).length > 1 ? ['defaultPlan must be set when there are several plans'] : [];
  // One of another kind is among the problems already.
  if (typeof defaultPlan !== 'string') return [];
  return Object.hasOwn(plans, defaultPlan) ? [] : [`defaultPlan names no plan: ${defaultPlan}`];
}
