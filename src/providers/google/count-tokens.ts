import { tokenCount } from '../../lib/usage.js';
import { isObject } from '../../openai-api/field-checks.js';
import type { ChatCall, ProviderRoutes } from '../adapter.js';
import { type Destination, fetchJson, parseAnswer } from '../http/http-exchange.js';
import { invalidAnswer } from '../http/http-provider.js';
import { UnsupportedParams } from '../unsupported-params.js';
import type { SignatureMemory } from './signature-memory.js';
import { modelPath, toBody } from './to-request.js';

/**
 * Counts what a chat request would be sent as. The Gemini API takes the whole request in a field of its own, Vertex its parts.
 * Source: ai.google.dev, API reference, `models.countTokens`; Google Cloud, "Method: models.countTokens".
 */
export function chatCounter(
  destination: Destination,
  signatures: SignatureMemory,
  place: 'gemini' | 'vertex',
): NonNullable<ProviderRoutes['countTokens']> {
  const toCount = (call: ChatCall) => {
    const request = toBody(call, signatures, new UnsupportedParams('drop'));
    const path = modelPath(call.model);
    const body = place === 'gemini' ? { generateContentRequest: { model: path, ...request } } : countedParts(request);
    return { path: `/v1beta/${path}:countTokens`, body: JSON.stringify(body) };
  };
  return (call) =>
    fetchJson(
      call,
      () => toCount(call),
      destination,
      (body) => readCount(body),
    );
}

/** @throws {UpstreamError} when the answer has no count. */
export function readCount(body: Parameters<typeof parseAnswer>[0]): number {
  const { json } = parseAnswer(body);
  const count = isObject(json) ? tokenCount(json['totalTokens']) : undefined;
  if (count === undefined) throw invalidAnswer(new Error('no count of tokens'));
  return count;
}

function countedParts(request: Record<string, unknown>): Record<string, unknown> {
  const { contents, systemInstruction, tools, generationConfig } = request;
  return { contents, systemInstruction, tools, generationConfig };
}
