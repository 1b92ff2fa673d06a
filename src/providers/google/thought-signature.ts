import { isBase64 } from '../../media/base64.js';
import type { AssistantMessage, ExtraContent, ReasoningDetail } from '../../openai-api/chat-request.js';
import { ID_SUFFIX, withoutSuffix } from '../../openai-api/open-ids.js';

/**
 * Stands in where the history holds a function call without its signature, because another model made it or the
 * client lost it: base64 of the text that Google documents for this.
 *
 * Source: ai.google.dev, "Thought signatures", questions and answers.
 */
export const STAND_IN_SIGNATURE = 'Y29udGV4dF9lbmdpbmVlcmluZ19pc190aGVfd2F5X3RvX2dv';

/** Wraps a signature for the client. */
export function signatureContent(signature: string): ExtraContent {
  return { google: { thought_signature: signature } };
}

/** The signature in `extra_content.google.thought_signature`; values that are not base64 are ignored. */
export function signatureIn(extra: ExtraContent | null | undefined): string | undefined {
  return asSignature(extra?.google?.thought_signature);
}

/** Takes apart a tool call id that carries a signature behind it. */
export function splitCallId(id: string): { id: string; signature?: string } {
  const own = withoutSuffix(id);
  const signature = asSignature(id.slice(own.length + ID_SUFFIX.length));
  return { id: own, ...(signature !== undefined && { signature }) };
}

/**
 * Signatures out of `reasoning_details` as OpenRouter writes them for Gemini, by the id of their tool call; those
 * without an id stand under the empty string.
 */
export function detailSignatures(message: AssistantMessage): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const detail of message.reasoning_details ?? []) {
    const signature = isGeminiDetail(detail) ? asSignature(detail.data ?? detail.signature) : undefined;
    if (signature !== undefined) found.set(typeof detail['id'] === 'string' ? detail['id'] : '', signature);
  }
  return found;
}

function isGeminiDetail(detail: ReasoningDetail): boolean {
  return typeof detail.format === 'string' && detail.format.startsWith('google-gemini');
}

function asSignature(value: unknown): string | undefined {
  return typeof value === 'string' && isBase64(value) ? value : undefined;
}
