import type { CacheControl, ContentPart, ExtraContent, ToolCall } from './chat-message.js';
import type { ReasoningEffort } from './effort-levels.js';

export type { CacheControl, ContentPart, ExtraContent, ToolCall } from './chat-message.js';

/**
 * The body of `POST /chat/completions`, after `parseChatRequest`: known fields have their type or are absent (an
 * explicit null counts as absent), unknown fields are kept as they came.
 *
 * Source: the OpenAI API reference, `CreateChatCompletionRequest`.
 */
export interface ChatRequest {
  model: string;
  messages: ChatMessage[];
  stream?: boolean;
  stream_options?: { include_usage?: boolean; include_obfuscation?: boolean };
  max_completion_tokens?: number;
  max_tokens?: number;
  temperature?: number;
  top_p?: number;
  n?: number;
  stop?: string | string[];
  frequency_penalty?: number;
  presence_penalty?: number;
  logit_bias?: Record<string, number>;
  logprobs?: boolean;
  top_logprobs?: number;
  seed?: number;
  tools?: Tool[];
  tool_choice?: ToolChoice;
  parallel_tool_calls?: boolean;
  response_format?: ResponseFormat;
  reasoning_effort?: ReasoningEffort;
  verbosity?: 'low' | 'medium' | 'high';
  modalities?: string[];
  audio?: Record<string, unknown>;
  prediction?: Record<string, unknown>;
  web_search_options?: Record<string, unknown>;
  metadata?: Record<string, unknown>;
  store?: boolean;
  service_tier?: string;
  user?: string;
  safety_identifier?: string;
  prompt_cache_key?: string;
  functions?: FunctionDefinition[];
  function_call?: 'none' | 'auto' | { name: string };
  /** Extension: Anthropic's `top_k`, also known to Gemini and several compatible providers. */
  top_k?: number;
  /** Extension: native fields, merged last into the body of the named provider dialect. */
  provider_options?: { anthropic?: Record<string, unknown>; google?: Record<string, unknown> } & Record<
    string,
    unknown
  >;
  [extension: string]: unknown;
}

export type { ReasoningEffort };

export interface FunctionDefinition {
  name: string;
  description?: string;
  /** A JSON Schema object; absent or null: no parameters. */
  parameters?: Record<string, unknown> | null;
  strict?: boolean | null;
}

/** A tool of the client's own. Entries of other types are tools of a provider's; only adapters that take them see any. */
export type Tool =
  | { type: 'function'; function: FunctionDefinition; cache_control?: CacheControl }
  | { type: 'custom'; custom: { name: string; description?: string; format?: unknown } };

export type ToolChoice =
  | 'none'
  | 'auto'
  | 'required'
  | { type: 'function'; function: { name: string } }
  | { type: 'custom'; custom: { name: string } }
  | { type: 'allowed_tools'; allowed_tools: { mode: 'auto' | 'required'; tools: Record<string, unknown>[] } };

export type ResponseFormat =
  | { type: 'text' }
  | { type: 'json_object' }
  | {
      type: 'json_schema';
      json_schema: { name: string; description?: string; schema?: Record<string, unknown>; strict?: boolean | null };
    };

export type ChatMessage = SystemMessage | UserMessage | AssistantMessage | ToolMessage | FunctionMessage;

export interface SystemMessage {
  role: 'system' | 'developer';
  content: string | ContentPart[];
  name?: string;
  cache_control?: CacheControl;
}

export interface UserMessage {
  role: 'user';
  content: string | ContentPart[];
  name?: string;
  cache_control?: CacheControl;
}

export interface AssistantMessage {
  role: 'assistant';
  content?: string | ContentPart[] | null;
  refusal?: string | null;
  name?: string;
  tool_calls?: ToolCall[] | null;
  function_call?: { name: string; arguments: string } | null;
  audio?: { id: string } | null;
  /** Extensions that carry reasoning back to the provider it came from. */
  reasoning_content?: string | null;
  reasoning_details?: ReasoningDetail[] | null;
  thinking_blocks?: Record<string, unknown>[] | null;
  extra_content?: ExtraContent | null;
  cache_control?: CacheControl;
}

export interface ToolMessage {
  role: 'tool';
  content: string | ContentPart[];
  tool_call_id: string;
  cache_control?: CacheControl;
}

/** Deprecated in the OpenAI API; still sent by old clients. */
export interface FunctionMessage {
  role: 'function';
  name: string;
  content?: string | null;
}

/** One block of reasoning with what its provider needs to accept it back (the shape OpenRouter introduced). */
export interface ReasoningDetail {
  type: 'reasoning.text' | 'reasoning.encrypted' | 'reasoning.summary' | (string & {});
  text?: string;
  signature?: string;
  data?: string;
  format?: string;
  index?: number;
  [extension: string]: unknown;
}
