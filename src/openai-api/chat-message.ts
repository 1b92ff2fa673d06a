/** One part of a message's content. Any part may carry the extension `cache_control`. */
export type ContentPart = TextPart | ImagePart | AudioPart | FilePart | RefusalPart;

export interface TextPart {
  type: 'text';
  text: string;
  cache_control?: CacheControl;
  prompt_cache_breakpoint?: Record<string, unknown>;
}

export interface ImagePart {
  type: 'image_url';
  /** An https URL or a data URL. */
  image_url: { url: string; detail?: 'auto' | 'low' | 'high' };
  cache_control?: CacheControl;
}

export interface AudioPart {
  type: 'input_audio';
  /** Base64 data. */
  input_audio: { data: string; format: 'wav' | 'mp3' };
  cache_control?: CacheControl;
}

export interface FilePart {
  type: 'file';
  /** `file_data` is a data URL. */
  file: { filename?: string; file_data?: string; file_id?: string };
  cache_control?: CacheControl;
}

/** Only in assistant messages. */
export interface RefusalPart {
  type: 'refusal';
  refusal: string;
  cache_control?: CacheControl;
}

/** A tool call of the assistant. `arguments` is JSON text. */
export interface ToolCall {
  id: string;
  type: 'function';
  function: { name: string; arguments: string };
  /** Extension: Gemini's thought signature. */
  extra_content?: ExtraContent;
}

/** A call of a custom tool, whose input is any text. Only adapters that take custom tools see or make any. */
export interface CustomToolCall {
  id: string;
  type: 'custom';
  custom: { name: string; input: string };
  extra_content?: ExtraContent;
}

/** Extension: Anthropic's prompt-cache marker, on a message, a part or a tool. */
export interface CacheControl {
  type: 'ephemeral';
  ttl?: '5m' | '1h';
}

/** True of an object with a mark that asks a cache to keep it for an hour. */
export function isKeptForAnHour(marked: object): boolean {
  const mark: unknown = 'cache_control' in marked ? marked.cache_control : undefined;
  return typeof mark === 'object' && mark !== null && 'ttl' in mark && mark.ttl === '1h';
}

/** Google's carrier of thought signatures, as its own OpenAI-compatible endpoint uses it. */
export interface ExtraContent {
  google?: { thought_signature?: string; [extension: string]: unknown };
  [extension: string]: unknown;
}
