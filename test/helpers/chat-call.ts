import type { ChatRequest } from '../../src/openai-api/chat-request.js';
import type { ChatCall } from '../../src/providers/adapter.js';

/** A call for translators: it has a transport that must not be used and a clock that stands still. */
export function chatCall(request: Partial<ChatRequest>, overrides: Partial<ChatCall> = {}): ChatCall {
  const full: ChatRequest = { model: 'model', messages: [{ role: 'user', content: 'hi' }], ...request };
  return {
    requestId: 'req_1',
    accountId: 'user_1',
    model: full.model,
    request: full,
    outputLimitAdded: false,
    unsupported: 'warn',
    transport: { send: () => Promise.reject(new Error('translators send nothing')) },
    signal: new AbortController().signal,
    onActivity: () => {},
    now: () => 1_700_000_000_000,
    ...overrides,
  };
}
