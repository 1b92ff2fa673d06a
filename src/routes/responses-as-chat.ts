import { ParsedBody } from '../json/parsed-body.js';
import { GatewayError } from '../lib/errors.js';
import { andThen, type MaybePromise } from '../lib/maybe-promise.js';
import { isObject } from '../openai-api/field-checks.js';
import { KNOWN_FIELDS, parseResponsesRequest } from '../openai-api/responses/parse-responses-request.js';
import { originOf, toChatRequest } from '../openai-api/responses/to-chat-request.js';
import type { Answer, OpenStream, Operation, TargetAttempt } from '../pipeline/operation.js';
import type { RoutedRequest } from '../pipeline/route.js';
import { ChatBody } from './chat-body.js';
import { inClientTerms } from './client-terms.js';
import { resolveItems } from './recent-items.js';

/** A chat request made of a body for `POST /responses`. */
export interface TranslatedBody {
  readonly body: ChatBody;
  /** Paths of what chat has no form for. */
  readonly dropped: readonly string[];
}

/**
 * Reads a responses body that was sent to `POST /chat/completions`: Cursor does so for some models, and expects a chat
 * answer. Fields that only chat has are kept.
 *
 * @throws {GatewayError} that names the wrong field of the responses body.
 */
export function responsesAsChat(
  parsed: ParsedBody,
  { principal, runtime }: RoutedRequest,
): MaybePromise<TranslatedBody> {
  const { value } = parsed;
  const ofChat = Object.entries(isObject(value) ? value : {}).filter(
    ([name]) => !KNOWN_FIELDS.has(name) || name === 'stream_options',
  );
  return andThen(resolveItems(runtime.keptItems, principal.account.id, parseResponsesRequest(value)), (request) => {
    const { chat, dropped } = toChatRequest(request);
    const body = { ...Object.fromEntries(ofChat), ...chat };
    // Items that are named alone are as long as what they stand for.
    const size = Math.max(parsed.size, Buffer.byteLength(JSON.stringify(body)));
    return { body: ChatBody.of(ParsedBody.ofValue(body, size)), dropped };
  });
}

/** The operation with errors and reports in the terms of the responses body that it was made of. */
export function inResponsesTerms(operation: Operation, dropped: readonly string[]): Operation {
  const withDropped = <T extends Answer | OpenStream>(answer: T, attempt: TargetAttempt): T => {
    const before = attempt.unsupported === 'warn' ? dropped : [];
    return { ...answer, dropped: [...before, ...answer.dropped.map(originOf)] };
  };
  return {
    ...operation,
    // Methods of a class are not copied.
    fits: (adapter) => operation.fits(adapter),
    recall: (adapter, recollection) => operation.recall?.(adapter, recollection),
    fail: (error, requestId) => operation.fail(error, requestId),
    async call(adapter, attempt) {
      refuseDropped(dropped, attempt);
      return withDropped(await inClientTerms(() => operation.call(adapter, attempt), originOf), attempt);
    },
    async open(adapter, attempt) {
      refuseDropped(dropped, attempt);
      return withDropped(await inClientTerms(() => operation.open(adapter, attempt), originOf), attempt);
    },
  };
}

function refuseDropped([param]: readonly string[], { unsupported }: TargetAttempt): void {
  if (param === undefined || unsupported !== 'error') return;
  throw new GatewayError('unsupported_parameter', { message: `'${param}' is not supported.`, param });
}
