import { GatewayError } from '../../errors.js';
import {
  aBoolean,
  aNumber,
  anArray,
  anInteger,
  anObject,
  aString,
  type Check,
  checkFields,
  isObject,
  oneOf,
  required,
  wrongType,
  wrongValue,
} from '../field-checks.js';
import { input } from './parse-items.js';
import type { InputItem, ResponsesRequest } from './responses-request.js';

/** A request as it came: its items may refer to others. */
export interface ParsedResponsesRequest extends Omit<ResponsesRequest, 'input'> {
  input: string | (InputItem | ItemReference)[];
  model: string;
}

/** Stands for an item of an earlier answer. */
export interface ItemReference {
  type?: 'item_reference';
  id: string;
}

const MAX_TOOLS = 1_024;
const toolName = aString(128);

const tool: Check = (value, path) => {
  if (!isObject(value)) throw wrongType(path, 'an object');
  required(value, 'type', clientTool, path);
  required(value, 'name', toolName, path);
  checkFields(value, { description: aString(), parameters: anObject, strict: aBoolean }, path);
};

const clientTool: Check = (value, path) => {
  if (typeof value !== 'string') throw wrongType(path, 'a string');
  if (value === 'function' || value === 'custom') return;
  const name = value.replace(/[^\w.-]/g, '?').slice(0, 60);
  throw new GatewayError('unsupported_value', {
    message: `The built-in tool '${name}' is not supported: this endpoint takes function tools, which your own code runs.`,
    param: path,
  });
};

const toolChoice: Check = (value, path) => {
  if (typeof value === 'string') return oneOf(['none', 'auto', 'required'])(value, path);
  if (!isObject(value)) throw wrongType(path, 'a string or an object');
  if (value['type'] === 'allowed_tools') {
    required(value, 'mode', oneOf(['auto', 'required']), path);
    required(value, 'tools', anArray(0, MAX_TOOLS, tool), path);
    return;
  }
  required(value, 'type', clientTool, path);
  required(value, 'name', toolName, path);
};

const textOptions: Check = (value, path) => {
  if (!isObject(value)) throw wrongType(path, 'an object');
  checkFields(value, { verbosity: oneOf(['low', 'medium', 'high']), format }, path);
};

const format: Check = (value, path) => {
  if (!isObject(value)) throw wrongType(path, 'an object');
  required(value, 'type', oneOf(['text', 'json_object', 'json_schema']), path);
  if (value['type'] !== 'json_schema') return;
  required(value, 'name', aString(128), path);
  required(value, 'schema', anObject, path);
  checkFields(value, { description: aString(), strict: aBoolean }, path);
};

const reasoning: Check = (value, path) => {
  if (!isObject(value)) throw wrongType(path, 'an object');
  const efforts = oneOf(['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max']);
  const summaries = oneOf(['auto', 'concise', 'detailed']);
  checkFields(value, { effort: efforts, summary: summaries, generate_summary: summaries }, path);
};

const metadata: Check = (value, path) => {
  if (!isObject(value)) throw wrongType(path, 'an object');
  const names = Object.keys(value);
  if (names.length > 16) throw wrongValue(path, 'it has more than 16 pairs');
  for (const name of names) aString(512)(value[name], `${path}.${name}`);
};

/** What needs answers or templates kept on the server. */
const REMEMBERED = {
  previous_response_id: 'answers are not stored here: send the whole conversation as input',
  conversation: 'conversations are not stored here: send the whole conversation as input',
  prompt: 'prompt templates are not stored here: send instructions and input',
} as const;

function refused(reason: string): Check {
  return (_, path) => {
    throw new GatewayError('unsupported_parameter', { message: `'${path}' is not supported: ${reason}.`, param: path });
  };
}

const background: Check = (value, path) => {
  aBoolean(value, path);
  if (value === true) refused('answers are not stored here, so none can be fetched later')(value, path);
};

/** Every field of a request that is known here. */
const fields: Readonly<Record<string, Check>> = {
  instructions: aString(),
  stream: aBoolean,
  max_output_tokens: anInteger(1, 100_000_000),
  temperature: aNumber(0, 2),
  top_p: aNumber(0, 1),
  top_logprobs: anInteger(0, 20),
  tools: anArray(0, MAX_TOOLS, tool),
  tool_choice: toolChoice,
  parallel_tool_calls: aBoolean,
  text: textOptions,
  reasoning,
  include: anArray(0, 100, aString(200)),
  metadata,
  store: aBoolean,
  stream_options: anObject,
  service_tier: aString(64),
  truncation: oneOf(['auto', 'disabled']),
  max_tool_calls: anInteger(1),
  user: aString(1_024),
  safety_identifier: aString(1_024),
  prompt_cache_key: aString(1_024),
  prompt_cache_retention: aString(64),
  background,
  previous_response_id: refused(REMEMBERED.previous_response_id),
  conversation: refused(REMEMBERED.conversation),
  prompt: refused(REMEMBERED.prompt),
};

/** Names that are known; others reach no provider, since what they cost or remember is not known. */
export const KNOWN_FIELDS: ReadonlySet<string> = new Set(['model', 'input', ...Object.keys(fields)]);

/** Checks the body of a responses request. @throws {GatewayError} whose `param` is the path of the first mistake. */
export function parseResponsesRequest(body: unknown): ParsedResponsesRequest {
  if (!isObject(body)) throw wrongType('body', 'a JSON object');
  required(body, 'model', aString(256), '');
  if (body['model'] === '') throw wrongValue('model', 'it is empty');
  checkFields(body, fields, '');
  required(body, 'input', input, '');
  return Object.fromEntries(
    Object.entries(body).filter(([, value]) => value !== null),
  ) as unknown as ParsedResponsesRequest;
}
