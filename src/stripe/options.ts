import type Stripe from 'stripe';
import type { Gateway } from '../gateway.js';
import type { GatewayRequest } from '../http/exchange.js';
import { consoleLogger, type Logger } from '../lib/logger.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import { formatUsd, type NanoUsd } from '../lib/money.js';
import { aFunction, anything, aText, type Check, group, methods, origins, problemsOf } from '../lib/option-checks.js';
import { shown } from '../lib/shown.js';
import { isObject } from '../openai-api/field-checks.js';
import { isWholeCents, NANO_PER_CENT, PAID_RULE, readPaid } from './cents.js';

/** The part of a gateway that billing calls. */
export type BillingGateway = Pick<Gateway, 'accounts' | 'credits' | 'usage' | 'plans'>;

/** Who sends a request: the host's account id, alone or with the e-mail address that receipts go to. */
export type BillingIdentity = string | { readonly accountId: string; readonly email?: string };

/** Where the Stripe customer of an account is remembered, for hosts with a table of users of their own. */
export interface CustomerDirectory {
  /** The Stripe customer id (`cus_…`) of an account; undefined before it has one. */
  get(accountId: string): MaybePromise<string | null | undefined>;
  set(accountId: string, customerId: string): MaybePromise<void>;
}

/** The bounds of auto-reload, whatever an account chooses. */
export interface AutoReloadOptions {
  /** The most that an account's card is charged per UTC day, in USD. @default '100' */
  readonly dailyLimit?: string;
  /** The highest threshold that an account may choose, in USD. @default '50' */
  readonly maxThreshold?: string;
}

/** An automatic payment that was tried. */
export interface AutoReloadEvent {
  readonly type: 'auto_reload.succeeded' | 'auto_reload.declined';
  readonly accountId: string;
  /** USD, as a decimal string. */
  readonly amount: string;
  /** Stripe's decline code (`insufficient_funds`); set for a declined payment. */
  readonly declineCode?: string;
  /** When the next try is made at the earliest; set for a declined payment. */
  readonly retryAt?: Date;
}

