import { geminiErrorBody } from '../../gemini-api/error-body.js';
import type { GenerateContentBody } from '../../gemini-api/generate-content-request.js';
import { parseGenerateContent } from '../../gemini-api/parse-generate-content.js';
import { geminiSize } from '../../gemini-api/size.js';
import type { ParsedBody } from '../../json/parsed-body.js';
import { NO_USAGE } from '../../lib/usage.js';
import { isObject } from '../../openai-api/field-checks.js';
import type { Operation, TargetAttempt } from '../../pipeline/operation.js';
import type { RoutedRequest } from '../../pipeline/route.js';
import type { ProviderAdapter } from '../../providers/adapter.js';
import { chatForTarget } from './chat-for-target.js';
import { modelOf } from './generate-content.js';

/** No tokens: a count takes only a request from the limits. */
const NO_INPUT = { estimatedTokens: 0, maxTokens: 0 };

/**
 * `POST /models/{model}:countTokens`: the provider's own count where it has one, else the gateway's estimate. It costs
 * nothing and counts against the limit of requests. Source: ai.google.dev, API reference, `models.countTokens`.
 *
 * @throws {GatewayError} that names the wrong field.
 */
export function readGeminiCount(parsed: ParsedBody, asked: RoutedRequest): Operation {
  const { value } = parsed;
  const inner = isObject(value) ? (value['generateContentRequest'] ?? value['generate_content_request']) : undefined;
  const body = { value: parseGenerateContent(inner ?? value), bytes: undefined };
  const model = modelOf(asked);
  const { estimatedTokens } = geminiSize(parsed.size, body.value);
  return {
    route: 'countTokens',
    model,
    stream: false,
    free: true,
    input: NO_INPUT,
    output: undefined,
    stickyKey: undefined,
    fits: () => true,
    async call(adapter, attempt) {
      const totalTokens = (await counted(body, model, adapter, attempt)) ?? estimatedTokens;
      return { body: JSON.stringify({ totalTokens }), usage: NO_USAGE, estimatedOutput: 0, dropped: [] };
    },
    open: () => Promise.reject(new Error('counts are not streamed')),
    fail: geminiErrorBody,
  };
}

/** By the provider's own counter; undefined: it has no counter. */
async function counted(
  body: GenerateContentBody,
  model: string,
  adapter: ProviderAdapter,
  attempt: TargetAttempt,
): Promise<number | undefined> {
  const { routes } = adapter;
  if (routes?.generateContent) return routes.generateContent.countTokens(attempt.routeCall(body));
  if (!routes?.countTokens) return undefined;
  const { chat } = chatForTarget(body.value, model, false, adapter, attempt.model, {});
  return routes.countTokens(attempt.routeCall(chat));
}
