import type { JsonObject } from '../lib/is-object.js';

/**
 * The body of `POST /messages` after `parseMessagesRequest`: known fields have their type or are absent (an explicit
 * null counts as absent), unknown fields are kept as they came.
 *
 * Source: the Anthropic API reference, `POST /v1/messages`.
 */
export interface MessagesRequest {
  model: string;
  max_tokens?: number;
  messages: MessageParam[];
  system?: string | Block[];
  stream?: boolean;
  temperature?: number;
  top_p?: number;
  top_k?: number;
  stop_sequences?: string[];
  thinking?: ThinkingParam;
  output_config?: { effort?: string | null; format?: JsonObject | null; [extension: string]: unknown };
  /** The older name of `output_config.format`. */
  output_format?: JsonObject;
  tools?: ToolParam[];
  tool_choice?: ToolChoiceParam;
  metadata?: { user_id?: string | null; [extension: string]: unknown };
  service_tier?: string;
  cache_control?: JsonObject;
  [extension: string]: unknown;
}

export interface MessageParam {
  /** `user`, `assistant`, `system` or a newer one. */
  role: string;
  content: string | Block[];
  [extension: string]: unknown;
}

/** A content block; which fields it has depends on its type, and new types may appear at any time. */
export interface Block {
  type: string;
  [field: string]: unknown;
}

export interface ThinkingParam {
  /** `enabled`, `adaptive`, `disabled` or a newer one. */
  type: string;
  budget_tokens?: number;
  /** `omitted`: the client wants no text of the thoughts. */
  display?: string | null;
  [extension: string]: unknown;
}

/** A tool of the client's own, or one that Anthropic defines (its `type` says which). */
export interface ToolParam {
  type?: string | null;
  name?: string;
  description?: string;
  input_schema?: JsonObject;
  strict?: boolean;
  cache_control?: JsonObject | null;
  [extension: string]: unknown;
}

export interface ToolChoiceParam {
  /** `auto`, `any`, `tool`, `none` or a newer one. */
  type: string;
  name?: string;
  disable_parallel_tool_use?: boolean;
}

/** A request as far as it is read, with what its headers ask for. */
export interface MessagesBody {
  /** All of it. Reading it parses it, also by destructuring: only where `outline` is not enough. */
  readonly value: MessagesRequest;
  /** The same with long texts cut: enough to decide what must change. */
  readonly outline: MessagesRequest;
  /** The client's own bytes. */
  readonly bytes: Uint8Array | undefined;
  /** Names in the `anthropic-beta` header. */
  readonly betas: readonly string[];
}

/** True for a tool that the client runs and describes itself. */
export function isClientTool({ type }: ToolParam): boolean {
  return type === undefined || type === null || type === 'custom';
}
