import type { ChatMessage, ChatRequest } from '../../../src/openai-api/chat-request.js';
import type { ChatCall } from '../../../src/providers/adapter.js';
import type { MessagesRequest } from '../../../src/providers/anthropic/api.js';
import { anthropicDialect } from '../../../src/providers/anthropic/index.js';
import type { SentRequest } from '../../../src/providers/http/http-provider.js';
import { chatCall } from '../../helpers/chat-call.js';

/** Models of each kind that the capability table knows. */
export const ADAPTIVE = 'claude-opus-4-8';
export const BOTH = 'claude-opus-4-6';
export const BUDGET = 'claude-sonnet-4-5';
export const OLD = 'claude-sonnet-4-20250514';
export const OLDEST = 'claude-3-haiku-20240307';

export const user = (content: string): ChatMessage => ({ role: 'user', content });

export const weather = { type: 'function', function: { name: 'weather', parameters: { type: 'object' } } } as const;

/** The native request, as the provider would send it. */
export function native(request: Partial<ChatRequest>, overrides: Partial<ChatCall> = {}, stream = false): SentRequest {
  return anthropicDialect().toRequest(chatCall({ model: BUDGET, ...request }, overrides), stream);
}

/** Its body. */
export function bodyOf(
  request: Partial<ChatRequest>,
  overrides: Partial<ChatCall> = {},
  stream = false,
): MessagesRequest {
  return JSON.parse(String(native(request, overrides, stream).body)) as MessagesRequest;
}

/** The names of the fields that were left out. */
export function droppedOf(request: Partial<ChatRequest>, overrides: Partial<ChatCall> = {}): readonly string[] {
  return native(request, overrides).dropped ?? [];
}
