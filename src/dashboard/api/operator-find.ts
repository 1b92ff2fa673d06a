import type { RouteContext } from './route.js';

/** What an operator looks for, as a customer sent it: the id of a request, or the hint of a key. */
export interface FindResult {
  readonly kind: 'request' | 'key';
  readonly id: string;
  readonly accountId: string;
}

/** The request with this id or the key with this id or hint; null where the text names neither. */
export async function findAnything({ gateway }: RouteContext, term: string): Promise<FindResult | null> {
  const wanted = term.trim();
  if (wanted.length < 6) return null;
  const [request, key] = await Promise.all([
    gateway.requests.get(wanted).catch(() => undefined),
    gateway.keys.find(wanted).catch(() => undefined),
  ]);
  if (request) return { kind: 'request', id: request.id, accountId: request.accountId };
  return key ? { kind: 'key', id: key.id, accountId: key.accountId } : null;
}
