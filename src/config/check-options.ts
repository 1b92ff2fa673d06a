import { isObject } from '../openai-api/field-checks.js';
import { checkDefaultPlan, checkModels, checkPlans } from './check-catalog.js';
import {
  aFlag,
  aFunction,
  anything,
  aText,
  type Checks,
  group,
  methods,
  notNegative,
  one,
  positive,
  problemsOf,
} from './checks.js';
import type { GatewayOptions } from './options.js';

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
    storeMs: positive,
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

function checkProviders(providers: unknown): string[] {
  if (!isObject(providers) || Object.keys(providers).length === 0) return ['providers must name at least one provider'];
  return Object.entries(providers).flatMap(
    ([name, adapter]) => methods(['chat', 'stream'])(adapter, `providers.${name}`) ?? [],
  );
}
