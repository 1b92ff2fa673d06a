import type { ChatRequest } from './chat-request.js';
import { EFFORT_LEVELS } from './effort-levels.js';
import {
  aNumber,
  anArray,
  anInteger,
  anObject,
  aString,
  type Check,
  checkFields,
  fieldChecks,
  isObject,
  oneOf,
  required,
  wrongRole,
  wrongType,
  wrongValue,
} from './field-checks.js';
import { otherPart, refuseOtherForm } from './other-form.js';

const MAX_TOOLS = 1_024;
const named = aString(128);

const toolChoice: Check = (value, path) => {
  if (typeof value === 'string') return oneOf(['none', 'auto', 'required'])(value, path);
  if (!isObject(value)) throw wrongType(path, 'a string or an object');
  required(value, 'type', oneOf(['function', 'custom', 'allowed_tools']), path);
  const type = value['type'] as string;
  refuseOtherForm('tool choice', value, type, path, 'chat');
  required(value, type, anObject, path);
  const inner = value[type] as Record<string, unknown>;
  if (type !== 'allowed_tools') return required(inner, 'name', named, `${path}.${type}`);
  required(inner, 'mode', oneOf(['auto', 'required']), `${path}.allowed_tools`);
  required(inner, 'tools', anArray(0, MAX_TOOLS, anObject), `${path}.allowed_tools`);
};

/** Each list once, whichever route has the field. */
const effort = oneOf(EFFORT_LEVELS);
const verbosity = oneOf(['low', 'medium', 'high']);
const formatType = oneOf(['text', 'json_object', 'json_schema']);

const logitBias: Check = (value, path) => {
  for (const name in value as object) {
    aNumber(-100, 100)((value as Record<string, unknown>)[name], `${path}.${name}`);
  }
};

const fields = fieldChecks({
  reasoning_effort: effort,
  verbosity,
  tool_choice: toolChoice,
  response_format: (value, path) => required(value as Record<string, unknown>, 'type', formatType, path),
  temperature: aNumber(0, 2),
  top_p: aNumber(0, 1),
  top_k: anInteger(0),
  frequency_penalty: aNumber(-2, 2),
  presence_penalty: aNumber(-2, 2),
  logit_bias: logitBias,
  top_logprobs: anInteger(0, 20),
});

/** Types of parts by the role of their message. */
const PARTS: ReadonlyMap<string, Check> = new Map(
  Object.entries({
    system: ['text'],
    developer: ['text'],
    user: ['text', 'image_url', 'input_audio', 'file'],
    assistant: ['text', 'refusal'],
    tool: ['text', 'image_url', 'file'],
  }).map(([role, types]) => [role, oneOf(types)]),
);

const ROLES: ReadonlySet<string> = new Set([...PARTS.keys(), 'function']);

const detail = oneOf(['auto', 'low', 'high']);
const audioFormat = oneOf(['wav', 'mp3']);

const partChecks: ReadonlyMap<unknown, Check> = new Map([
  [
    'image_url',
    (part, path) => {
      const image = (part as Record<string, unknown>)['image_url'];
      anObject(image, `${path}.image_url`);
      if (image['detail'] != null) detail(image['detail'], `${path}.image_url.detail`);
    },
  ],
  [
    'input_audio',
    (part, path) => {
      const audio = (part as Record<string, unknown>)['input_audio'];
      anObject(audio, `${path}.input_audio`);
      required(audio, 'format', audioFormat, `${path}.input_audio`);
    },
  ],
]);

/**
 * Checks a chat request against the values that OpenAI's API reference lists. Adapters of APIs with lists of their own
 * pass
 * values on as they came; those that translate each value, and OpenAI's own, call this first.
 *
 * @throws {GatewayError} whose `param` is the path of the first value that is not listed.
 */
