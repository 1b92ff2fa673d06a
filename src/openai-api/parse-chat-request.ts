import type { ChatRequest } from './chat-request.js';
import {
  aBoolean,
  anArray,
  anInteger,
  anObject,
  anyInteger,
  anyNumber,
  aString,
  bodyFields,
  type Check,
  checkFields,
  fieldChecks,
  isObject,
  required,
  stop,
  streamOptions,
  withoutNulls,
  wrongType,
  wrongValue,
} from './field-checks.js';
import { refuseOtherForm } from './other-form.js';
import { messages } from './parse-messages.js';

const MAX_TOOLS = 1_024;
const MAX_FIELDS = 1_000;

const toolName = aString(128);

const definitionFields = fieldChecks({ description: aString(), parameters: anObject, strict: aBoolean });

const functionDefinition: Check = (value, path) => {
  anObject(value, path);
  required(value, 'name', toolName, path);
  checkFields(value, definitionFields, path);
};

/** What Gemini runs itself, each in an entry without a type. Source: ai.google.dev, API reference, `Tool`. */
const UNTYPED_TOOLS = /^(?:google_?search(?:_?retrieval)?|url_?context|code_?execution|google_?maps)$/i;

/** Tools of other types are the provider's own: whether one runs is decided where the provider is known. */
const tool: Check = (value, path) => {
  anObject(value, path);
  if (value['type'] === undefined && Object.keys(value).some((name) => UNTYPED_TOOLS.test(name))) return;
  const { type } = value;
  refuseOtherForm('tool', value, type === 'function' || type === 'custom' ? type : 'type', path, 'chat');
  required(value, 'type', aString(128), path);
  if (type === 'function') required(value, 'function', functionDefinition, path);
  else if (type === 'custom') required(value, 'custom', namedObject, path);
};

const namedObject: Check = (value, path) => {
  anObject(value, path);
  required(value, 'name', toolName, path);
};

/** Servers differ in what they accept here: only the type is checked. */
const toolChoice: Check = (value, path) => {
  if (typeof value !== 'string' && !isObject(value)) throw wrongType(path, 'a string or an object');
};

const functionCall: Check = (value, path) => {
  if (typeof value !== 'string') namedObject(value, path);
};

const formatFields = fieldChecks({ description: aString(), schema: anObject, strict: aBoolean });

const responseFormat: Check = (value, path) => {
  anObject(value, path);
  required(value, 'type', aString(64), path);
  if (value['type'] !== 'json_schema') return;
  refuseOtherForm('format', value, 'json_schema', path, 'chat');
  required(value, 'json_schema', namedObject, path);
  const format = value['json_schema'] as Record<string, unknown>;
  checkFields(format, formatFields, `${path}.json_schema`);
};

const logitBias: Check = (value, path) => {
  anObject(value, path);
  for (const name of Object.keys(value)) anyNumber(value[name], `${path}.${name}`);
};

/**
 * Every known field of `CreateChatCompletionRequest`, by its type. Which values there are is for the model's provider to
 * say, except where the price depends on it: see `published-values.ts`.
 *
 * Source: the OpenAI API reference. Length limits that only bound abuse are the gateway's own.
 */
const fields = fieldChecks({
  stream: aBoolean,
  stream_options: streamOptions,
  max_completion_tokens: anInteger(1, 100_000_000),
  max_tokens: anInteger(1, 100_000_000),
  temperature: anyNumber,
  top_p: anyNumber,
  top_k: anyInteger,
  n: anInteger(1, 128),
  stop,
  frequency_penalty: anyNumber,
  presence_penalty: anyNumber,
  logit_bias: logitBias,
  logprobs: aBoolean,
  top_logprobs: anyInteger,
  seed: (value, path) => {
    if (!Number.isInteger(value)) throw wrongType(path, 'an integer');
  },
  tools: anArray(0, MAX_TOOLS, tool),
  tool_choice: toolChoice,
  parallel_tool_calls: aBoolean,
  response_format: responseFormat,
  reasoning_effort: aString(64),
  verbosity: aString(64),
  modalities: anArray(0, 8, aString()),
  audio: anObject,
  prediction: anObject,
  web_search_options: anObject,
  metadata: anObject,
  store: aBoolean,
  service_tier: aString(64),
  user: aString(1_024),
  safety_identifier: aString(1_024),
  prompt_cache_key: aString(1_024),
  functions: anArray(0, MAX_TOOLS, functionDefinition),
  function_call: functionCall,
  provider_options: anObject,
});

/**
 * Checks the body of a chat request. Unknown fields are kept; top-level nulls are removed.
 *
 * @throws {GatewayError} whose `param` is the path of the first mistake.
 */
export function parseChatRequest(value: unknown): ChatRequest {
  const body = bodyFields(value, ['messages', 'chat']);
  required(body, 'messages', messages, '');
  checkFields(body, fields, '');
  if (Object.keys(body).length > MAX_FIELDS) throw wrongValue('body', `it has more than ${MAX_FIELDS} fields`);
  return withoutNulls(body) as unknown as ChatRequest;
}
