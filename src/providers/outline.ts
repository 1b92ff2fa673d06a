import type { ChatRequest } from '../openai-api/chat-request.js';
import type { ChatCall } from './adapter.js';

/** Where calls of the gateway keep the outline of their request; not copied with the call. */
export const OUTLINE = Symbol('metask-gateway.outline');

/**
 * Enough of a call's request to decide whether its `body` can be forwarded; long texts are cut in it.
 *
 * A 200 KB prompt costs 37 µs this way instead of 340 (bench:tricks `JsonOutline`).
 */
export function outlineOf(call: ChatCall): ChatRequest {
  return (call as { readonly [OUTLINE]?: ChatRequest })[OUTLINE] ?? call.request;
}
