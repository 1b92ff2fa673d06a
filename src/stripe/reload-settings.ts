import type Stripe from 'stripe';
import { formatUsd, type NanoUsd, parseUsd } from '../lib/money.js';
import { invalid } from '../management/management.js';
import { isWholeCents, NANO_PER_CENT, PAID_RULE, readPaid } from './cents.js';
import type { BillingSettings } from './options.js';

/** What an account chose: amounts in nano-USD. */
export interface ReloadChoice {
  /** Charge the card when the balance is below this. */
  readonly threshold: NanoUsd;
  /** How much is charged each time, in whole cents. */
  readonly amount: NanoUsd;
  /** The most that is charged per UTC day. */
  readonly dailyLimit: NanoUsd;
}

/** What happened to the last payments. */
export interface ReloadFailures {
  /** Declines in a row. */
  readonly count: number;
  /** No payment is tried before this time, in milliseconds since the epoch. */
  readonly retryAt: number;
}

/** The smallest automatic payment, in nano-USD. */
const MIN_AMOUNT = 500n * NANO_PER_CENT;

const CHOICE_FIELD = 'metask_auto_reload';
const FAILURES_FIELD = 'metask_auto_reload_failures';

/**
 * Reads the choice of an account from a request's body.
 *
 * @returns undefined when auto-reload is to be off.
 * @throws {GatewayError} `invalid_value` that names the field.
 */
export function readChoice(body: Record<string, unknown>, { autoReload }: BillingSettings): ReloadChoice | undefined {
  const { enabled, ...amounts } = body;
  if (typeof enabled !== 'boolean') throw invalid('enabled', 'it must be true or false');
  for (const name of Object.keys(amounts)) {
    if (!['threshold', 'amount', 'dailyLimit'].includes(name)) throw invalid(name, 'it is not a setting');
  }
  if (!enabled || !autoReload) return undefined;
  const threshold = dollars(body, 'threshold');
  const amount = dollars(body, 'amount');
  const dailyLimit = body['dailyLimit'] === undefined ? autoReload.dailyLimit : dollars(body, 'dailyLimit');
  if (threshold > autoReload.maxThreshold)
    throw invalid('threshold', `it must be at most ${formatUsd(autoReload.maxThreshold)}`);
  if (amount < MIN_AMOUNT || !isWholeCents(amount))
    throw invalid('amount', `it must be at least ${formatUsd(MIN_AMOUNT)}, in whole cents`);
  if (dailyLimit > autoReload.dailyLimit)
    throw invalid('dailyLimit', `it must be at most ${formatUsd(autoReload.dailyLimit)}`);
  if (amount > dailyLimit) throw invalid('amount', `it must be at most the daily limit of ${formatUsd(dailyLimit)}`);
  return { threshold, amount, dailyLimit };
}

/** What a customer chose, as kept in its metadata; undefined when auto-reload is off. */
export function choiceOf({ metadata }: Stripe.Customer): ReloadChoice | undefined {
  const [threshold, amount, dailyLimit] = (metadata[CHOICE_FIELD] ?? '').split(' ');
  if (!threshold || !amount || !dailyLimit) return undefined;
  return { threshold: parseUsd(threshold), amount: parseUsd(amount), dailyLimit: parseUsd(dailyLimit) };
}

/** Metadata that keeps a choice; an empty text removes an entry. */
export function choiceEntries(choice: ReloadChoice | undefined): Record<string, string> {
  const kept = choice ? [choice.threshold, choice.amount, choice.dailyLimit].map(formatUsd).join(' ') : '';
  return { [CHOICE_FIELD]: kept };
}

/** The consecutive declines recorded in a customer's metadata. */
export function failuresOf({ metadata }: Stripe.Customer): ReloadFailures {
  const [count, retryAt] = (metadata[FAILURES_FIELD] ?? '').split(' ').map(Number);
  return { count: count || 0, retryAt: retryAt || 0 };
}

/** Metadata that keeps declines; an empty text removes the entry where there are none. */
export function failureEntries({ count, retryAt }: ReloadFailures): Record<string, string> {
  return { [FAILURES_FIELD]: count > 0 ? `${count} ${retryAt}` : '' };
}

function dollars(body: Record<string, unknown>, name: string): NanoUsd {
  const nano = readPaid(body[name]);
  if (nano === undefined) throw invalid(name, `it must be ${PAID_RULE}`);
  return nano;
}
