import type { ChatRequest, ResponseFormat } from '../chat-request.js';
import { KNOWN_FIELDS } from './parse-responses-request.js';
import type { ResponsesRequest, TextFormat } from './responses-request.js';
import { toChatTools } from './to-chat-tools.js';
import { toMessages } from './to-messages.js';
import { ToolNames } from './tool-names.js';

/** Fields that mean the same in chat. */
const SAME = [
  'model',
  'stream',
  'temperature',
  'top_p',
  'service_tier',
  'user',
  'safety_identifier',
  'prompt_cache_key',
] as const;

/** What asks for the log probabilities of the text. */
export const WITH_LOGPROBS = 'message.output_text.logprobs';

/** A chat request, with what its answer is read by, and what of the original has no effect in it. */
export interface ChatForm {
  readonly chat: ChatRequest;
  readonly names: ToolNames;
  /** Paths in the responses request: `tools[2]`, `input[7]`. */
  readonly dropped: readonly string[];
}

/**
 * A responses request as the chat request that asks the same of a model. `store` and `truncation` have no place in it:
 * nothing is stored here, and nothing is left out of a conversation.
 *
 * @throws {GatewayError} for what chat has no form for; `param` is the path in the responses request.
 */
export function toChatRequest(request: ResponsesRequest): ChatForm {
  const chat: Record<string, unknown> = {};
  for (const name of SAME) if (request[name] !== undefined) chat[name] = request[name];
  const { max_output_tokens: limit, text, reasoning, top_logprobs: top } = request;
  const names = new ToolNames(request);
  const dropped = [...names.dropped.keys()];
  chat.messages = toMessages(request, names, (path) => void dropped.push(path));
  if (limit !== undefined) chat.max_completion_tokens = limit;
  if (reasoning?.effort) chat.reasoning_effort = reasoning.effort;
  if (text?.verbosity) chat.verbosity = text.verbosity;
  if (text?.format && text.format.type !== 'text') chat.response_format = toResponseFormat(text.format);
  Object.assign(chat, toChatTools(request, names));
  if (request.include?.includes(WITH_LOGPROBS) || top !== undefined) chat.logprobs = true;
  if (top !== undefined) chat.top_logprobs = top;
  return { chat: chat as unknown as ChatRequest, names, dropped };
}

/** Unknown fields of the request. */
export function unknownFields(request: ResponsesRequest): string[] {
  return Object.keys(request).filter((name) => !KNOWN_FIELDS.has(name));
}

function toResponseFormat(format: TextFormat): ResponseFormat {
  if (format.type !== 'json_schema') return format;
  const { name, description, schema, strict } = format;
  return {
    type: 'json_schema',
    json_schema: { name, schema, ...(description && { description }), ...(strict != null && { strict }) },
  };
}

/** The client's fields behind the fields of a chat request, for errors and reports of adapters. */
const ORIGINS: readonly (readonly [RegExp, string])[] = [
  [/^messages\b.*$/, 'input'],
  [/^response_format\.json_schema\b/, 'text.format'],
  [/^response_format\b/, 'text.format'],
  [/^reasoning_effort$/, 'reasoning.effort'],
  [/^verbosity$/, 'text.verbosity'],
  [/^max_(?:completion_)?tokens$/, 'max_output_tokens'],
  [/^logprobs$/, 'include'],
  [/^(tools\[\d+\])\.function\b/, '$1'],
  [/^tool_choice\.function\b/, 'tool_choice'],
];

/** The name that a field of a chat request has in the responses request it was made of. */
export function originOf(param: string): string {
  for (const [pattern, origin] of ORIGINS) if (pattern.test(param)) return param.replace(pattern, origin);
  return param;
}
