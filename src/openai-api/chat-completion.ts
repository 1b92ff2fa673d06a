import type { OpenAIUsage } from '../lib/usage.js';
import type { ToolCall } from './chat-message.js';
import type { ExtraContent, ReasoningDetail } from './chat-request.js';

/** Why the model stopped. Foreign reasons go to `native_finish_reason`, never here. */
export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'function_call';

/**
 * The answer of `POST /chat/completions` without `stream`.
 *
 * Source: the OpenAI API reference, `CreateChatCompletionResponse`; `logprobs` and `refusal` are always there.
 */
export interface ChatCompletion {
  id: string;
  object: 'chat.completion';
  /** Unix seconds. */
  created: number;
  model: string;
  choices: ChatChoice[];
  usage?: OpenAIUsage;
  service_tier?: string;
  [extension: string]: unknown;
}

export interface ChatChoice {
  index: number;
  message: ChatAnswerMessage;
  logprobs: Record<string, unknown> | null;
  finish_reason: FinishReason;
  /** Extension: the provider's own finish reason, where it says more. */
  native_finish_reason?: string;
}

export interface ChatAnswerMessage {
  role: 'assistant';
  content: string | null;
  refusal: string | null;
  tool_calls?: ToolCall[];
  /** Deprecated; only where the request used `functions`. */
  function_call?: { name: string; arguments: string };
  annotations?: Annotation[];
  /** Where the request asked for sound. */
  audio?: AnswerAudio;
  /** Extensions. */
  reasoning_content?: string;
  reasoning_details?: ReasoningDetail[];
  /** Pictures the model made, as data URLs. */
  images?: unknown[];
  extra_content?: ExtraContent;
}

/** What the model says aloud; a stream sends it in pieces. Source: OpenAI API reference, chat completions, "audio". */
export interface AnswerAudio {
  id?: string;
  /** Base64. */
  data?: string;
  transcript?: string;
  /** Unix seconds. */
  expires_at?: number;
}

/** A citation over the concatenated content. */
export interface Annotation {
  type: 'url_citation';
  url_citation: { start_index: number; end_index: number; url: string; title: string };
}
