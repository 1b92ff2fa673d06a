/**
 * The body of `POST /responses`, after `parseResponsesRequest`: what needs a memory on the server is refused there.
 *
 * Source: the OpenAI API reference, `CreateResponse`.
 */
export interface ResponsesRequest {
  model: string;
  input: string | InputItem[];
  instructions?: string;
  stream?: boolean;
  max_output_tokens?: number;
  temperature?: number;
  top_p?: number;
  top_logprobs?: number;
  tools?: ResponsesTool[];
  tool_choice?: ResponsesToolChoice;
  parallel_tool_calls?: boolean;
  text?: { format?: TextFormat; verbosity?: 'low' | 'medium' | 'high' };
  reasoning?: { effort?: ReasoningEffort; summary?: string; [extension: string]: unknown };
  include?: string[];
  metadata?: Record<string, string>;
  service_tier?: string;
  truncation?: 'auto' | 'disabled';
  user?: string;
  safety_identifier?: string;
  prompt_cache_key?: string;
  [extension: string]: unknown;
}

export type ReasoningEffort = 'none' | 'minimal' | 'low' | 'medium' | 'high' | 'xhigh' | 'max';

export type TextFormat =
  | { type: 'text' }
  | { type: 'json_object' }
  | {
      type: 'json_schema';
      name: string;
      description?: string;
      schema: Record<string, unknown>;
      strict?: boolean | null;
    };

/** Tools that the client runs itself; the ones that a provider runs are refused. */
export type ResponsesTool =
  | {
      type: 'function';
      name: string;
      description?: string | null;
      parameters?: Record<string, unknown> | null;
      strict?: boolean | null;
    }
  | { type: 'custom'; name: string; description?: string; format?: unknown };

export type ResponsesToolChoice =
  | 'none'
  | 'auto'
  | 'required'
  | { type: 'function'; name: string }
  | { type: 'custom'; name: string }
  | { type: 'allowed_tools'; mode: 'auto' | 'required'; tools: Record<string, unknown>[] };

/** One item of a conversation. */
export type InputItem = MessageItem | FunctionCallItem | FunctionOutputItem | ReasoningItem | CustomItem;

export interface MessageItem {
  /** Absent in the short form, which has a role and content alone. */
  type?: 'message';
  id?: string;
  role: 'user' | 'assistant' | 'system' | 'developer';
  content: string | InputPart[];
  [extension: string]: unknown;
}

export interface FunctionCallItem {
  type: 'function_call';
  id?: string;
  call_id: string;
  name: string;
  /** JSON text. */
  arguments: string;
  [extension: string]: unknown;
}

export interface FunctionOutputItem {
  type: 'function_call_output';
  id?: string;
  call_id: string;
  output: string | InputPart[];
  [extension: string]: unknown;
}

/** What a model thought; `encrypted_content` is what its provider needs to accept it back. */
export interface ReasoningItem {
  type: 'reasoning';
  id?: string;
  summary?: unknown[];
  encrypted_content?: string | null;
  [extension: string]: unknown;
}

/** Calls of custom tools and what they gave; only OpenAI's own models know them. */
export interface CustomItem {
  type: 'custom_tool_call' | 'custom_tool_call_output';
  call_id: string;
  [extension: string]: unknown;
}

/** One part of a message's content. */
export type InputPart =
  | { type: 'input_text' | 'output_text'; text: string; [extension: string]: unknown }
  | { type: 'refusal'; refusal: string }
  | { type: 'input_image'; image_url?: string | null; file_id?: string | null; detail?: string | null }
  | {
      type: 'input_file';
      file_data?: string | null;
      file_url?: string | null;
      file_id?: string | null;
      filename?: string | null;
    }
  | { type: 'input_audio'; input_audio: { data: string; format: 'wav' | 'mp3' } };
