import { formatUsd, type NanoUsd } from '../lib/money.js';

/** Nano-USD in a cent, the unit of Stripe's amounts. */
export const NANO_PER_CENT = 10_000_000n;

/** True for an amount that Stripe can express. */
export function isWholeCents(nano: NanoUsd): boolean {
  return nano % NANO_PER_CENT === 0n;
}

/** Stripe's amount as a decimal string of US dollars. */
export function usdOfCents(cents: number): string {
  return formatUsd(BigInt(cents) * NANO_PER_CENT);
}
