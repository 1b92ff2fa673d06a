import type { Annotation, AnswerAudio, FinishReason } from './chat-completion.js';
import type { ExtraContent, ReasoningDetail } from './chat-request.js';

/**
 * One event of a streamed answer. `usage` is never set here: the gateway adds the usage chunk itself.
 *
 * Source: the OpenAI API reference, `CreateChatCompletionStreamResponse`.
 */
export interface ChatCompletionChunk {
  id: string;
  object: 'chat.completion.chunk';
  /** Unix seconds, the same in all chunks of an answer. */
  created: number;
  model: string;
  choices: ChatChunkChoice[];
  service_tier?: string;
  [extension: string]: unknown;
}

export interface ChatChunkChoice {
  index: number;
  delta: ChatDelta;
  logprobs: Record<string, unknown> | null;
  finish_reason: FinishReason | null;
  native_finish_reason?: string;
}

/**
 * What is new. Rules that both official SDKs depend on: `role` once, in the first chunk; a tool call's `id`, `type` and
 * `name` once; tool indices dense from 0; a list extension (annotations, reasoning_details) complete in one delta.
 */
export interface ChatDelta {
  role?: 'assistant';
  content?: string | null;
  refusal?: string | null;
  tool_calls?: ToolCallDelta[];
  /** Deprecated; only where the request used `functions`. */
  function_call?: { name?: string; arguments?: string };
  annotations?: Annotation[];
  audio?: AnswerAudio;
  reasoning_content?: string;
  reasoning_details?: ReasoningDetail[];
  /** Pictures the model made, as data URLs; the whole list in one delta. */
  images?: unknown[];
  extra_content?: ExtraContent;
}

export interface ToolCallDelta {
  index: number;
  id?: string;
  type?: 'function' | 'custom';
  function?: { name?: string; arguments?: string };
  /** In place of `function`, in a call of a custom tool. */
  custom?: { name?: string; input?: string };
  extra_content?: ExtraContent;
}