export function checkPublishedValues(request: ChatRequest): void {
  checkFields(request, fields, '');
  for (const [index, { role, content }] of request.messages.entries()) {
    if (!ROLES.has(role)) throw wrongRole(role, `messages[${index}].role`);
    if (Array.isArray(content)) checkParts(content, role, index);
  }
}

/**
 * The same for OpenAI's own API, with its limits of how many there may be. Source: the OpenAI API reference, `stop` and
 * `metadata`.
 */
export function checkOpenAIValues(request: ChatRequest): void {
  checkPublishedValues(request);
  checkFields(request, openaiLimits, '');
}

const stops = anArray(0, 4, aString());

const metadata: Check = (value, path) => {
  const names = Object.keys(value as object);
  if (names.length > 16) throw wrongValue(path, 'it has more than 16 pairs');
  for (const name of names) aString(512)((value as Record<string, unknown>)[name], `${path}.${name}`);
};

/** Source: the OpenAI API reference, `ChatCompletionStreamOptions`. */
const STREAM_OPTIONS: ReadonlySet<string> = new Set(['include_usage', 'include_obfuscation']);

const streamOptions: Check = (value, path) => {
  for (const name in value as object) {
    if (!STREAM_OPTIONS.has(name)) throw wrongValue(`${path}.${name}`, 'there is no such option');
  }
};

const openaiLimits = fieldChecks({
  stream_options: streamOptions,
  stop: (value, path) => {
    if (typeof value !== 'string') stops(value, path);
  },
  metadata,
  function_call: (value, path) => {
    if (typeof value === 'string') oneOf(['none', 'auto'])(value, path);
  },
});

/** The same for a request of the legacy route for completions. Source: the OpenAI API reference, `CreateCompletionRequest`. */
export function checkOpenAICompletion(request: object): void {
  checkFields(request as Record<string, unknown>, completionFields, '');
}

const completionFields = fieldChecks({
  stream_options: streamOptions,
  logprobs: anInteger(0, 20),
  temperature: aNumber(0, 2),
  top_p: aNumber(0, 1),
  frequency_penalty: aNumber(-2, 2),
  presence_penalty: aNumber(-2, 2),
  stop: (value, path) => {
    if (typeof value !== 'string') stops(value, path);
  },
});

function checkParts(parts: readonly unknown[], role: string, index: number): void {
  const type = PARTS.get(role);
  for (const [place, part] of parts.entries()) {
    if (!isObject(part)) continue;
    // only the few parts that need a path get one
    const at = () => `messages[${index}].content[${place}]`;
    try {
      type?.(part['type'], '');
    } catch {
      const other = otherPart(part['type'], 'chat');
      if (other !== undefined) throw wrongValue(`${at()}.type`, other);
      type?.(part['type'], `${at()}.type`);
    }
    const check = partChecks.get(part['type']);
    if (check) check(part, at());
  }
}

const responsesText = fieldChecks({
  verbosity,
  format: (value, path) => required(value as Record<string, unknown>, 'type', formatType, path),
});
const responsesReasoning = fieldChecks({
  effort,
  summary: oneOf(['auto', 'concise', 'detailed']),
  generate_summary: oneOf(['auto', 'concise', 'detailed']),
});

const responsesFields = fieldChecks({
  truncation: oneOf(['auto', 'disabled']),
  metadata,
  text: (value, path) => checkFields(value as Record<string, unknown>, responsesText, path),
  reasoning: (value, path) => checkFields(value as Record<string, unknown>, responsesReasoning, path),
  tool_choice: (value, path) => {
    if (typeof value === 'string') oneOf(['none', 'auto', 'required'])(value, path);
  },
  temperature: aNumber(0, 2),
  top_p: aNumber(0, 1),
  top_logprobs: anInteger(0, 20),
});

/** The same for the fields of a responses request that goes to OpenAI, which judges the items itself. */
export function checkPublishedResponses(request: object): void {
  checkFields(request as Record<string, unknown>, responsesFields, '');
}
