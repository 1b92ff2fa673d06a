import { tokenCount } from '../../lib/usage.js';
import type { ChatCall, ProviderRoutes } from '../adapter.js';
import { type Destination, fetchJson, parseAnswer } from '../http/http-exchange.js';
import { invalidAnswer } from '../http/http-provider.js';
import { isObject } from './api.js';
import { toRequest } from './to-request.js';

/** What a request has and its count has not. Source: the Anthropic API reference, `count_tokens`. */
export const NOT_COUNTED = [
  'max_tokens',
  'stream',
  'temperature',
  'top_p',
  'top_k',
  'stop_sequences',
  'metadata',
  'service_tier',
  'diagnostics',
];

/** Counts what a chat request would be sent as. Source: the Anthropic API reference, `count_tokens`. */
export function chatCounter(
  destination: Destination,
  betas: readonly string[],
): NonNullable<ProviderRoutes['countTokens']> {
  const toCount = (call: ChatCall) => {
    const { body, headers } = toRequest({ ...call, unsupported: 'drop' }, false, betas);
    const counted = JSON.parse(String(body)) as Record<string, unknown>;
    for (const name of NOT_COUNTED) delete counted[name];
    return { path: '/v1/messages/count_tokens', body: JSON.stringify(counted), ...(headers && { headers }) };
  };
  return (call) => fetchJson(call, () => toCount(call), destination, readCount);
}

/** @throws {UpstreamError} when the answer has no count. */
export function readCount(body: Parameters<typeof parseAnswer>[0]): number {
  const { json } = parseAnswer(body);
  const count = isObject(json) ? tokenCount(json['input_tokens']) : undefined;
  if (count === undefined) throw invalidAnswer(new Error('no count of tokens'));
  return count;
}
