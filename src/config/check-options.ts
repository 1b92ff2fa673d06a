import type { ModelOptions, PlanOptions } from '../catalog/catalog.js';
import { unknownOptions } from '../lib/option-names.js';
import { type Price, readMultiplier, readPrice } from '../meter/price.js';
import { isObject } from '../openai-api/field-checks.js';
import type { GatewayOptions } from './options.js';

type Checks = Readonly<Record<string, (value: unknown, path: string) => string | undefined>>;

const anything = () => undefined;
const aFunction = (value: unknown, path: string) =>
  typeof value === 'function' ? undefined : `${path} must be a function`;
const aFlag = (value: unknown, path: string) =>
  typeof value === 'boolean' ? undefined : `${path} must be true or false`;
const aText = (value: unknown, path: string) =>
  typeof value === 'string' && value !== '' ? undefined : `${path} must be a non-empty string`;
const positive = (value: unknown, path: string) =>
  Number.isSafeInteger(value) && (value as number) > 0 ? undefined : `${path} must be a positive integer`;
const notNegative = (value: unknown, path: string) =>
  Number.isSafeInteger(value) && (value as number) >= 0 ? undefined : `${path} must be an integer ≥ 0`;
const one = (values: readonly string[]) => (value: unknown, path: string) =>
  values.includes(value as string) ? undefined : `${path} must be one of ${values.map((v) => `'${v}'`).join(', ')}`;
const methods = (names: readonly string[]) => (value: unknown, path: string) => {
  const absent = names.filter((name) => !isObject(value) || typeof value[name] !== 'function');
  return absent.length === 0
    ? undefined
    : `${path} must have the method${absent.length > 1 ? 's' : ''} ${absent.join(', ')}`;
};
const group = (checks: Checks) => (value: unknown, path: string) => {
  if (!isObject(value)) return `${path} must be an object`;
  const problems = problemsOf(value, checks, path);
  return problems.length === 0 ? undefined : problems.join('\n');
};

const limits: Checks = { requestsPerMinute: positive, tokensPerMinute: positive, concurrentRequests: positive };

const optionChecks: Checks = {
  providers: anything,
  models: anything,
  plans: anything,
  defaultPlan: aText,
  store: (value, path) =>
    isObject(value) && 'keyStore' in value && 'meter' in value ? undefined : `${path} must hold a keyStore and a meter`,
  keyStore: methods([
    'createKey',
    'findKey',
    'listKeys',
    'updateKey',
    'touchKeys',
    'getAccount',
    'saveAccount',
    'listAccounts',
  ]),
  meter: methods([
    'reserve',
    'settle',
    'release',
    'extend',
    'expire',
    'balance',
    'credit',
    'redeem',
    'history',
    'usage',
  ]),
  rateLimiter: methods(['admit', 'finish', 'peek']),
  keyEvents: methods(['publish', 'subscribe']),
  outbox: methods(['append', 'pending', 'remove']),
  transport: methods(['send']),
  fetch: aFunction,
  logger: methods(['debug', 'info', 'warn', 'error']),
  now: aFunction,
  random: aFunction,
  maxBodyBytes: positive,
  timeouts: group({
    connectMs: positive,
    firstByteMs: positive,
    idleMs: positive,
    totalMs: positive,
    clientStallMs: positive,
  }),
  retries: group({
    maxAttempts: positive,
    maxRetryAfterMs: notNegative,
    baseDelayMs: notNegative,
    maxDelayMs: notNegative,
    fallbackOnAuthError: aFlag,
  }),
  onClientAbort: one(['cancel', 'drain']),
  drain: group({ maxStreams: notNegative, maxMs: positive }),
  unsupported: one(['warn', 'error', 'drop']),
  keyPrefix: (value, path) =>
    typeof value === 'string' && /^[A-Za-z0-9_-]{1,32}$/.test(value)
      ? undefined
      : `${path} must be 1 to 32 letters, digits, - or _`,
  keyPepper: aText,
  outputLimits: group({ unset: positive, minimum: positive }),
  countTokens: aFunction,
  onLimiterError: one(['open', 'closed']),
  onUsage: aFunction,
  onError: aFunction,
};

