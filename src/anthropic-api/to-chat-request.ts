import type { ChatRequest, ReasoningEffort, ResponseFormat } from '../openai-api/chat-request.js';
import { isObject } from '../openai-api/field-checks.js';
import type { MessagesRequest, ThinkingParam } from './messages-request.js';
import type { ChatTarget } from './to-chat-content.js';
import { toChatMessages } from './to-chat-messages.js';
import { toChatTools } from './to-chat-tools.js';

/** Fields with a place in a chat request; the others are left out and reported. */
const TRANSLATED: ReadonlySet<string> = new Set([
  'model',
  'messages',
  'system',
  'max_tokens',
  'stream',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'thinking',
  'output_config',
  'output_format',
  'tools',
  'tool_choice',
  'metadata',
  'service_tier',
  'cache_control',
]);

/** A chat request, and what of the original has no effect in it. */
export interface ChatForm {
  readonly chat: ChatRequest;
  /** Names in the client's terms: `tools[2]`, `messages.citations`, `mcp_servers`. */
  readonly dropped: readonly string[];
}

/**
 * A Messages request as the chat request that asks the same of a model.
 *
 * @throws {GatewayError} for what has no chat form; `param` is the path in the Messages request.
 */
export function toChatRequest(request: MessagesRequest, target: ChatTarget): ChatForm {
  const dropped = new Set<string>();
  const drop = (name: string) => void dropped.add(name);
  const { temperature, top_p, top_k, stop_sequences: stops, thinking } = request;
  const effort = effortOf(request);
  const format = formatOf(request);
  const chat: ChatRequest = {
    model: request.model,
    messages: toChatMessages(request, target, drop),
    ...(request.stream !== undefined && { stream: request.stream }),
    ...(request.max_tokens !== undefined && { max_completion_tokens: request.max_tokens }),
    ...(temperature !== undefined && { temperature }),
    ...(top_p !== undefined && { top_p }),
    ...(top_k !== undefined && { top_k }),
    ...(stops && stops.length > 0 && { stop: stops }),
    ...toChatTools(request, target, drop),
    ...(format && { response_format: format }),
    ...(effort && { reasoning_effort: effort }),
    ...(request.metadata?.user_id && { safety_identifier: request.metadata.user_id }),
    ...(target.claude && thinking && { thinking }),
    ...(target.claude && request.cache_control && { cache_control: request.cache_control }),
  };
  for (const name in request) {
    // Names go into a header.
    if (!TRANSLATED.has(name)) drop(name.replace(/[^\w.-]/g, '_').slice(0, 64));
  }
  return { chat, dropped: [...dropped] };
}

/** True when the client wants to see what the model thinks, or to carry it. */
export function wantsThinking({ thinking }: MessagesRequest): boolean {
  return thinking !== undefined && thinking.type !== 'disabled';
}

/** How much to think: the effort where it is named, else what a budget of thinking tokens stands for. */
function effortOf({ thinking, output_config: config }: MessagesRequest): ReasoningEffort | undefined {
  if (thinking?.type === 'disabled') return 'none';
  if (config?.effort) return config.effort as ReasoningEffort;
  return thinking?.budget_tokens === undefined ? undefined : effortForBudget(thinking);
}

/** The ranges contain the budgets that are sent for these efforts in the other direction. */
function effortForBudget({ budget_tokens: budget = 0 }: ThinkingParam): ReasoningEffort {
  if (budget <= 4_096) return 'low';
  return budget < 16_384 ? 'medium' : 'high';
}

function formatOf({ output_config: config, output_format: older }: MessagesRequest): ResponseFormat | undefined {
  const format = config?.format ?? older;
  if (format?.['type'] !== 'json_schema') return undefined;
  const schema = format['schema'] as Record<string, unknown>;
  return { type: 'json_schema', json_schema: { name: 'answer', schema, ...(isClosed(schema) && { strict: true }) } };
}

/** True for a schema that OpenAI's strict mode takes: every object lists all of its fields as required, and no others. */
function isClosed(schema: unknown): boolean {
  if (Array.isArray(schema)) return schema.every(isClosed);
  if (!isObject(schema)) return true;
  const { properties, required, additionalProperties } = schema;
  if (isObject(properties)) {
    const names = Object.keys(properties);
    if (additionalProperties !== false || !Array.isArray(required)) return false;
    if (!names.every((name) => required.includes(name))) return false;
  }
  return Object.values(schema).every(isClosed);
}
