import { messagesErrorBody, messagesErrorStatus } from '../../anthropic-api/error-body.js';
import type { RequestHeaders } from '../../http/exchange.js';
import { addAnthropicRateLimitHeaders, addRateLimitHeaders } from '../../limits/rate-limit-headers.js';
import type { ClientFormat } from '../../pipeline/route.js';

/** Every client of Anthropic's API sends this header, and no other client does. */
export function isAnthropicClient(headers: RequestHeaders): boolean {
  return headers['anthropic-version'] !== undefined;
}

/**
 * Errors and headers as Anthropic's API has them, in addition to the gateway's own. Source: Anthropic docs, errors, rate limits.
 */
export const anthropicFormat: ClientFormat = {
  name: 'anthropic',
  speaks: isAnthropicClient,
  errorStatus: messagesErrorStatus,
  errorBody: messagesErrorBody,
  addHeaders(headers, { requestId, states, now }) {
    headers['request-id'] = requestId;
    if (states.length === 0) return;
    addRateLimitHeaders(headers, states);
    addAnthropicRateLimitHeaders(headers, states, now);
  },
  // Source: Anthropic docs, streaming messages.
  lastWords: /"type":\s*"(?:content_block_stop|message_delta|message_stop)"/,
};
