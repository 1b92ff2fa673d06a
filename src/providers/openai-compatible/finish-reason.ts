import { GatewayError } from '../../lib/errors.js';
import type { FinishReason } from '../../openai-api/chat-completion.js';
import { UpstreamError } from '../../upstream/upstream-error.js';

const KNOWN: Readonly<Record<string, FinishReason>> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool_calls',
  content_filter: 'content_filter',
  function_call: 'function_call',
  // Mistral, Zhipu, Anthropic- and Gemini-flavoured servers
  max_tokens: 'length',
  model_length: 'length',
  context_length: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  tool_call: 'tool_calls',
  safety: 'content_filter',
  sensitive: 'content_filter',
  recitation: 'content_filter',
  refusal: 'content_filter',
  blocklist: 'content_filter',
  prohibited_content: 'content_filter',
};

/** Words for "the answer broke off" (OpenRouter and Mistral, Zhipu, DeepSeek, vLLM). */
const FAILED = new Set(['error', 'network_error', 'insufficient_system_resource', 'abort', 'aborted', 'cancelled']);

/** OpenAI's word for why the model stopped, and the provider's own where it differs. */
export interface Finish {
  readonly reason: FinishReason;
  readonly native?: string;
}

/**
 * Holds that the answer did not fail. Routers say so in a second field, in addition to a finish reason of their own.
 *
 * @throws {UpstreamError} when a word says that it did.
 */
export function refuseFailure(...words: unknown[]): void {
  for (const word of words) {
    if (typeof word !== 'string' || !FAILED.has(word.toLowerCase())) continue;
    const cause = new Error(`the answer ended with ${word}`);
    throw new UpstreamError('event', new GatewayError('upstream_error', { cause }), { status: 502, cause });
  }
}

/**
 * Maps a provider's finish reason; undefined while it is not there. What is unknown counts as `stop`.
 *
 * `stop` after tool calls becomes `tool_calls`, which agent loops wait for.
 */
export function finishReason(value: unknown, calledTools: boolean): Finish | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  const word = value.toLowerCase();
  const mapped = KNOWN[word] ?? 'stop';
  const reason = mapped === 'stop' && calledTools ? 'tool_calls' : mapped;
  return reason === value ? { reason } : { reason, native: value };
}
