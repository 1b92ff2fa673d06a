import type { FinishReason } from '../../openai-api/chat-completion.js';

/** Reasons of Google's filters. Source: ai.google.dev, API reference, `FinishReason`. */
const FILTERED: ReadonlySet<string> = new Set([
  'SAFETY',
  'RECITATION',
  'LANGUAGE',
  'BLOCKLIST',
  'PROHIBITED_CONTENT',
  'SPII',
  'IMAGE_SAFETY',
  'IMAGE_PROHIBITED_CONTENT',
  'IMAGE_RECITATION',
  'MODEL_ARMOR',
]);

/**
 * Gemini's finish reason as OpenAI's. Gemini says STOP also when the model calls functions.
 *
 * @param hasCalls whether the whole answer held a function call.
 */
export function mapFinishReason(reason: string, hasCalls: boolean): FinishReason {
  if (reason === 'MAX_TOKENS') return 'length';
  if (FILTERED.has(reason)) return 'content_filter';
  return hasCalls ? 'tool_calls' : 'stop';
}

/** True for a reason that, with nothing said, means that the model failed: MALFORMED_FUNCTION_CALL, OTHER, … */
export function isFailure(reason: string): boolean {
  return reason !== 'STOP' && reason !== 'MAX_TOKENS' && !FILTERED.has(reason);
}
