import { GatewayError } from '../../lib/errors.js';
import type { ChatRequest } from '../../openai-api/chat-request.js';
import { isObject } from '../../openai-api/field-checks.js';
import { checkAllowed } from '../allowed-fields.js';
import { ALLOWED } from './allowed-fields.js';

type Fields = Record<string, unknown>;

/** Fields whose contents belong to the client: their keys are data. */
const OPAQUE: ReadonlySet<string> = new Set([
  'responseSchema',
  'responseJsonSchema',
  'parameters',
  'parametersJsonSchema',
  'args',
  'response',
  'labels',
]);

/**
 * Merges `extra_body.google` and `provider_options.google` into a native body, in this order: objects field by field,
 * `tools` appended, anything else replaced. Names may be snake_case, as the API itself allows.
 *
 * Source of `extra_body.google` and of its `thinking_config`: ai.google.dev, "OpenAI compatibility".
 *
 * @param maxOutputTokens stays the limit: what a request can cost is known before these options are.
 * @throws {GatewayError} when the options ask for several candidates.
 */
export function mergeNativeOptions(body: Fields, request: ChatRequest, maxOutputTokens: number | undefined): Fields {
  let merged = body;
  for (const options of nativeOptions(request)) merged = merge(merged, options);
  const asked = merged['generationConfig'] ?? {};
  if (!isObject(asked) || ![1, undefined].includes(asked['candidateCount'] as number | undefined)) {
    throw new GatewayError('unsupported_value', {
      param: 'provider_options.google.generationConfig',
      message: 'The generation config must be an object and may ask for one candidate only.',
    });
  }
  const limit = asked['maxOutputTokens'];
  const isLower = typeof limit === 'number' && limit > 0 && limit <= (maxOutputTokens ?? limit);
  if (maxOutputTokens !== undefined && !isLower) {
    merged['generationConfig'] = { ...asked, maxOutputTokens };
  }
  return merged;
}

function nativeOptions(request: ChatRequest): Fields[] {
  const extra = request['extra_body'];
  const sources = [
    [isObject(extra) ? extra['google'] : undefined, 'extra_body.google'],
    [request.provider_options?.google, 'provider_options.google'],
  ] as const;
  return sources.flatMap(([source, path]) => {
    if (!isObject(source)) return [];
    // The model is the path's and the tier the request's, so that nobody gets another one than was paid for.
    const { thinkingConfig, model: _, serviceTier: __, ...options } = camelCased(source);
    checkAllowed(options, ALLOWED, path);
    if (isObject(thinkingConfig)) checkAllowed({ generationConfig: { thinkingConfig } }, ALLOWED, path);
    return thinkingConfig === undefined ? [options] : [merge(options, { generationConfig: { thinkingConfig } })];
  });
}

function merge(base: Fields, over: Fields): Fields {
  const merged: Fields = { ...base };
  for (const [name, value] of Object.entries(over)) {
    if (name === '__proto__') continue;
    const before = merged[name];
    if (name === 'tools' && Array.isArray(before) && Array.isArray(value)) merged[name] = [...before, ...value];
    else if (name === 'thinkingConfig' && isObject(before) && isObject(value))
      merged[name] = mergeThinking(before, value);
    else if (isObject(before) && isObject(value) && !OPAQUE.has(name)) merged[name] = merge(before, value);
    else if (value !== undefined) merged[name] = value;
  }
  return merged;
}

/** A level and a budget together are refused by the API: the later one stands. */
function mergeThinking(before: Fields, over: Fields): Fields {
  const merged = { ...before, ...over };
  if (over['thinkingBudget'] !== undefined && over['thinkingLevel'] === undefined) delete merged['thinkingLevel'];
  if (over['thinkingLevel'] !== undefined && over['thinkingBudget'] === undefined) delete merged['thinkingBudget'];
  return merged;
}

function camelCased(fields: Fields): Fields {
  const names = Object.entries(fields).filter(([key]) => key !== '__proto__');
  const entries = names.map(([key, value]): [string, unknown] => {
    const name = key.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (OPAQUE.has(name)) return [name, value];
    if (Array.isArray(value)) return [name, value.map((item) => (isObject(item) ? camelCased(item) : item))];
    return [name, isObject(value) ? camelCased(value) : value];
  });
  return Object.fromEntries(entries);
}
