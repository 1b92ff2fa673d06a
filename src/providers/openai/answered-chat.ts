import type { ChatMessage, ChatRequest } from '../../openai-api/chat-request.js';
import type { ChatCall } from '../adapter.js';
import { forEachAnswered, isAnswered } from '../tool-pairs.js';
import { UnsupportedParams } from '../unsupported-params.js';

/** A request whose calls all have their results, and what was lost on the way. */
export interface AnsweredChat {
  readonly request: ChatRequest;
  readonly lost: readonly string[];
}

/**
 * The request of a call with calls and results in pairs, as OpenAI takes them alone; undefined where they are.
 *
 * @param outline enough of the request to find out: the request itself is read where it must change alone.
 * @throws {GatewayError} for a result without a call where the operator wants refused what can't be sent as it is.
 */
export function answeredChat(call: ChatCall, outline: ChatRequest): AnsweredChat | undefined {
  if (isAnswered(outline.messages)) return undefined;
  const unsupported = new UnsupportedParams(call.unsupported);
  const { request } = call;
  const messages: ChatMessage[] = [];
  forEachAnswered(request.messages, 'single messages', unsupported, (message) => void messages.push(message));
  return { request: { ...request, messages }, lost: unsupported.names };
}