/** Options of `stripeBilling`. */
export interface StripeBillingOptions {
  readonly gateway: BillingGateway;
  /** An instance of the `stripe` package: `new Stripe(secretKey)`. */
  readonly stripe: Stripe;
  /** The signing secret of the webhook endpoint (`whsec_…`). Required: without it anyone could credit money. */
  readonly webhookSecret: string;
  /** Returns the account that sends a request, from the host's own session; null or undefined if nobody is signed in. */
  readonly authenticate: (request: GatewayRequest) => MaybePromise<BillingIdentity | null | undefined>;
  /** Amounts of credit that can be bought, in USD with at most two decimals, each at least 0.50. @default [] */
  readonly packs?: readonly string[];
  /** Plan of the gateway by Stripe price id: `{ price_123: 'pro' }`. @default {} */
  readonly plans?: Readonly<Record<string, string>>;
  /** Lets accounts have a saved card charged when their balance gets low. @default false */
  readonly autoReload?: boolean | AutoReloadOptions;
  /** Where Stripe's pages send the customer back to: an absolute URL, or a path on the host of the request. */
  readonly returnUrl: string;
  /** What the customer reads on Stripe's page and receipts. @default 'API credit' */
  readonly productName?: string;
  /** Origins besides the request's own host that may send writes. @default [] */
  readonly allowedOrigins?: readonly string[];
  /** @default Stripe's own customer search, by an entry in the customer's metadata */
  readonly customers?: CustomerDirectory;
  /** Called after each automatic payment. A throw is logged and changes nothing. */
  readonly onAutoReload?: (event: AutoReloadEvent) => MaybePromise<void>;
  /** @default warnings and errors on the console */
  readonly logger?: Logger;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** Options that were checked, with their defaults filled in. */
export interface BillingSettings {
  readonly gateway: BillingGateway;
  readonly stripe: Stripe;
  readonly webhookSecret: string;
  readonly authenticate: StripeBillingOptions['authenticate'];
  /** Amounts in cents, in the order given. */
  readonly packs: readonly number[];
  readonly plans: ReadonlyMap<string, string>;
  readonly autoReload: { readonly dailyLimit: NanoUsd; readonly maxThreshold: NanoUsd } | undefined;
  readonly returnUrl: string;
  readonly productName: string;
  readonly allowedOrigins: readonly string[];
  readonly customers: CustomerDirectory | undefined;
  readonly onAutoReload: StripeBillingOptions['onAutoReload'];
  readonly logger: Logger;
  readonly now: () => number;
}

const CHECKS = {
  gateway: anything,
  stripe: anything,
  webhookSecret: anything,
  authenticate: anything,
  packs: (value, path) => (Array.isArray(value) ? undefined : `${path} must be an array of amounts in USD`),
  plans: (value, path) => (isObject(value) ? undefined : `${path} must be an object of plans by their Stripe price id`),
  autoReload: (value, path) =>
    typeof value === 'boolean' ? undefined : group({ dailyLimit: anything, maxThreshold: anything })(value, path),
  returnUrl: anything,
  productName: aText,
  allowedOrigins: origins,
  customers: methods(['get', 'set']),
  onAutoReload: aFunction,
  logger: methods(['debug', 'info', 'warn', 'error']),
  now: aFunction,
} satisfies Record<keyof StripeBillingOptions, Check>;

/** The smallest payment that Stripe takes in USD. Source: https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
const MIN_CENTS = 50;

/** @throws {TypeError} that lists every problem of the options, unknown ones included. */
export function readBillingOptions(options: StripeBillingOptions): BillingSettings {
  if (!isObject(options)) throw new TypeError('stripeBilling: the options must be an object');
  const problems = problemsOf(options, CHECKS, '');
  const { gateway, stripe, webhookSecret, authenticate, returnUrl } = options;
  if (typeof gateway?.credits !== 'object') problems.push('gateway: required, the result of createGateway()');
  if (typeof stripe?.webhooks?.constructEventAsync !== 'function')
    problems.push('stripe: required, an instance of the stripe package');
  if (typeof webhookSecret !== 'string' || webhookSecret.trim() === '')
    problems.push('webhookSecret: required, the signing secret of the webhook endpoint (whsec_…)');
  if (typeof authenticate !== 'function') problems.push('authenticate: required, a function');
  if (typeof returnUrl !== 'string' || !isReturnUrl(returnUrl))
    problems.push('returnUrl: required, an http(s) URL or a path that begins with a slash');
  // What has the wrong kind is among the problems already.
  const packs = Array.isArray(options.packs)
    ? options.packs.map((pack, i) => readCents(pack, `packs[${i}]`, problems))
    : [];
  const plans = new Map(isObject(options.plans) ? Object.entries(options.plans) : []);
  for (const [price, plan] of plans) {
    if (!gateway?.plans?.includes(plan)) problems.push(`plans.${price}: '${shown(plan)}' is not a plan of the gateway`);
  }
  const autoReload = readAutoReload(options.autoReload, problems);
  if (problems.length > 0) throw new TypeError(`stripeBilling: ${problems.join('; ')}`);
  return {
    gateway,
    stripe,
    webhookSecret,
    authenticate,
    packs,
    plans,
    autoReload,
    returnUrl,
    productName: options.productName ?? 'API credit',
    allowedOrigins: options.allowedOrigins ?? [],
    customers: options.customers,
    onAutoReload: options.onAutoReload,
    logger: options.logger ?? consoleLogger,
    now: options.now ?? Date.now,
  };
}

/** Two slashes, or a slash and a backslash, begin the address of another host. */
function isReturnUrl(url: string): boolean {
  return /^(https?:\/\/|\/(?![/\\]))/.test(url) && URL.canParse(url, 'https://shop.example');
}

function readAutoReload(value: StripeBillingOptions['autoReload'], problems: string[]): BillingSettings['autoReload'] {
  if (value !== true && (typeof value !== 'object' || value === null)) return undefined;
  const { dailyLimit = '100', maxThreshold = '50' }: AutoReloadOptions = value === true ? {} : value;
  return {
    dailyLimit: readDollars(dailyLimit, 'autoReload.dailyLimit', problems),
    maxThreshold: readDollars(maxThreshold, 'autoReload.maxThreshold', problems),
  };
}

function readCents(amount: string, name: string, problems: string[]): number {
  const nano = readDollars(amount, name, problems);
  if (nano > 0n && (!isWholeCents(nano) || nano < BigInt(MIN_CENTS) * NANO_PER_CENT))
    problems.push(`${name}: ${formatUsd(nano)} is not an amount of at least 0.50 in whole cents`);
  return Number(nano / NANO_PER_CENT);
}

/** Zero for what is not such an amount, which is a problem. */
function readDollars(amount: string, name: string, problems: string[]): NanoUsd {
  const nano = readPaid(amount);
  if (nano === undefined) problems.push(`${name}: must be ${PAID_RULE}`);
  return nano ?? 0n;
}
