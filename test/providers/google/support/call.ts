import type { ChatRequest } from '../../../../src/openai/chat-request.js';
import { googleDialect } from '../../../../src/providers/google/index.js';
import type { ChatCall } from '../../../../src/providers/provider-adapter.js';

/** A call of `model` with `request`; everything else is harmless. */
export function chatCall(request: Partial<ChatRequest> = {}, changes: Partial<ChatCall> = {}): ChatCall {
  const model = changes.model ?? request.model ?? 'gemini-2.5-flash';
  return {
    requestId: 'req_1',
    accountId: 'user_1',
    model,
    request: { messages: [{ role: 'user', content: 'Hi' }], ...request, model },
    outputLimitAdded: false,
    unsupported: 'warn',
    transport: { send: () => Promise.reject(new Error('no transport here')) },
    signal: new AbortController().signal,
    onActivity: () => {},
    now: () => 1_700_000_000_000,
    ...changes,
  };
}

/** A dialect whose ids count up: `id1`, `id2`, … */
export function countingDialect() {
  let count = 0;
  return googleDialect({ secrets: ['AIza-secret-of-the-operator'], randomId: () => `id${++count}` });
}

/** The native body that a request becomes. */
export function nativeBody(request: Partial<ChatRequest>, changes: Partial<ChatCall> = {}): Record<string, unknown> {
  return JSON.parse(String(countingDialect().toRequest(chatCall(request, changes), false).body));
}
