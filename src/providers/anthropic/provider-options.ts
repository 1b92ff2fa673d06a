import { GatewayError } from '../../lib/errors.js';
import type { ChatRequest } from '../../openai-api/chat-request.js';
import { isObject, type JsonObject, type MessagesRequest } from './api.js';

/** What prices and accounting depend on: a client must not set these behind the gateway's back. */
const RESERVED = ['model', 'messages', 'stream', 'speed', 'inference_geo'];

/** Beta names of one request, from `provider_options.anthropic.betas`. Source: Anthropic docs, beta headers. */
export function requestedBetas(request: ChatRequest): string[] {
  const betas = request.provider_options?.anthropic?.['betas'];
  if (!Array.isArray(betas)) return [];
  return betas.filter((beta): beta is string => typeof beta === 'string' && /^[\w.-]{1,100}$/.test(beta));
}

/**
 * Merges the client's native fields into the request, last: its keys win, objects are merged, native tools are added to
 * the translated ones. `max_tokens` can only be lowered.
 *
 * @throws {GatewayError} for fields that the gateway decides.
 */
export function mergeProviderOptions(body: MessagesRequest, request: ChatRequest): void {
  const options: unknown = request.provider_options?.anthropic;
  if (options === undefined || options === null) return;
  if (!isObject(options)) throw new GatewayError('invalid_type', { param: 'provider_options.anthropic' });
  // A copy: what is left out later must not change the client's request, which another attempt may need.
  for (const [key, value] of Object.entries(structuredClone(options))) {
    const param = `provider_options.anthropic.${key}`;
    if (RESERVED.includes(key)) {
      throw new GatewayError('unsupported_parameter', { param, message: `The gateway sets '${key}' itself.` });
    }
    if (key === 'betas' || key === '__proto__') continue;
    if (key === 'max_tokens') {
      if (!Number.isInteger(value) || Number(value) < 0) throw new GatewayError('invalid_value', { param });
      body.max_tokens = Math.min(Number(value), body.max_tokens);
    } else if (key === 'tools' && Array.isArray(value)) {
      body.tools = [...(body.tools ?? []), ...value.filter(isObject)];
    } else {
      body[key] = merged(body[key], value);
    }
  }
}

/** Objects of one kind are merged; another `type` makes another object, whose fields must not mix. */
function merged(base: unknown, value: unknown): unknown {
  if (!isObject(base) || !isObject(value)) return value;
  if ('type' in base && 'type' in value && base['type'] !== value['type']) return value;
  const result: JsonObject = { ...base };
  for (const [key, inner] of Object.entries(value)) {
    if (key !== '__proto__') result[key] = merged(base[key], inner);
  }
  return result;
}
