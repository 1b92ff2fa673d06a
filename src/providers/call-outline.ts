import type { ChatRequest } from '../openai/chat-request.js';
import type { ChatCall } from './provider-adapter.js';

/** By the call itself: a copy that a wrapping adapter makes may hold another request. */
const outlines = new WeakMap<ChatCall, ChatRequest>();

/**
 * Lets adapters decide by an outline, where long texts are cut, whether the client's bytes can be forwarded, and saves
 * the gateway reading `call.request` for it.
 */
export function setOutline(call: ChatCall, outline: ChatRequest): void {
  outlines.set(call, outline);
}

/** The request as far as it must be known to forward `call.body`; its texts are not to be used. */
export function outlineOf(call: ChatCall): ChatRequest {
  return outlines.get(call) ?? call.request;
}
