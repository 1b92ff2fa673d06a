import { LRUCache } from 'lru-cache';
import { GatewayError } from '../lib/errors.js';
import type { ItemReference, ParsedResponsesRequest } from '../openai-api/responses/parse-responses-request.js';
import type { InputItem, ResponsesRequest } from '../openai-api/responses/responses-request.js';

const MAX_CHARACTERS = 16 * 1024 * 1024;
const LIFETIME_MS = 60 * 60 * 1000;

/**
 * The items of recent answers, for clients that refer to them by id instead of sending them again: the AI SDK does, for
 * every message, unless it is told `store: false`.
 *
 * Kept in this process, for an hour, up to a size, apart for each account; nothing else relies on it.
 */
export class RecentItems {
  readonly #items = new LRUCache<string, string>({
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (text, key) => text.length + key.length,
    ttl: LIFETIME_MS,
  });

  /** Remembers the items of an answer. @param unseen reasoning that none of them shows; it comes back with the last. */
  remember(accountId: string, output: readonly unknown[], unseen?: unknown): void {
    const last = output.length - 1;
    (output as readonly { id?: unknown }[]).forEach((item, index) => {
      if (typeof item?.id !== 'string') return;
      const together = unseen !== undefined && index === last ? [unseen, item] : [item];
      this.#items.set(keyOf(accountId, item.id), JSON.stringify(together));
    });
  }

  /**
   * The request with its references replaced by what they stand for. A reference to reasoning that is not known is left
   * out: models answer without it.
   *
   * @throws {GatewayError} for a reference to anything else that is not known; `request_too_large` where items named again
   * and again would make a short body longer than all that is kept.
   */
  resolve(accountId: string, request: ParsedResponsesRequest): ResponsesRequest {
    if (!Array.isArray(request.input) || !request.input.some(isReference)) return request as ResponsesRequest;
    let characters = 0;
    const input = request.input.flatMap((item, index): InputItem[] => {
      if (!isReference(item)) return [item];
      const known = this.#items.get(keyOf(accountId, item.id));
      characters += known?.length ?? 0;
      if (characters > MAX_CHARACTERS) throw new GatewayError('request_too_large', { param: 'input' });
      if (known !== undefined) return JSON.parse(known) as InputItem[];
      if (item.id.startsWith('rs_')) return [];
      throw unknownReference(item.id, `input[${index}].id`);
    });
    return { ...request, input };
  }
}

function keyOf(accountId: string, itemId: string): string {
  return JSON.stringify([accountId, itemId]);
}

function isReference(item: InputItem | ItemReference): item is ItemReference {
  return !('role' in item) && (item.type === undefined || item.type === 'item_reference');
}

function unknownReference(id: string, param: string): GatewayError {
  const name = id.replace(/[^\w.-]/g, '?').slice(0, 80);
  return new GatewayError('invalid_value', {
    message: `The item '${name}' is not known: answers are not stored here. Send the items themselves as input; clients do when they set 'store' to false.`,
    param,
    publicCode: 'item_not_found',
  });
}