/** @throws {TypeError} that lists every mistake in the options. */
export function checkOptions(options: GatewayOptions): void {
  if (!isObject(options)) throw new TypeError('createGateway needs an object with providers, models and plans');
  const problems = [
    ...problemsOf(options, optionChecks, ''),
    ...checkProviders(options.providers),
    ...checkModels(options),
    ...checkPlans(options),
    ...checkDefaultPlan(options),
  ];
  if (options.transport && options.fetch) problems.push('transport and fetch can not both be set');
  if (problems.length > 0) {
    throw new TypeError(
      `createGateway: ${problems.length} problem(s) in the options\n${problems.map((p) => `- ${p}`).join('\n')}`,
    );
  }
}

function problemsOf(object: Record<string, unknown>, checks: Checks, path: string): string[] {
  return Object.entries(object).flatMap(([name, value]) => {
    const at = path ? `${path}.${name}` : name;
    if (!Object.hasOwn(checks, name)) return [`${at} is not an option${hint(name, checks)}`];
    const problem = value === undefined ? undefined : checks[name]?.(value, at);
    return problem === undefined ? [] : problem.split('\n');
  });
}

function hint(name: string, checks: Checks): string {
  const known = Object.fromEntries(Object.keys(checks).map((option) => [option, true as const]));
  const meant = unknownOptions({ [name]: true }, known)[0]?.meant;
  return meant === undefined ? '' : `; did you mean '${meant}'?`;
}

function checkProviders(providers: unknown): string[] {
  if (!isObject(providers) || Object.keys(providers).length === 0) return ['providers must name at least one provider'];
  return Object.entries(providers).flatMap(
    ([name, adapter]) => methods(['chat', 'stream'])(adapter, `providers.${name}`) ?? [],
  );
}

const modelChecks: Checks = {
  provider: aText,
  model: aText,
  targets: anything,
  price: anything,
  maxOutputTokens: positive,
  created: notNegative,
  ownedBy: aText,
};
const targetChecks: Checks = { provider: aText, model: aText, price: anything, weight: notNegative };

function checkModels({ models, providers }: GatewayOptions): string[] {
  if (!isObject(models) || Object.keys(models).length === 0) return ['models must name at least one model'];
  return Object.entries(models).flatMap(([name, model]) => {
    const path = `models.${name}`;
    if (!isObject(model)) return [`${path} must be an object`];
    return [
      ...problemsOf(model, modelChecks, path),
      ...checkPrice(model['price'], `${path}.price`),
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
    ];
  });
}

const PRICE_FIELDS = ['input', 'output', 'cachedInput', 'cacheWrite', 'cacheWrite1h', 'reasoning'];

function checkPrice(price: unknown, path: string, tier = false): string[] {
  if (!isObject(price)) return [`${path} must be an object with input and output in USD per million tokens`];
  const unknown = Object.keys(price).filter(
    (name) => !PRICE_FIELDS.includes(name) && name !== (tier ? 'aboveInputTokens' : 'tiers'),
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
  if (problems.length > 0) return problems;
  try {
    readPrice(price as unknown as Price);
    return [];
  } catch (thrown) {
    return [`${path}: ${(thrown as Error).message}`];
  }
}

const planChecks: Checks = {
  models: anything,
  limits: group(limits),
  billing: one(['metered', 'prepaid']),
  priceMultiplier: (value, path) => {
    try {
      readMultiplier(value as number);
      return undefined;
    } catch {
      return `${path} must be a number ≥ 0 with at most six decimals`;
    }
  },
};

function checkPlans({ plans, models }: GatewayOptions): string[] {
  if (!isObject(plans) || Object.keys(plans).length === 0) return ['plans must name at least one plan'];
  return Object.entries(plans).flatMap(([name, plan]) => {
    const path = `plans.${name}`;
    if (!isObject(plan)) return [`${path} must be an object`];
    return [
      ...problemsOf(plan, planChecks, path),
      ...checkPlanModels(plan as unknown as PlanOptions, isObject(models) ? models : {}, path),
    ];
  });
}

function checkPlanModels(plan: PlanOptions, models: object, path: string): string[] {
  if (plan.models === '*') return [];
  if (!Array.isArray(plan.models)) return [`${path}.models must be '*' or an array of model names`];
  return plan.models
    .filter((model) => !Object.hasOwn(models, model))
    .map((model) => `${path}.models names no model: ${model}`);
}

function checkDefaultPlan({ plans, defaultPlan }: GatewayOptions): string[] {
  if (!isObject(plans)) return [];
  if (defaultPlan === undefined)
    return Object.keys(plans).length > 1 ? ['defaultPlan must be set when there are several plans'] : [];
  return Object.hasOwn(plans, defaultPlan) ? [] : [`defaultPlan names no plan: ${defaultPlan}`];
}
