import { hookProblems } from '../hooks/hook.js';
import { isOptions } from '../lib/is-object.js';
import {
  aDuration,
  aFlag,
  aFunction,
  anything,
  aText,
  type Check,
  type Checks,
  group,
  methods,
  notNegative,
  one,
  origins,
  positive,
  problemsOf,
} from '../lib/option-checks.js';
import { waitProblem } from '../lib/timers.js';
import { NOTICE_TYPES } from '../meter/notices.js';
import { isObject } from '../openai-api/field-checks.js';
import { anAmount, aShare, checkBudgets, listOf } from './check-budgets.js';
import { checkDefaultPlan, checkModels, checkPlans } from './check-catalog.js';
import {
  aKeyEvents,
  aKeyStore,
  aLogger,
  aMeter,
  anItemStore,
  anOutbox,
  aRateLimiter,
  aStore,
  aTransport,
} from './contracts.js';
import type { ConfigureOptions, GatewayOptions } from './options.js';

const bodies = group({
  sample: (value, path) =>
    typeof value === 'number' && value >= 0 && value <= 1 ? undefined : `${path} must be a number from 0 to 1`,
  redact: aFunction,
  maxBytes: positive,
});

const bodyBounds = group({ perKey: positive, perAccount: positive, total: positive });

const aFactSource: Check = (value, path) =>
  typeof value === 'function' || (typeof value === 'string' && value !== '')
    ? undefined
    : `${path} must be the name of a header or a function`;

const tagSources: Check = (value, path) =>
  typeof value === 'function' || (isObject(value) && Object.values(value).every((name) => typeof name === 'string'))
    ? undefined
    : `${path} must be a function or an object of header names`;

const optionChecks: Checks = {
  providers: anything,
  models: anything,
  plans: anything,
  defaultPlan: aText,
  budgets: anything,
  configSource: aFunction,
  refreshMs: waitProblem,
  store: aStore,
  keyStore: aKeyStore,
  meter: aMeter,
  rateLimiter: aRateLimiter,
  keyEvents: aKeyEvents,
  outbox: anOutbox,
  transport: aTransport,
  fetch: aFunction,
  logger: aLogger,
  now: aFunction,
  random: aFunction,
  maxBodyBytes: positive,
  maxUploadBytes: positive,
  maxBodyBytesInFlight: (value, path) => (isObject(value) ? bodyBounds(value, path) : positive(value, path)),
  refusedPerMinute: positive,
  timeouts: group({
    connectMs: waitProblem,
    firstByteMs: waitProblem,
    idleMs: waitProblem,
    totalMs: waitProblem,
    storeMs: waitProblem,
    clientStallMs: waitProblem,
  }),
  retries: group({
    maxAttempts: positive,
    maxRetryAfterMs: notNegative,
    baseDelayMs: notNegative,
    maxDelayMs: notNegative,
    fallbackOnAuthError: aFlag,
  }),
  onClientAbort: one(['cancel', 'drain']),
  drain: group({ maxStreams: notNegative, maxMs: waitProblem }),
  lateReports: group({
    maxStreams: notNegative,
    maxPerAccount: notNegative,
    maxMs: waitProblem,
    aboveHold: anAmount,
    aboveDoubt: anAmount,
  }),
  unsupported: one(['warn', 'error', 'drop']),
  keyPrefix: (value, path) =>
    typeof value === 'string' && /^[A-Za-z0-9_-]{1,32}$/.test(value)
      ? undefined
      : `${path} must be 1 to 32 letters, digits, - or _`,
  keyPepper: aText,
  toolLimits: group({ maxUses: positive }),
  outputLimits: group({ unset: positive, minimum: positive }),
  countTokens: aFunction,
  onLimiterError: one(['open', 'closed']),
  maxKeysPerAccount: positive,
  authenticate: aFunction,
  allowedOrigins: origins,
  attribution: group({ endUser: aFactSource, session: aFactSource, tags: tagSources }),
  on: group(Object.fromEntries(NOTICE_TYPES.map((type) => [type, aFunction]))),
  thresholds: group({
    balance: listOf(anAmount),
    budget: listOf(aShare),
    allowance: listOf(aShare),
    grantExpiring: aDuration,
  }),
  hooks: hookProblems,
  onUsage: aFunction,
  onError: aFunction,
  retention: group({ events: aDuration, requests: aDuration }),
  requestLog: group({
    keep: aDuration,
    bodies: (value, path) => (value === false ? undefined : bodies(value, path)),
  }),
  items: group({
    keep: aDuration,
    store: (value, path) => (value === false ? undefined : anItemStore(value, path)),
  }),
  telemetry: methods(['ended']),
  metrics: methods(['attach', 'ended']),
  onRequest: aFunction,
  background: aFunction,
};

/** @throws {TypeError} that lists every mistake in the options. */
export function checkOptions(options: GatewayOptions): void {
  if (!isObject(options)) throw new TypeError('createGateway needs an object with providers, models and plans');
  const problems = [
    ...problemsOf(options, optionChecks, ''),
    ...checkProviders(options.providers),
    ...checkOffer(options),
  ];
  if (options.transport && options.fetch) problems.push('transport and fetch can not both be set');
  refuse('createGateway', problems);
}

const changeChecks: Checks = { models: anything, plans: anything, defaultPlan: aText, budgets: anything };

/**
 * Checks a change of the configuration, and all of what would be in force with it.
 *
 * @throws {TypeError} that lists every mistake.
 */
export function checkConfiguration(change: ConfigureOptions, next: GatewayOptions): void {
  if (!isOptions(change)) throw new TypeError('configure needs an object with models, plans, defaultPlan or budgets');
  refuse('configure', [...problemsOf(change, changeChecks, ''), ...checkOffer(next)]);
}

function checkOffer(options: GatewayOptions): string[] {
  return [...checkModels(options), ...checkPlans(options), ...checkDefaultPlan(options), ...checkBudgets(options)];
}

function refuse(method: string, problems: readonly string[]): void {
  if (problems.length === 0) return;
  const list = problems.map((problem) => `- ${problem}`).join('\n');
  throw new TypeError(`${method}: ${problems.length} problem(s) in the options\n${list}`);
}

function checkProviders(providers: unknown): string[] {
  if (!isObject(providers) || Object.keys(providers).length === 0) return ['providers must name at least one provider'];
  return Object.entries(providers).flatMap(
    ([name, adapter]) => methods(['chat', 'stream'])(adapter, `providers.${name}`) ?? [],
  );
}
