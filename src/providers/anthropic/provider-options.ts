import { GatewayError } from '../../lib/errors.js';
import type { ChatRequest } from '../../openai-api/chat-request.js';
import { checkAllowed, notAllowed } from '../allowed-fields.js';
import { ALLOWED, COSTLY_BETAS, OTHER_MODELS } from './allowed-fields.js';
import { isObject, type JsonObject, type MessagesRequest, stringOf } from './api.js';

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
 * @throws {GatewayError} for fields that are not on the list.
 */
export function mergeProviderOptions(body: MessagesRequest, request: ChatRequest): void {
  const options: unknown = request.provider_options?.anthropic;
  if (options === undefined || options === null) return;
  if (!isObject(options)) throw new GatewayError('invalid_type', { param: PATH });
  checkAllowed(options, ALLOWED, PATH);
  checkTools(options['tools']);
  checkBetas(options['betas']);
  // A copy: what is left out later must not change the client's request, which another attempt may need.
  for (const [key, value] of Object.entries(structuredClone(options))) {
    const param = `${PATH}.${key}`;
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

const PATH = 'provider_options.anthropic';

/** Tools that ask another model have that model's price. */
function checkTools(tools: unknown): void {
  for (const [index, tool] of (Array.isArray(tools) ? tools : []).entries()) {
    const type = isObject(tool) ? stringOf(tool['type']) : '';
    if (OTHER_MODELS.test(type)) throw notAllowed(type, `${PATH}.tools[${index}].type`);
  }
}

function checkBetas(betas: unknown): void {
  const costly = (Array.isArray(betas) ? betas : []).findIndex((beta) => COSTLY_BETAS.test(stringOf(beta)));
  if (costly >= 0) throw notAllowed('betas', `${PATH}.betas[${costly}]`);
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
