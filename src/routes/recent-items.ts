import type { KeptItems } from '../items/kept-items.js';
import { GatewayError } from '../lib/errors.js';
import { andThen, type MaybePromise } from '../lib/maybe-promise.js';
import type { ItemReference, ParsedResponsesRequest } from '../openai-api/responses/parse-responses-request.js';
import type { InputItem, ResponsesRequest } from '../openai-api/responses/responses-request.js';

/** The most characters that the references of one request may add. */
const MAX_CHARACTERS = 16 * 1024 * 1024;

/**
 * Leaves the items of an answer for clients that refer to them by id instead of sending them again: the AI SDK does, for
 * every message, unless the request says `store: false`.
 *
 * @param unseen reasoning that none of them shows; it comes back with the last.
 */
export function keepItems(
  keep: (id: string, value: string) => void,
  output: readonly unknown[],
  unseen?: unknown,
): void {
  const last = output.length - 1;
  (output as readonly { id?: unknown }[]).forEach((item, index) => {
    if (typeof item?.id !== 'string') return;
    const together = unseen !== undefined && index === last ? [unseen, item] : [item];
    keep(keptAs(item.id), JSON.stringify(together));
  });
}

/**
 * The request with its references replaced by what they stand for. A reference to reasoning that is not known is left
 * out: models answer without it.
 *
 * @throws {GatewayError} for a reference to anything else that is not known; `request_too_large` where items named again
 * and again would make a short body very long; `service_unavailable` when what is kept can't be read.
 */
export function resolveItems(
  kept: KeptItems,
  accountId: string,
  request: ParsedResponsesRequest,
): MaybePromise<ResponsesRequest> {
  const { input } = request;
  if (!Array.isArray(input)) return request as ResponsesRequest;
  const ids = new Set(input.filter(isReference).map(({ id }) => keptAs(id)));
  if (ids.size === 0) return request as ResponsesRequest;
  return andThen(kept.get(accountId, [...ids]), (known) => ({ ...request, input: withItems(input, known) }));
}

function withItems(input: readonly (InputItem | ItemReference)[], known: ReadonlyMap<string, string>): InputItem[] {
  let characters = 0;
  return input.flatMap((item, index): InputItem[] => {
    if (!isReference(item)) return [item];
    const text = known.get(keptAs(item.id));
    characters += text?.length ?? 0;
    if (characters > MAX_CHARACTERS) throw new GatewayError('request_too_large', { param: 'input' });
    if (text !== undefined) return JSON.parse(text) as InputItem[];
    if (item.id.startsWith('rs_')) return [];
    throw unknownReference(item.id, `input[${index}].id`);
  });
}

function keptAs(itemId: string): string {
  return `item:${itemId}`;
}

function isReference(item: InputItem | ItemReference): item is ItemReference {
  return !('role' in item) && (item.type === undefined || item.type === 'item_reference');
}

function unknownReference(id: string, param: string): GatewayError {
  const name = id.replace(/[^\w.-]/g, '?').slice(0, 80);
  return new GatewayError('invalid_value', {
    message: `The item '${name}' is not known, or not any more. Send the items themselves as input; clients do when they set 'store' to false.`,
    param,
    publicCode: 'item_not_found',
  });
}
