import { GatewayError } from '../../lib/errors.js';
import type { ChatRequest, ResponseFormat } from '../../openai-api/chat-request.js';
import type { ChatCall } from '../adapter.js';
import type { UnsupportedParams } from '../unsupported-params.js';
import type { GenerationConfig } from './api.js';
import type { GeminiFamily } from './families.js';
import { toSchema } from './to-schema.js';
import { toThinking } from './to-thinking.js';

/** Source: ai.google.dev, API reference, `GenerationConfig.stopSequences`. */
const MAX_STOPS = 5;

/**
 * Sampling, limits, output form and thinking. Source: ai.google.dev, API reference, `GenerationConfig`.
 *
 * @throws {GatewayError} for `n` above 1 and for output other than text and images.
 */
export function toGenerationConfig(
  call: ChatCall,
  family: GeminiFamily,
  hasTools: boolean,
  unsupported: UnsupportedParams,
): GenerationConfig {
  const { request } = call;
  if (request.n !== undefined && request.n !== 1) {
    throw new GatewayError('unsupported_value', {
      param: 'n',
      message: 'This model returns one choice: `n` must be 1.',
    });
  }
  const stop = (typeof request.stop === 'string' ? [request.stop] : (request.stop ?? [])).filter((text) => text !== '');
  if (stop.length > MAX_STOPS) unsupported.drop('stop');
  const thinkingConfig = toThinking(request, family, unsupported);
  return {
    ...(call.maxOutputTokens !== undefined && { maxOutputTokens: withinLimit(call.maxOutputTokens, call, family) }),
    ...(request.temperature !== undefined && { temperature: request.temperature }),
    ...(request.top_p !== undefined && { topP: request.top_p }),
    ...(typeof request.top_k === 'number' && { topK: request.top_k }),
    // The native field has 32 bits: folding keeps equal seeds equal.
    ...(request.seed !== undefined && { seed: request.seed | 0 }),
    ...(stop.length > 0 && { stopSequences: stop.slice(0, MAX_STOPS) }),
    ...penalties(request, family, unsupported),
    ...logprobs(request),
    ...outputForm(request, family, hasTools, unsupported),
    ...modalities(request),
    ...(thinkingConfig && { thinkingConfig }),
  };
}

/** The API refuses a limit above the model's own. */
function withinLimit(asked: number, call: ChatCall, family: GeminiFamily): number {
  return Math.min(asked, call.modelOutputLimit ?? family.maxOutputTokens);
}

/** Zero means no penalty: not worth reporting. */
function penalties(request: ChatRequest, family: GeminiFamily, unsupported: UnsupportedParams): GenerationConfig {
  const config: GenerationConfig = {};
  for (const [name, native] of [
    ['presence_penalty', 'presencePenalty'],
    ['frequency_penalty', 'frequencyPenalty'],
  ] as const) {
    const value = request[name];
    if (value === undefined) continue;
    if (family.penalties) config[native] = value;
    else if (value !== 0) unsupported.drop(name);
  }
  return config;
}

function logprobs(request: ChatRequest): GenerationConfig {
  if (request.logprobs !== true) return {};
  return { responseLogprobs: true, ...(request.top_logprobs !== undefined && { logprobs: request.top_logprobs }) };
}

/** Asks for JSON in words, where the model takes no JSON output together with tools; undefined where it does. */
export function outputInstruction(
  { response_format: format }: ChatRequest,
  family: GeminiFamily,
  hasTools: boolean,
): string | undefined {
  if (format === undefined || !asksInWords(format, family, hasTools)) return undefined;
  const schema = format.type === 'json_schema' ? format.json_schema.schema : undefined;
  const shape = schema ? ` that fits this JSON Schema: ${JSON.stringify(schema)}` : '';
  return `When you answer without calling a function, answer with a single JSON value${shape} and nothing else.`;
}

function asksInWords(format: ResponseFormat, family: GeminiFamily, hasTools: boolean): boolean {
  return format.type !== 'text' && hasTools && !family.jsonWithTools;
}

/** Models up to 2.5 refuse JSON output together with tools; the instruction asks for it then. */
function outputForm(
  { response_format: format }: ChatRequest,
  family: GeminiFamily,
  hasTools: boolean,
  unsupported: UnsupportedParams,
): GenerationConfig {
  if (format === undefined || format.type === 'text') return {};
  if (asksInWords(format, family, hasTools)) {
    unsupported.drop('response_format');
    return {};
  }
  const json = { responseMimeType: 'application/json' };
  switch (format.type) {
    case 'json_object':
      return json;
    case 'json_schema': {
      const { schema } = format.json_schema;
      return { ...json, ...(schema != null && { responseJsonSchema: toSchema(schema) }) };
    }
    default:
      throw new GatewayError('unsupported_value', {
        param: 'response_format.type',
        message: 'The response format is not supported.',
      });
  }
}

function modalities({ modalities: asked }: ChatRequest): GenerationConfig {
  if (asked === undefined) return {};
  const foreign = asked.findIndex((modality) => modality !== 'text' && modality !== 'image');
  if (foreign >= 0) {
    const param = `modalities[${foreign}]`;
    throw new GatewayError('unsupported_value', { param, message: 'The model answers with text only here.' });
  }
  return asked.includes('image') ? { responseModalities: asked.map((modality) => modality.toUpperCase()) } : {};
}
