import type { ParsedBody } from '../../json/parsed-body.js';
import { NO_USAGE } from '../../lib/usage.js';
import type { Operation, TargetAttempt } from '../../pipeline/operation.js';
import type { RoutedRequest } from '../../pipeline/route.js';
import type { ProviderAdapter } from '../../providers/adapter.js';
import { messagesRouteOf } from '../../providers/messages-route-of.js';
import { chatForTarget } from './chat-for-target.js';
import { failedMessage } from './message-stream.js';
import { type ReadBody, readBody } from './messages.js';

/** No tokens: a count takes only a request from the limits. */
const NO_INPUT = { estimatedTokens: 0, maxTokens: 0 };

/**
 * `POST /messages/count_tokens`: the provider's own count where it has one, else the gateway's estimate. It costs nothing
 * and counts against the limit of requests. Source: the Anthropic API reference, `count_tokens`.
 *
 * @throws {GatewayError} that names the wrong field.
 */
export function readCountTokens(parsed: ParsedBody, asked: RoutedRequest): Operation {
  const body = readBody(parsed, asked, 'no limit');
  return {
    route: 'messages/count_tokens',
    model: body.outline.model,
    stream: false,
    free: true,
    input: NO_INPUT,
    output: undefined,
    stickyKey: undefined,
    fits: () => true,
    async call(adapter, attempt) {
      const tokens = await count(body, adapter, attempt);
      return { body: JSON.stringify({ input_tokens: tokens }), usage: NO_USAGE, estimatedOutput: 0, dropped: [] };
    },
    open: () => Promise.reject(new Error('counts are not streamed')),
    fail: failedMessage,
  };
}

async function count(body: ReadBody, adapter: ProviderAdapter, attempt: TargetAttempt): Promise<number> {
  const { routes } = adapter;
  const native = messagesRouteOf(adapter, attempt.model);
  if (native) return (await native.countTokens(attempt.routeCall(body))) ?? body.size.estimatedTokens;
  if (!routes?.countTokens) return body.size.estimatedTokens;
  const { chat } = chatForTarget(body.value, adapter, attempt, {});
  return (await routes.countTokens(attempt.routeCall(chat))) ?? body.size.estimatedTokens;
}
