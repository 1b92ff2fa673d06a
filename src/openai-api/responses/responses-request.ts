import type { ReasoningEffort } from '../effort-levels.js';
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

export type { ReasoningEffort };

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

/**
 * A tool by its type: `function`, `custom`, `namespace` and `tool_search` are the client's own; others a provider runs.
 * Types may appear at any time.
 */
export interface ResponsesTool {
  type: string;
  name?: string;
  [field: string]: unknown;
}

export type ResponsesToolChoice = 'none' | 'auto' | 'required' | ToolChoiceObject;

/** Names a tool, or a kind of tool (`web_search`), or lists those that may be called (`allowed_tools`). */
export interface ToolChoiceObject {
  type: string;
  name?: string;
  mode?: 'auto' | 'required';
  tools?: Record<string, unknown>[];
  [field: string]: unknown;
}

/** One item of a conversation. */
export type InputItem = MessageItem | FunctionCallItem | FunctionOutputItem | ReasoningItem | CustomItem | OtherItem;

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
  /** The group of tools that the name belongs to. */
  namespace?: string;
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

/** Items that only some providers know, and those that bring tools along. */
export interface OtherItem {
  type: OtherItemType;
  [extension: string]: unknown;
}

/** Any other name: types may appear at any time. */
export type OtherItemType =
  | 'additional_tools'
  | 'tool_search_call'
  | 'tool_search_output'
  | 'compaction'
  | 'compaction_trigger'
  | 'item_reference';

/** Calls of custom tools and what they gave. */
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
