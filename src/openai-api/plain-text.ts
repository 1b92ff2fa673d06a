import { isKeptForAnHour } from './chat-message.js';
import type { ChatRequest } from './chat-request.js';
import { isObject } from './field-checks.js';
import type { ResponsesRequest } from './responses/responses-request.js';

/** Fields that reach a provider and may hold more than text. */
const BEYOND_TEXT = [
  ...['provider_options', 'extra_body', 'audio'],
  ...['web_search_options', 'search_parameters', 'plugins', 'mcp_servers'],
] as const;
/** The same for messages: earlier sound, pictures, and steps of a provider's own tools. */
const BEYOND_TEXT_IN_MESSAGES = ['audio', 'images', 'extra_content', 'thinking_blocks', 'reasoning_details'] as const;

/**
 * True when all that a chat request makes a model read is text in it, at the price of input: the bytes of the body then
 * bound its tokens and what they cost.
 *
 * @param request long texts may be cut in it.
 */
export function isPlainText(request: ChatRequest): boolean {
  for (const name of BEYOND_TEXT) if (request[name] !== undefined) return false;
  if (isKeptForAnHour(request)) return false;
  for (const tool of request.tools ?? [])
    if ((tool.type !== 'function' && tool.type !== 'custom') || isKeptForAnHour(tool)) return false;
  for (const message of request.messages as unknown as Readonly<Record<string, unknown>>[]) {
    const { content } = message;
    if (Array.isArray(content)) for (const part of content) if (!isTextPart(part)) return false;
    if (isKeptForAnHour(message)) return false;
    for (const name of BEYOND_TEXT_IN_MESSAGES) if (message[name] != null) return false;
  }
  return true;
}

/** What a part calls itself says little where it has media beside its text. */
function isTextPart(part: unknown): boolean {
  if (!isObject(part) || (part['type'] !== 'text' && part['type'] !== 'refusal') || isKeptForAnHour(part)) return false;
  return part['image_url'] === undefined && part['input_audio'] === undefined && part['file'] === undefined;
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
const TEXT_PARTS: ReadonlySet<unknown> = new Set([
  'input_text',
  'output_text',
  'refusal',
  'summary_text',
  'reasoning_text',
]);

/** The same for a responses request. */
export function isPlainResponse({ input, tools, ...request }: ResponsesRequest): boolean {
  for (const name of ['previous_response_id', 'conversation', 'prompt']) if (request[name] != null) return false;
  for (const tool of tools ?? []) if (tool.type !== 'function' && tool.type !== 'custom') return false;
  if (typeof input === 'string') return true;
  return (input as unknown as readonly Readonly<Record<string, unknown>>[]).every(
    ({ type, content, output }) =>
      (type === undefined || type === null || TEXT_ITEMS.has(type)) && isText(content) && isText(output),
  );
}

function isText(content: unknown): boolean {
  if (!Array.isArray(content)) return content === undefined || content === null || typeof content === 'string';
  return content.every((part) => isObject(part) && TEXT_PARTS.has(part['type']));
}
