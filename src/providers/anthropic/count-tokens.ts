import { tokenCount } from '../../lib/usage.js';
import { UpstreamError } from '../../upstream/upstream-error.js';
import type { ChatCall, ProviderRoutes } from '../adapter.js';
import { type Destination, fetchJson, parseAnswer } from '../http/http-exchange.js';
import { invalidAnswer } from '../http/http-provider.js';
import { LARGE } from '../http/large-json.js';
import { isObject } from './api.js';
import type { MessagesHost } from './hosts.js';
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
  host?: MessagesHost,
): NonNullable<ProviderRoutes['countTokens']> {
  const toCount = (call: ChatCall) => {
    const { body, headers } = toRequest(
      { ...call, [LARGE]: undefined, unsupported: 'drop' } as ChatCall,
      false,
      betas,
      host,
    );
    return { ...countForm(String(body), call.model, host), ...(headers && { headers }) };
  };
  return (call) => {
    const counted = fetchJson(call, () => toCount(call), destination, readCount);
    return host ? whereCounted(counted) : counted;
  };
}

function countForm(body: string, model: string, host: MessagesHost | undefined): { path: string; body: string } {
  const count = host?.count;
  if (count && !count.model) return { path: count.path, body: count.wrap?.(body) ?? body };
  const counted = JSON.parse(body) as Record<string, unknown>;
  for (const name of NOT_COUNTED) delete counted[name];
  if (count?.model) counted['model'] = count.model(model);
  return { path: count?.path ?? '/v1/messages/count_tokens', body: JSON.stringify(counted) };
}

/**
 * A count where there is one. A cloud may have none for a model or a region, or no permission for it: then the gateway
 * estimates, and the target is as good as before.
 */
export async function whereCounted(counting: Promise<number>): Promise<number | undefined> {
  try {
    return await counting;
  } catch (thrown) {
    if (!UpstreamError.isInstance(thrown)) throw thrown;
    const isMissing = thrown.status === 403 || thrown.status === 404 || thrown.clientError.code === 'model_not_found';
    if (isMissing) return undefined;
    throw thrown;
  }
}

/** @throws {UpstreamError} when the answer has no count. */
export function readCount(body: Parameters<typeof parseAnswer>[0]): number {
  const { json } = parseAnswer(body);
  const count = isObject(json) ? tokenCount(json['input_tokens'] ?? json['inputTokens']) : undefined;
  if (count === undefined) throw invalidAnswer(new Error('no count of tokens'));
  return count;
}
