import type { ChatRequest } from '../../../../src/openai-api/chat-request.js';
import type { ChatCall } from '../../../../src/providers/adapter.js';
import { googleDialect } from '../../../../src/providers/google/index.js';
import { signatureMemory } from '../../../../src/providers/google/signature-memory.js';
import { chatCall as plainCall } from '../../../helpers/chat-call.js';

/** A call of `gemini-2.5-flash` where neither side names a model. */
export function chatCall(request: Partial<ChatRequest> = {}, changes: Partial<ChatCall> = {}): ChatCall {
  const model = changes.model ?? request.model ?? 'gemini-2.5-flash';
  return plainCall({ ...request, model }, changes);
}

/** A dialect whose ids count up: `id1`, `id2`, … */
export function countingDialect() {
  let count = 0;
  return googleDialect({
    secrets: ['AIza-secret-of-the-operator'],
    randomId: () => `id${++count}`,
    signatures: signatureMemory(),
  });
}

/** The native body that a request becomes. */
export function nativeBody(request: Partial<ChatRequest>, changes: Partial<ChatCall> = {}): Record<string, unknown> {
  return JSON.parse(String(countingDialect().toRequest(chatCall(request, changes), false).body));
}
