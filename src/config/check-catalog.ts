import { MODALITIES } from '../catalog/capabilities.js';
import { type ModelOptions, modelPattern, type PlanOptions } from '../catalog/catalog.js';
import {
  aDay,
  aFlag,
  anything,
  aText,
  type Checks,
  group,
  notNegative,
  one,
  positive,
  problemsOf,
} from '../lib/option-checks.js';
import { MULTIPLIER_RULE, readMultiplier } from '../meter/price.js';
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
      ...checkPrice(model['price'], `${path}.price`),
      ...(model['cost'] === undefined ? [] : checkPrice(model['cost'], `${path}.cost`)),
      ...checkTargets(model as unknown as ModelOptions, isObject(providers) ? providers : {}, path),
    ];
  });
}

function checkTargets(model: ModelOptions, providers: object, path: string): string[] {
  const known = (provider: unknown, at: string) =>
    typeof provider === 'string' && Object.hasOwn(providers, provider)
      ? []
      : [`${at} names no provider: ${String(provider)}`];
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
      ...(target['price'] === undefined ? [] : checkPrice(target['price'], `${at}.price`)),
      ...(target['cost'] === undefined ? [] : checkPrice(target['cost'], `${at}.cost`)),
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
  priceMultiplier: (value, path) => {
    try {
      readMultiplier(value as number);
      return undefined;
    } catch {
      return `${path} must be ${MULTIPLIER_RULE}`;
    }
  },
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
      ...checkSources(plan, path),
      ...checkAllowedModels(plan as unknown as PlanOptions, isObject(models) ? models : {}, path),
    ];
  });
}

/** The options of a plan that belong together. */
function checkSources(plan: Record<string, unknown>, path: string): string[] {
  const problems: string[] = [];
  const { billing, creditLimit, allowance, overflow } = plan;
  if (billing === 'postpaid' && creditLimit === undefined)
    problems.push(`${path}.creditLimit must be set with postpaid`);
  if (billing !== 'postpaid' && creditLimit !== undefined)
    problems.push(`${path}.creditLimit is for postpaid plans only`);
  if (overflow !== undefined && allowance === undefined) problems.push(`${path}.overflow needs an allowance`);
  return [...problems, ...checkAllowances(allowance, `${path}.allowance`)];
}

function checkPlanModels(plan: PlanOptions, models: object, path: string): string[] {
  if (plan.models === '*') return [];
  if (!Array.isArray(plan.models)) return [`${path}.models must be '*' or an array of model names`];
  return plan.models
    .filter((model) => !Object.hasOwn(models, model))
    .map((model) => `${path}.models names no model: ${model}`);
}

/** An allowance bounds nothing by a name that no model of its plan has. */
function checkAllowedModels(plan: PlanOptions, models: object, path: string): string[] {
  const { allowance = [] } = plan;
  const offered = Array.isArray(plan.models) ? plan.models : Object.keys(models);
  return [allowance].flat().flatMap((one, i) => {
    const at = Array.isArray(allowance) ? `${path}.allowance[${i}]` : `${path}.allowance`;
    const names: unknown = isObject(one) ? one['models'] : undefined;
    if (!Array.isArray(names)) return [];
    const idle = names.filter((name) => !offered.some((model) => modelPattern(String(name)).test(model)));
    return idle.map((name) => `${at}.models names no model of the plan: ${name}`);
  });
}

/** The plan of accounts without one must exist. */
export function checkDefaultPlan({ plans, defaultPlan }: GatewayOptions): string[] {
  if (!isObject(plans)) return [];
  if (defaultPlan === undefined)
    return Object.keys(plans).length > 1 ? ['defaultPlan must be set when there are several plans'] : [];
  return Object.hasOwn(plans, defaultPlan) ? [] : [`defaultPlan names no plan: ${defaultPlan}`];
}
