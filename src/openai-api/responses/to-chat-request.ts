import { GatewayError } from '../../lib/errors.js';
import type { ChatRequest, ResponseFormat, Tool, ToolChoice } from '../chat-request.js';
import { KNOWN_FIELDS } from './parse-responses-request.js';
import type { ResponsesRequest, ResponsesTool, ResponsesToolChoice, TextFormat } from './responses-request.js';
import { toMessages } from './to-messages.js';

/** Fields that mean the same in chat. */
const SAME = [
  'model',
  'stream',
  'temperature',
  'top_p',
  'parallel_tool_calls',
  'service_tier',
  'user',
  'safety_identifier',
  'prompt_cache_key',
] as const;

/** What asks for the log probabilities of the text. */
export const WITH_LOGPROBS = 'message.output_text.logprobs';

/**
 * A responses request as the chat request that asks the same of a model. `store` and `truncation` have no place in it:
 * nothing is stored here, and nothing is left out of a conversation.
 *
 * @throws {GatewayError} for what chat has no form for; `param` is the path in the responses request.
 */
export function toChatRequest(request: ResponsesRequest): ChatRequest {
  const chat: Record<string, unknown> = {};
  for (const name of SAME) if (request[name] !== undefined) chat[name] = request[name];
  const { max_output_tokens: limit, text, reasoning, tools, tool_choice: choice, top_logprobs: top } = request;
  chat.messages = toMessages(request);
  if (limit !== undefined) chat.max_completion_tokens = limit;
  if (reasoning?.effort) chat.reasoning_effort = reasoning.effort;
  if (text?.verbosity) chat.verbosity = text.verbosity;
  if (text?.format && text.format.type !== 'text') chat.response_format = toResponseFormat(text.format);
  if (tools && tools.length > 0) chat.tools = tools.map(toTool);
  if (choice !== undefined && chat.tools) chat.tool_choice = toToolChoice(choice);
  if (!chat.tools) delete chat.parallel_tool_calls;
  if (request.include?.includes(WITH_LOGPROBS) || top !== undefined) chat.logprobs = true;
  if (top !== undefined) chat.top_logprobs = top;
  return chat as unknown as ChatRequest;
}

/** Fields of the request that nobody here knows. */
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

function toTool(tool: ResponsesTool, index: number): Tool {
  if (tool.type === 'custom') throw customTool(`tools[${index}].type`);
  const { name, description, parameters, strict } = tool;
  return {
    type: 'function',
    function: {
      name,
      ...(description && { description }),
      ...(parameters && { parameters }),
      ...(strict != null && { strict }),
    },
  };
}

function toToolChoice(choice: ResponsesToolChoice): ToolChoice {
  if (typeof choice === 'string') return choice;
  if (choice.type === 'function') return { type: 'function', function: { name: choice.name } };
  if (choice.type === 'custom') throw customTool('tool_choice.type');
  const tools = choice.tools.map(({ name }) => ({ type: 'function', function: { name } }));
  return { type: 'allowed_tools', allowed_tools: { mode: choice.mode, tools } };
}

function customTool(param: string): GatewayError {
  const message = `'${param}': the model does not support custom tools: use function tools.`;
  return new GatewayError('unsupported_value', { message, param });
}

/** Where the fields of a chat request come from, for what adapters say of them. */
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
