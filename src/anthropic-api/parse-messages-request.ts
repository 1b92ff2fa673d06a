import {
  aBoolean,
  aNumber,
  anArray,
  anInteger,
  anObject,
  anyInteger,
  aString,
  bodyFields,
  type Check,
  checkFields,
  fieldChecks,
  objectWith,
  required,
  withoutNulls,
  word,
  wrongType,
} from '../openai-api/field-checks.js';
import { refuseOtherForm } from '../openai-api/other-form.js';
import type { MessagesRequest } from './messages-request.js';

/** Source: the Anthropic API reference, `messages`. */
const MAX_MESSAGES = 100_000;
const MAX_BLOCKS = 100_000;
const MAX_TOOLS = 10_000;

const text = aString();
const blockType = aString(100);

function needs(fields: Readonly<Record<string, Check>>): Check {
  return (block, path) => {
    for (const name in fields) required(block as Record<string, unknown>, name, fields[name] as Check, path);
  };
}

/** What a source of each type needs; others are the provider's to judge. */
const sourceChecks = fieldChecks({
  base64: needs({ media_type: text, data: text }),
  text: needs({ data: text }),
  url: needs({ url: text }),
  file: needs({ file_id: text }),
});

const source = needs({
  source: (value, path) => {
    anObject(value, path);
    required(value, 'type', blockType, path);
    sourceChecks.get(value['type'] as string)?.(value, path);
  },
});

/** Blocks that the gateway reads; others are the provider's to judge. */
const blockChecks = fieldChecks({
  text: needs({ text }),
  image: source,
  document: source,
  search_result: needs({ source: text, title: text, content: anArray(0, MAX_BLOCKS, anObject) }),
  thinking: (block, path) => {
    const { signature } = block as Record<string, unknown>;
    required(block as Record<string, unknown>, 'thinking', text, path);
    // other servers with this API sign nothing
    if (signature != null) text(signature, `${path}.signature`);
  },
  redacted_thinking: needs({ data: text }),
  tool_use: needs({ id: text, name: text, input: anObject }),
  tool_result: (block, path) => {
    const result = block as Record<string, unknown>;
    required(result, 'tool_use_id', text, path);
    if (result['content'] != null) content(result['content'], `${path}.content`);
    if (result['is_error'] != null) aBoolean(result['is_error'], `${path}.is_error`);
  },
});

const blocks = anArray(0, MAX_BLOCKS, (block, path) => {
  anObject(block, path);
  required(block, 'type', blockType, path);
  blockChecks.get(block['type'] as string)?.(block, path);
});

function content(value: unknown, path: string): void {
  if (typeof value === 'string') return;
  if (!Array.isArray(value)) throw wrongType(path, 'a string or an array of blocks');
  blocks(value, path);
}

const messages = anArray(1, MAX_MESSAGES, (message, path) => {
  anObject(message, path);
  refuseOtherForm('message', message, 'content', path, 'messages');
  required(message, 'role', word, path);
  required(message, 'content', content, path);
});

const toolFields = fieldChecks({ type: blockType, description: text, input_schema: anObject, strict: aBoolean });

const tool: Check = (value, path) => {
  anObject(value, path);
  checkFields(value, toolFields, path);
  const type = value['type'];
  // Anthropic has no type 'function': the tool is in the form of chat or responses
  if (type === 'function') refuseOtherForm('tool', value, 'input_schema', path, 'messages');
  if (type !== undefined && type !== null && type !== 'custom') return;
  refuseOtherForm('tool', value, 'input_schema', path, 'messages');
  required(value, 'name', aString(128), path);
  required(value, 'input_schema', anObject, path);
};

const toolChoice: Check = (value, path) => {
  anObject(value, path);
  if (value['type'] === 'function') refuseOtherForm('tool choice', value, 'name', path, 'messages');
  required(value, 'type', word, path);
  if (value['type'] === 'tool') required(value, 'name', aString(128), path);
  if (value['disable_parallel_tool_use'] != null) {
    aBoolean(value['disable_parallel_tool_use'], `${path}.disable_parallel_tool_use`);
  }
};

const thinking: Check = (value, path) => {
  anObject(value, path);
  required(value, 'type', blockType, path);
  if (value['type'] === 'enabled') required(value, 'budget_tokens', anInteger(1), path);
};

const jsonFormat: Check = (value, path) => {
  anObject(value, path);
  required(value, 'type', blockType, path);
  if (value['type'] === 'json_schema') required(value, 'schema', anObject, path);
};

/**
 * Every known field, by its type and range; which words are valid is for the model's provider to say.
 *
 * Source: the Anthropic API reference, `POST /v1/messages`, beta fields included.
 */
const fields = fieldChecks({
  system: content,
  stream: aBoolean,
  temperature: aNumber(0, 1),
  top_p: aNumber(0, 1),
  top_k: anyInteger,
  stop_sequences: anArray(0, 10_000, text),
  thinking,
  output_config: objectWith({ effort: word, format: jsonFormat }),
  output_format: jsonFormat,
  tools: anArray(0, MAX_TOOLS, tool),
  tool_choice: toolChoice,
  metadata: objectWith({ user_id: text }),
  service_tier: aString(64),
  cache_control: anObject,
});

/**
 * Checks the body of a Messages request. Unknown fields are kept; top-level nulls are removed.
 *
 * @param limit whether `max_tokens` must be there: counting tokens needs none.
 * @throws {GatewayError} whose `param` is the path of the first mistake.
 */
export function parseMessagesRequest(value: unknown, limit: 'limit' | 'no limit' = 'limit'): MessagesRequest {
  const body = bodyFields(value, ['messages', 'messages']);
  if (limit === 'limit' || body['max_tokens'] != null) required(body, 'max_tokens', anInteger(0, 100_000_000), '');
  required(body, 'messages', messages, '');
  checkFields(body, fields, '');
  return withoutNulls(body) as unknown as MessagesRequest;
}
