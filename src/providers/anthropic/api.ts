export { isObject } from '../../openai-api/field-checks.js';

/**
 * The parts of Anthropic's Messages API that the gateway reads and writes.
 *
 * Source: the Anthropic API reference, `POST /v1/messages`. Answers are read as untrusted data: every field may be
 * missing, and block types that are not listed here may appear at any time.
 */
export interface MessagesRequest {
  model: string;
  max_tokens: number;
  messages: Turn[];
  system?: string | TextBlock[];
  stream?: boolean;
  temperature?: number;
  top_p?: number;
  top_k?: number;
  stop_sequences?: string[];
  thinking?: Thinking;
  output_config?: { effort?: string; format?: { type: 'json_schema'; schema: JsonObject } };
  tools?: (NativeTool | JsonObject)[];
  tool_choice?: NativeToolChoice;
  metadata?: { user_id: string };
  service_tier?: 'auto' | 'standard_only';
  cache_control?: JsonObject;
  [extension: string]: unknown;
}

export type JsonObject = Record<string, unknown>;

export interface Turn {
  role: 'user' | 'assistant';
  content: Block[];
}

export type Block = TextBlock | ImageBlock | DocumentBlock | CarriedBlock | ToolUseBlock | ToolResultBlock;

export interface TextBlock {
  type: 'text';
  text: string;
  cache_control?: JsonObject;
}

export interface ImageBlock {
  type: 'image';
  source: { type: 'base64'; media_type: string; data: string } | { type: 'url'; url: string } | FileSource;
  cache_control?: JsonObject;
}

export interface DocumentBlock {
  type: 'document';
  source:
    | { type: 'base64'; media_type: 'application/pdf'; data: string }
    | { type: 'text'; media_type: 'text/plain'; data: string }
    | { type: 'url'; url: string }
    | FileSource;
  title?: string;
  cache_control?: JsonObject;
}

interface FileSource {
  type: 'file';
  file_id: string;
}

interface ThinkingBlock {
  type: 'thinking';
  thinking: string;
  signature: string;
}

interface RedactedThinkingBlock {
  type: 'redacted_thinking';
  data: string;
}

/** A block that goes to the client and comes back unchanged. */
export type CarriedBlock = ThinkingBlock | RedactedThinkingBlock | NativeBlock;

/** What Anthropic's own tools did, and compactions: read by nobody but Anthropic. */
export interface NativeBlock {
  type: 'server_tool_use' | 'mcp_tool_use' | 'compaction' | `${string}_tool_result`;
  cache_control?: JsonObject;
}

export interface ToolUseBlock {
  type: 'tool_use';
  id: string;
  name: string;
  input: JsonObject;
  cache_control?: JsonObject;
}

export interface ToolResultBlock {
  type: 'tool_result';
  tool_use_id: string;
  content?: (TextBlock | ImageBlock | DocumentBlock)[];
  cache_control?: JsonObject;
}

export type Thinking =
  | { type: 'enabled'; budget_tokens: number }
  | { type: 'adaptive'; display?: 'summarized' | 'omitted' }
  | { type: 'disabled' };

export interface NativeTool {
  name: string;
  description?: string;
  input_schema: JsonObject;
  strict?: boolean;
  cache_control?: JsonObject;
}

export type NativeToolChoice =
  | { type: 'auto' | 'any'; disable_parallel_tool_use?: boolean }
  | { type: 'tool'; name: string; disable_parallel_tool_use?: boolean }
  | { type: 'none' };

/** One event of a stream; which fields are there depends on `type`. */
export interface NativeEvent {
  type?: unknown;
  index?: unknown;
  message?: unknown;
  content_block?: unknown;
  delta?: unknown;
  usage?: unknown;
  error?: unknown;
}

/** A string out of a provider's or client's JSON; empty for anything else. */
export function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
