import { isFields } from './openai/fields.js';

/** Fields that not every copy of the API knows, and that some SDKs send with every request. */
const RARE: ReadonlySet<string> = new Set(['store', 'logprobs', 'metadata', 'logit_bias', 'service_tier', 'verbosity']);

/** True for a rare field whose value asks for nothing: it is better not sent to an API that nothing is known of. */
export function isIdle(name: string, value: unknown): boolean {
  return RARE.has(name) && asksForNothing(name, value);
}

/**
 * True for a value that a field has when it is not used. Some SDKs send such fields with every request, and strict APIs
 * refuse them anyway.
 */
export function asksForNothing(name: string, value: unknown): boolean {
  switch (name) {
    case 'store':
    case 'logprobs':
      return value === false;
    case 'metadata':
    case 'logit_bias':
      return isEmptyObject(value);
    case 'service_tier':
      return value === 'auto' || value === 'default';
    case 'verbosity':
      return value === 'medium';
    case 'frequency_penalty':
    case 'presence_penalty':
      return value === 0;
    case 'n':
      return value === 1;
    case 'parallel_tool_calls':
      return value === true;
    case 'tool_choice':
      return value === 'auto';
    case 'search_parameters':
      return isFields(value) && value.mode === 'off';
    case 'modalities':
      return Array.isArray(value) && value.length === 1 && value[0] === 'text';
    default:
      return false;
  }
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
