import { GatewayError } from '../../lib/errors.js';
import { aGrammar } from '../check-custom-tools.js';
import {
  aBoolean,
  anArray,
  anInteger,
  anObject,
  anyNumber,
  aString,
  bodyFields,
  type Check,
  checkFields,
  fieldChecks,
  isObject,
  objectWith,
  required,
  withoutNulls,
  word,
  wrongType,
} from '../field-checks.js';
import { refuseOtherForm } from '../other-form.js';
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
const toolType = aString(100);

const toolFields = fieldChecks({ description: aString(), parameters: anObject, strict: aBoolean });

const named: Check = (value, path) => {
  required(value as Record<string, unknown>, 'name', toolName, path);
  checkFields(value as Record<string, unknown>, toolFields, path);
};

/** Source: the OpenAI API reference, `CustomToolParam`. */
const customFormat: Check = (value, path) => {
  anObject(value, path);
  required(value, 'type', word, path);
  if (value['type'] === 'grammar') aGrammar(value, path);
};

const customFields = fieldChecks({ format: customFormat });

const custom: Check = (value, path) => {
  named(value, path);
  checkFields(value as Record<string, unknown>, customFields, path);
};

const namespace: Check = (value, path) => {
  required(value as Record<string, unknown>, 'name', toolName, path);
  required(value as Record<string, unknown>, 'tools', anArray(0, MAX_TOOLS, tool), path);
};

/** Tools that are read here; of others, which a provider runs, only the type counts. */
const toolChecks = fieldChecks({ function: named, custom, namespace });

function tool(value: unknown, path: string): void {
  anObject(value, path);
  const { type } = value;
  refuseOtherForm('tool', value, type === 'function' || type === 'custom' ? 'name' : 'type', path, 'responses');
  required(value, 'type', toolType, path);
  toolChecks.get(value['type'] as string)?.(value, path);
}

const toolChoice: Check = (value, path) => {
  if (typeof value === 'string') return;
  if (!isObject(value)) throw wrongType(path, 'a string or an object');
  required(value, 'type', toolType, path);
  const type = value['type'];
  if (type === 'function' || type === 'custom') {
    refuseOtherForm('tool choice', value, 'name', path, 'responses');
    required(value, 'name', toolName, path);
  }
  if (type !== 'allowed_tools') return;
  required(value, 'mode', word, path);
  required(value, 'tools', anArray(0, MAX_TOOLS, typed), path);
};

function typed(value: unknown, path: string): void {
  anObject(value, path);
  required(value, 'type', toolType, path);
}

const schemaFields = fieldChecks({ description: aString(), strict: aBoolean });

const format: Check = (value, path) => {
  anObject(value, path);
  required(value, 'type', word, path);
  if (value['type'] !== 'json_schema') return;
  refuseOtherForm('format', value, 'schema', path, 'responses');
  required(value, 'name', aString(128), path);
  required(value, 'schema', anObject, path);
  checkFields(value, schemaFields, path);
};

const textOptions = objectWith({ verbosity: word, format });

const reasoning = objectWith({ effort: word, summary: word, generate_summary: word });

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
const fields = fieldChecks({
  instructions: aString(),
  stream: aBoolean,
  max_output_tokens: anInteger(1, 100_000_000),
  temperature: anyNumber,
  top_p: anyNumber,
  top_logprobs: anInteger(Number.MIN_SAFE_INTEGER),
  tools: anArray(0, MAX_TOOLS, tool),
  tool_choice: toolChoice,
  parallel_tool_calls: aBoolean,
  text: textOptions,
  reasoning,
  include: anArray(0, 100, aString(200)),
  metadata: anObject,
  store: aBoolean,
  stream_options: anObject,
  service_tier: aString(64),
  truncation: word,
  max_tool_calls: anInteger(1),
  user: aString(1_024),
  safety_identifier: aString(1_024),
  prompt_cache_key: aString(1_024),
  prompt_cache_retention: aString(64),
  background,
  client_metadata: anObject,
  previous_response_id: refused(REMEMBERED.previous_response_id),
  conversation: refused(REMEMBERED.conversation),
  prompt: refused(REMEMBERED.prompt),
});

/** Names that are known; others reach no provider, since what they cost or remember is not known. */
export const KNOWN_FIELDS: ReadonlySet<string> = new Set(['model', 'input', ...fields.keys()]);

/** Checks the body of a responses request. @throws {GatewayError} whose `param` is the path of the first mistake. */
export function parseResponsesRequest(value: unknown): ParsedResponsesRequest {
  const isTemplate = isObject(value) && isObject(value['prompt']);
  const body = bodyFields(value, isTemplate ? undefined : ['input', 'responses']);
  checkFields(body, fields, '');
  required(body, 'input', input, '');
  return withoutNulls(body) as unknown as ParsedResponsesRequest;
}
