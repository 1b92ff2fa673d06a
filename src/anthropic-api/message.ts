import type { JsonObject } from '../lib/is-object.js';
import { completionTokens, type TokenCounts } from '../lib/usage.js';
import type { FinishReason } from '../openai-api/chat-completion.js';

/**
 * The answer of `POST /messages`.
 *
 * Source: the Anthropic API reference, `Message`.
 */
export interface Message {
  id: string;
  type: 'message';
  role: 'assistant';
  model: string;
  content: OutputBlock[];
  stop_reason: StopReason | null;
  stop_sequence: string | null;
  stop_details: StopDetails | null;
  container: null;
  diagnostics: null;
  usage: MessageUsage;
}

export type StopReason =
  | 'end_turn'
  | 'max_tokens'
  | 'stop_sequence'
  | 'tool_use'
  | 'pause_turn'
  | 'refusal'
  | 'model_context_window_exceeded';

export interface StopDetails {
  type: 'refusal';
  category: null;
  explanation: string | null;
}

export type OutputBlock =
  /** Clients refuse null where there are no citations, as Anthropic's own answers have none then. */
  | { type: 'text'; text: string; citations?: Citation[] }
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'redacted_thinking'; data: string }
  | { type: 'tool_use'; id: string; name: string; input: JsonObject; caller: { type: 'direct' } };

export interface Citation {
  type: 'web_search_result_location';
  url: string;
  title: string | null;
  cited_text: string;
  /** Empty: the source was found by another provider's search, which Anthropic can't look up. */
  encrypted_index: string;
}

export interface MessageUsage {
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  cache_creation: { ephemeral_5m_input_tokens: number; ephemeral_1h_input_tokens: number };
  output_tokens: number;
  output_tokens_details: { thinking_tokens: number };
  server_tool_use: null;
  service_tier: 'standard' | 'priority' | null;
  inference_geo: null;
  speed: null;
}

/** Disjoint buckets as Anthropic writes them: `input_tokens` without the cache, `output_tokens` with thinking. */
export function toMessageUsage(usage: TokenCounts, tier: 'standard' | 'priority' | null = null): MessageUsage {
  return {
    input_tokens: usage.inputTokens,
    cache_creation_input_tokens: usage.cacheWriteTokens + usage.cacheWrite1hTokens,
    cache_read_input_tokens: usage.cachedInputTokens,
    cache_creation: {
      ephemeral_5m_input_tokens: usage.cacheWriteTokens,
      ephemeral_1h_input_tokens: usage.cacheWrite1hTokens,
    },
    output_tokens: completionTokens(usage),
    output_tokens_details: { thinking_tokens: usage.reasoningTokens },
    server_tool_use: null,
    service_tier: tier,
    inference_geo: null,
    speed: null,
  };
}

/** Anthropic's own words for the end of an answer, which chat keeps beside its own. */
const NATIVE: ReadonlySet<string> = new Set([
  'stop_sequence',
  'pause_turn',
  'refusal',
  'model_context_window_exceeded',
]);

/** How an answer ended, in Anthropic's words. */
export function toStopReason(finish: FinishReason | null, native: string | undefined, hasCalls: boolean): StopReason {
  if (native !== undefined && NATIVE.has(native)) return native as StopReason;
  if (finish === 'length') return 'max_tokens';
  if (finish === 'content_filter') return 'refusal';
  return hasCalls ? 'tool_use' : 'end_turn';
}

/** The id of an answer, which comes from the id of its request. */
export function messageId(requestId: string): string {
  return `msg_${requestId.replace(/^req_/, '')}`;
}
