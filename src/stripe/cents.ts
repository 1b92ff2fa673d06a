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

/**
 * Currencies whose amounts Stripe does not count in hundredths. ISK and UGX have no decimals and are counted in hundredths
 * all the same. Source: https://docs.stripe.com/currencies#minor-units
 */
const DECIMALS: ReadonlyMap<string, number> = new Map([
  ...'bif clp djf gnf jpy kmf krw mga pyg rwf vnd vuv xaf xof xpf'.split(' ').map((name) => [name, 0] as const),
  ...'bhd jod kwd omr tnd'.split(' ').map((name) => [name, 3] as const),
]);

/** Stripe's amount in any currency as a decimal string. */
export function decimalOf(amount: number, currency: string): string {
  const decimals = DECIMALS.get(currency.toLowerCase()) ?? 2;
  return formatUsd(BigInt(amount) * 10n ** BigInt(9 - decimals));
}
