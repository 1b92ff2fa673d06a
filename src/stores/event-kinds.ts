import type { PriceSnapshot } from '../meter/price.js';
import { priceToJson } from '../meter/settlement-json.js';
import type { UsageEvent } from '../meter/usage-log.js';

/** What most events have in common, kept once under a number that follows from it: equal in every process. */
export interface EventKind {
  readonly id: bigint;
  /** The values of `KIND_COLUMNS`. */
  readonly values: readonly (string | bigint)[];
  readonly priceId: bigint;
  readonly price: string;
}

/** The columns of `gateway_event_kinds` besides its `id`. */
export const KIND_COLUMNS = 'model, provider, upstream_model, via, source, outcome, flags, price_id';

/** An upstream may name a model of its own in each answer: what is remembered has an end. */
const MAX_REMEMBERED = 1_000;

interface KeptPrice {
  readonly id: bigint;
  readonly text: string;
  readonly kinds: Map<string, EventKind>;
}

const prices = new WeakMap<PriceSnapshot, KeptPrice>();

/** The kind of an event. */
export function kindOf(event: UsageEvent): EventKind {
  const price = keptPrice(event.price);
  const { model, provider, upstreamModel, via = 'key', usage, outcome, flags } = event;
  const names = [model, provider, upstreamModel, via, usage.source, outcome, flags.join(',')];
  const key = names.join('\0');
  let kind = price.kinds.get(key);
  if (!kind) {
    if (price.kinds.size >= MAX_REMEMBERED) price.kinds.clear();
    const id = hashOf(JSON.stringify([...names, price.text]));
    kind = { id, values: [...names, price.id], priceId: price.id, price: price.text };
    price.kinds.set(key, kind);
  }
  return kind;
}

function keptPrice(price: PriceSnapshot): KeptPrice {
  let known = prices.get(price);
  if (!known) {
    const text = priceToJson(price);
    known = { id: hashOf(text), text, kinds: new Map() };
    prices.set(price, known);
  }
  return known;
}

/** FNV-1a of 64 bits, without the sign. Source: draft-eastlake-fnv, section 2. */
function hashOf(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return BigInt.asUintN(63, hash);
}
