import { lettersOf } from '../../../openai-api/input-size.js';
import type { MessagesRoute, TextAnswer } from '../../adapter.js';
import { type Destination, fetchEvents, fetchJson, parseAnswer } from '../../http/http-exchange.js';
import { invalidAnswer, type StreamTranslator } from '../../http/http-provider.js';
import { isObject } from '../api.js';
import { readCount, whereCounted } from '../count-tokens.js';
import { toUsage } from '../to-usage.js';
import { relayEvents } from './relay-events.js';
import { type RelayOptions, relayedCount, relayedRequest } from './relayed-request.js';

/** What an endpoint's events come in, taken off before they are relayed. */
export type Unwrap = (translator: StreamTranslator) => StreamTranslator;

/**
 * Anthropic's Messages API, relayed. Source: the Anthropic API reference, `POST /v1/messages`, `count_tokens`.
 *
 * @param unwrap what becomes of an event before it is read; default: nothing.
 */
export function messagesRoute(
  options: RelayOptions,
  destination: Destination,
  unwrap: Unwrap = (translator) => translator,
): MessagesRoute {
  return {
    answer(call) {
      const translate = () => relayedRequest(call, options);
      return fetchJson(call, translate, destination, (body, { dropped }) => {
        const { json, text } = parseAnswer(body);
        const answer = toAnswer(json, text);
        return dropped ? { ...answer, dropped } : answer;
      });
    },
    async stream(call) {
      const native = relayedRequest(call, options);
      const toError = (text: string) => destination.toError({ headers: {}, text });
      return fetchEvents(call, native, () => unwrap(relayEvents(toError)), destination);
    },
    countTokens(call) {
      const translate = () => relayedCount(call, options);
      const counted = fetchJson(call, translate, destination, (body) => readCount(body));
      return options.host ? whereCounted(counted) : counted;
    },
  };
}

function toAnswer(json: unknown, text: string): TextAnswer {
  if (!isObject(json) || json['type'] === 'error' || !Array.isArray(json['content'])) {
    throw invalidAnswer(new Error('no message'));
  }
  const usage = toUsage(isObject(json['usage']) ? json['usage'] : {});
  if (usage) return { json, text, characters: 0, usage };
  return { json, text, characters: lettersOf(JSON.stringify(json['content'])) };
}
