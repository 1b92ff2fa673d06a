import { CHAT_ANSWER } from '../hooks/chat-answer-texts.js';
import { plain, type RouteTexts } from '../hooks/route-texts.js';

/** What a model reads in a request of OpenAI's routes, and of the servers that are compatible with them. */
export const OPENAI_REQUEST_TEXTS: RouteTexts = {
  read: ['messages', 'input', 'prompt', 'suffix', 'instructions', 'system', 'prediction'],
  describing: ['tools', 'functions', 'response_format', 'text', 'context_management', 'provider_options'],
  opaque: [
    ...['tool_call_id', 'tool_use_id', 'call_id', 'item_id', 'file_id', 'namespace', 'phase', 'encrypted_content'],
    ...['signature', 'thought_signature', 'media_type', 'file_data', 'image_url', 'file_url', 'filename'],
    ...['prompt_cache_breakpoint', 'reasoning_details', 'extra_content'],
  ],
};

/** Texts of `POST chat/completions`. */
export const chatTexts: RouteTexts = {
  ...OPENAI_REQUEST_TEXTS,
  ...CHAT_ANSWER,
  withChatFields: (body, fields) => ({ ...body, ...fields }),
};

/** Texts of `POST completions`, the legacy route. */
export const completionTexts: RouteTexts = { ...OPENAI_REQUEST_TEXTS, ...CHAT_ANSWER };

/**
 * Texts of routes that take a text or a form: embeddings, images, sound, moderations. Source: the OpenAI API reference,
 * `TranscriptTextDeltaEvent`.
 */
export const mediaTexts: RouteTexts = {
  ...OPENAI_REQUEST_TEXTS,
  answer: ({ text }) => plain('text', text),
  event: ({ type, delta }) => (type === 'transcript.text.delta' ? plain('text', delta) : []),
};
