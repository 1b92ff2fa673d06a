import { isObject } from '../../../openai-api/field-checks.js';
import { lettersOf } from '../../../openai-api/input-size.js';
import type { GenerateContentRoute, TextAnswer } from '../../adapter.js';
import { type Destination, fetchEvents, fetchJson, parseAnswer } from '../../http/http-exchange.js';
import { invalidAnswer } from '../../http/http-provider.js';
import type { UsageMetadata } from '../api.js';
import { readCount } from '../count-tokens.js';
import { groundingOf, noCounts, toUsage, updateCounts } from '../to-usage.js';
import { relayEvents } from './relay-events.js';
import { relayedCount, relayedRequest } from './relayed-request.js';

/** The Gemini API itself, relayed. Source: ai.google.dev, API reference, `models.generateContent`, `countTokens`. */
export function nativeRoute(destination: Destination): GenerateContentRoute {
  return {
    answer(call) {
      const translate = () => relayedRequest(call, false);
      return fetchJson(call, translate, destination, (body, { dropped }) => {
        const { json, text } = parseAnswer(body);
        const answer = toAnswer(json, text);
        return dropped ? { ...answer, dropped } : answer;
      });
    },
    async stream(call) {
      const toError = (text: string) => destination.toError({ headers: {}, text });
      return fetchEvents(call, relayedRequest(call, true), () => relayEvents(toError), destination);
    },
    countTokens(call) {
      const translate = () => relayedCount(call);
      return fetchJson(call, translate, destination, (body) => readCount(body));
    },
  };
}

function toAnswer(json: unknown, text: string): TextAnswer {
  if (!isObject(json) || (!Array.isArray(json['candidates']) && !isObject(json['promptFeedback']))) {
    throw invalidAnswer(new Error('no answer of generateContent'));
  }
  const counts = noCounts();
  if (isObject(json['usageMetadata'])) updateCounts(counts, json['usageMetadata'] as UsageMetadata);
  const usage = toUsage(counts, groundingOf(json['candidates']));
  const characters = usage ? 0 : lettersOf(JSON.stringify(json['candidates'] ?? []));
  return { json, text, characters, ...(usage && { usage }) };
}
