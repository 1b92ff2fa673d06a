import type { ChatRequest } from '../../openai-api/chat-request.js';
import type { ChatCall } from '../adapter.js';

type Pairing = typeof import('./answered-chat.js').answeredChat;

let pairing: Pairing | undefined;

/** Loads what pairs calls with results, before the first request that has any: many apps never need it. */
export function loadAnsweredChat({ messages }: ChatRequest): Promise<void> | undefined {
  if (pairing || !messages.some((message) => message.role === 'tool' || 'tool_calls' in message)) return undefined;
  return import('./answered-chat.js').then((loaded) => {
    pairing = loaded.answeredChat;
  });
}

/** See `answeredChat`. Undefined until it was loaded. */
export const answered: Pairing = (call, outline) => pairing?.(call, outline);

/** The request of a call as it is paired. */
export function answeredRequest(call: ChatCall): ChatRequest {
  return answered(call, call.request)?.request ?? call.request;
}
