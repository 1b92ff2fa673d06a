import { textOrder } from '../formatters.js';
import type { Key } from '../shapes.js';

/** The orders that a list of keys can be in. */
const ORDERS = ['created', 'name', 'spend', 'used'] as const;
export type KeyOrder = (typeof ORDERS)[number];

/** Which keys are listed. */
const STATES = ['live', 'unused', 'revoked'] as const;
export type KeyState = (typeof STATES)[number];

const UNUSED_MS = 90 * 86_400_000;

/** The order that an address names. */
export function orderOf(name: string | null): KeyOrder {
  return ORDERS.find((order) => order === name) ?? 'created';
}

/** The state that an address names. */
export function stateOf(name: string | null): KeyState {
  return STATES.find((state) => state === name) ?? 'live';
}

/** A live key that nobody has used for 90 days. */
export function isUnused({ revokedAt, lastUsedAt, createdAt }: Key, now: number): boolean {
  return !revokedAt && now - Date.parse(lastUsedAt ?? createdAt) > UNUSED_MS;
}

/** The keys in a state whose name or hint holds the text, in an order: newest, most spent or last used first. */
export function selectKeys(
  keys: readonly Key[],
  { search, order, state }: { readonly search: string; readonly order: KeyOrder; readonly state: KeyState },
  spentBy: (key: Key) => number,
  now: number,
): Key[] {
  const wanted = search.trim().toLowerCase();
  const isIn = (key: Key) =>
    state === 'revoked' ? key.revokedAt !== null : state === 'unused' ? isUnused(key, now) : key.revokedAt === null;
  const found = keys.filter(
    (key) => isIn(key) && [key.name, key.hint, key.id].some((text) => text.toLowerCase().includes(wanted)),
  );
  const by: Record<KeyOrder, (a: Key, b: Key) => number> = {
    created: (a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt),
    name: (a, b) => textOrder({ numeric: true }).compare(a.name, b.name),
    spend: (a, b) => spentBy(b) - spentBy(a),
    used: (a, b) => Date.parse(b.lastUsedAt ?? '1970-01-01') - Date.parse(a.lastUsedAt ?? '1970-01-01'),
  };
  return found.sort(by[order]);
}
