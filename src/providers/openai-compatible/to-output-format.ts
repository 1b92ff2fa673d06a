import type { ChatRequest } from '../../openai-api/chat-request.js';
import { isNoObject } from '../object-schema.js';
import { type Fields, isFields } from '../openai/fields.js';
import type { UnsupportedParams } from '../unsupported-params.js';
import type { CompatibleFacts } from './facts.js';

/**
 * `response_format` where output can be asked to be JSON only: the schema goes into the instructions, where the model
 * reads it, and its enforcement is reported as left out. Such output is an object: a list is asked for in words alone.
 */
export function toOutputFormat(
  native: Fields,
  { response_format: format }: ChatRequest,
  { jsonSchema }: CompatibleFacts,
  unsupported: UnsupportedParams,
): void {
  if (jsonSchema || format?.type !== 'json_schema') return;
  unsupported.drop('response_format.json_schema');
  const { schema } = format.json_schema;
  const isList = isNoObject(schema);
  if (isList) delete native.response_format;
  else native.response_format = { type: 'json_object' };
  const hint = `Answer with a single JSON ${isList ? 'value' : 'object'}${schema ? ` that fits this JSON Schema: ${JSON.stringify(schema)}` : '.'}`;
  const messages = Array.isArray(native.messages) ? native.messages : [];
  const [first, ...rest] = messages;
  native.messages =
    isFields(first) && first.role === 'system' && typeof first.content === 'string'
      ? [{ ...first, content: `${first.content}\n\n${hint}` }, ...rest]
      : [{ role: 'system', content: hint }, ...messages];
}
