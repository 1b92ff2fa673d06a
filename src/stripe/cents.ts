import { formatUsd, type NanoUsd, parseDecimal, roundUpDecimal } from '../lib/money.js';

/** Nano-USD in a cent, the unit of Stripe's amounts. */
export const NANO_PER_CENT = 10_000_000n;

/** The largest payment that Stripe takes, in nano-USD. Source: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
const LARGEST = 99_999_999n * NANO_PER_CENT;

/** What an amount that is paid or set has to be, for messages. */
export const PAID_RULE = `an amount in USD above zero and up to ${formatUsd(LARGEST)}`;

/** Reads an amount of `PAID_RULE`; undefined for anything else. */
export function readPaid(value: unknown): NanoUsd | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const nano = parseDecimal(value, 9);
  return nano !== undefined && nano > 0n && nano <= LARGEST ? nano : undefined;
}

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

/** Stripe's amount in any currency as a decimal string. @param amount whole units, or a decimal string of them. */
export function decimalOf(amount: number | string, currency: string): string {
  const decimals = DECIMALS.get(currency.toLowerCase()) ?? 2;
  return formatUsd(roundUpDecimal(String(amount), 9 - decimals) ?? 0n);
}
