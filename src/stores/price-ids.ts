import type { PriceSnapshot } from '../meter/price.js';
import { priceToJson } from '../meter/settlement-json.js';

/** A price as a store keeps it: once, under a number that follows from its text. */
export interface KeptPrice {
  readonly id: bigint;
  readonly text: string;
}

const kept = new WeakMap<PriceSnapshot, KeptPrice>();

/** The number and text of a price; equal prices have equal numbers in every process. */
export function keptPrice(price: PriceSnapshot): KeptPrice {
  let known = kept.get(price);
  if (!known) {
    const text = priceToJson(price);
    known = { id: hashOf(text), text };
    kept.set(price, known);
  }
  return known;
}

/** FNV-1a of 64 bits, without the sign. Source: draft-eastlake-fnv, section 2. */
function hashOf(text: string): bigint {
  let hash = 0xcbf29ce484222325n;
  for (const byte of new TextEncoder().encode(text)) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n);
  return BigInt.asUintN(63, hash);
}
