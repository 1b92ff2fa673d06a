import type { ChatRequest } from '../../openai-api/chat-request.js';
import type { ChatCall } from '../adapter.js';
import { pairing as measuredPairing } from '../sizing.js';

type Pairing = typeof import('./answered-chat.js').answeredChat;

let pairing: Pairing | undefined;

/** Loads what pairs calls with results, before the first request that has any: many apps never need it. */
export function loadAnsweredChat({ messages }: ChatRequest): Promise<void> | undefined {
  if (loaded() || !messages.some((message) => message.role === 'tool' || 'tool_calls' in message)) return undefined;
  return import('./answered-chat.js').then(({ answeredChat }) => {
    pairing = answeredChat;
  });
}

/** Requests are measured before they are sent, and must have been paired then as they will be. */
function loaded(): Pairing | undefined {
  return pairing ?? measuredPairing();
}

/** See `answeredChat`. Undefined until it was loaded. */
export const answered: Pairing = (call, outline) => loaded()?.(call, outline);

/** The request of a call as it is paired. */
export function answeredRequest(call: ChatCall): ChatRequest {
  return answered(call, call.request)?.request ?? call.request;
}
