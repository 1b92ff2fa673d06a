import type { FinishReason } from '../../openai-api/chat-completion.js';

export interface Finish {
  finish_reason: FinishReason;
  /** Anthropic's word, where OpenAI's says less. */
  native_finish_reason?: string;
}

/** How the client's calls were answered: not at all, as `tool_calls` or as the deprecated `function_call`. */
export type CallForm = 'none' | 'tool_calls' | 'function_call';

/**
 * Anthropic's `stop_reason` as a finish reason; one that is unknown counts as a stop and is named.
 *
 * @param calls `none` also when the only call was the stand-in for structured output.
 * Source: Anthropic docs, handling stop reasons.
 */
export function mapStopReason(reason: unknown, calls: CallForm): Finish {
  switch (reason) {
    case 'end_turn':
      return { finish_reason: 'stop' };
    case 'tool_use':
      return { finish_reason: calls === 'none' ? 'stop' : calls };
    case 'max_tokens':
      return { finish_reason: 'length' };
    case 'model_context_window_exceeded':
      return { finish_reason: 'length', native_finish_reason: reason };
    case 'refusal':
    // Of Amazon Bedrock alone.
    case 'guardrail_intervened':
    case 'content_filtered':
      return { finish_reason: 'content_filter', native_finish_reason: reason };
    default: {
      const name = typeof reason === 'string' ? reason.slice(0, 64) : '';
      return { finish_reason: 'stop', ...(name && { native_finish_reason: name }) };
    }
  }
}

/** The explanation of a refusal. Source: Anthropic API reference, `stop_details`. */
export function refusalText(reason: unknown, details: unknown): string | null {
  if (reason !== 'refusal' || typeof details !== 'object' || details === null) return null;
  const { explanation } = details as { explanation?: unknown };
  return typeof explanation === 'string' && explanation ? explanation : null;
}
