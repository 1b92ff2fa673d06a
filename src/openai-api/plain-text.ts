import { CARRIED_MARK } from './carried-mark.js';
import { isKeptForAnHour } from './chat-message.js';
import type { ChatRequest } from './chat-request.js';
import { isObject } from './field-checks.js';
import type { ResponsesRequest } from './responses/responses-request.js';

/** Fields that reach a provider and may hold more than text. */
const BEYOND_TEXT = [
  ...['provider_options', 'extra_body', 'audio', 'prediction', 'data_sources'],
  ...[
    'web_search_options',
    'search_parameters',
    'plugins',
    'mcp_servers',
    'search_options',
    'enable_search',
    'web_search',
  ],
] as const;
/** Members of messages, parts, calls and tools that are text; a server that knows another member may read more than text. */
const MESSAGE: ReadonlySet<string> = new Set([
  ...['role', 'content', 'name', 'tool_calls', 'tool_call_id', 'function_call', 'refusal', 'reasoning_content'],
  ...['reasoning', 'cache_control'],
]);
const PART: ReadonlySet<string> = new Set(['type', 'text', 'refusal', 'cache_control']);
const CALL: ReadonlySet<string> = new Set(['id', 'type', 'index', 'function', 'custom']);
const CALLED: ReadonlySet<string> = new Set(['name', 'arguments', 'input']);
const TOOL: ReadonlySet<string> = new Set(['type', 'function', 'cache_control']);
const DEFINED: ReadonlySet<string> = new Set(['name', 'description', 'parameters', 'strict']);

/**
 * True when all that a chat request makes a model read is text in it, at the price of input: the bytes of the body then
 * bound its tokens and what they cost.
 *
 * @param request long texts may be cut in it.
 */
export function isPlainText(request: ChatRequest): boolean {
  for (const name of BEYOND_TEXT) if (request[name] !== undefined) return false;
  if (isKeptForAnHour(request)) return false;
  for (const tool of request.tools ?? []) if (!isFunction(tool)) return false;
  for (const definition of request.functions ?? []) if (!holdsOnly(definition, DEFINED)) return false;
  for (const message of request.messages) if (!isTextMessage(message)) return false;
  return true;
}

/** Custom tools may be sent as functions, which are longer. */
function isFunction(tool: object): boolean {
  const { type, function: definition } = tool as Readonly<Record<string, unknown>>;
  if (type !== 'function' || isKeptForAnHour(tool)) return false;
  return holdsOnly(tool, TOOL) && holdsOnly(definition, DEFINED);
}

function isTextMessage(message: object): boolean {
  if (!holdsOnly(message, MESSAGE) || isKeptForAnHour(message) || !isTextContent(message)) return false;
  const { tool_calls: calls, function_call: call } = message as Readonly<Record<string, unknown>>;
  if (!holdsOnly(call, CALLED)) return false;
  if (!Array.isArray(calls)) return true;
  return calls.every(
    (made: Readonly<Record<string, unknown>>) =>
      holdsOnly(made, CALL) && holdsOnly(made['function'], CALLED) && holdsOnly(made['custom'], CALLED),
  );
}

function isTextContent(holder: unknown): boolean {
  const content = isObject(holder) ? holder['content'] : undefined;
  if (Array.isArray(content)) for (const part of content) if (!isTextPart(part)) return false;
  return true;
}

/** The type of a part proves little if it has more than its text. */
function isTextPart(part: unknown): boolean {
  if (!isObject(part) || (part['type'] !== 'text' && part['type'] !== 'refusal') || isKeptForAnHour(part)) return false;
  return holdsOnly(part, PART);
}

/** True for an object with no other members, and for anything that is not an object; null and empty lists count as absent. */
function holdsOnly(value: unknown, names: ReadonlySet<string>): boolean {
  if (!isObject(value)) return true;
  for (const name in value) if (!names.has(name) && !isNothing(value[name])) return false;
  return true;
}

function isNothing(value: unknown): boolean {
  return value === null || value === undefined || (Array.isArray(value) && value.length === 0);
}

/** Items of a response that hold text alone where their contents do. */
const TEXT_ITEMS: ReadonlySet<unknown> = new Set([
  'message',
  'function_call',
  'function_call_output',
  'reasoning',
  'custom_tool_call',
  'custom_tool_call_output',
]);
const TEXT_ITEM: ReadonlySet<string> = new Set([
  ...['type', 'id', 'status', 'role', 'content', 'output', 'summary', 'encrypted_content', 'phase'],
  ...['call_id', 'name', 'namespace', 'arguments', 'input'],
]);
const TEXT_PARTS: ReadonlySet<unknown> = new Set([
  'input_text',
  'output_text',
  'refusal',
  'summary_text',
  'reasoning_text',
]);

const TEXT_PART: ReadonlySet<string> = new Set(['type', 'text', 'refusal', 'logprobs']);

/** The same for a responses request. */
export function isPlainResponse({ input, tools, ...request }: ResponsesRequest): boolean {
  for (const name of ['previous_response_id', 'conversation', 'prompt']) if (request[name] != null) return false;
  for (const tool of tools ?? []) if (tool.type !== 'function') return false;
  if (typeof input === 'string') return true;
  return (input as unknown as readonly Readonly<Record<string, unknown>>[]).every((item) => {
    const { type, content, output } = item;
    if (type !== undefined && type !== null && !TEXT_ITEMS.has(type)) return false;
    // What is carried for another provider may hold more than text.
    if (String(item['encrypted_content']).startsWith(CARRIED_MARK)) return false;
    return holdsOnly(item, TEXT_ITEM) && isText(content) && isText(output) && isText(item['summary']);
  });
}

function isText(content: unknown): boolean {
  if (!Array.isArray(content)) return content === undefined || content === null || typeof content === 'string';
  return content.every((part) => isObject(part) && TEXT_PARTS.has(part['type']) && holdsOnly(part, TEXT_PART));
}
