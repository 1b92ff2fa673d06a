import type { GatewayRequest } from '../http/exchange.js';
import { consoleLogger, type Logger } from '../lib/logger.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import { type Checks, methods, origins, problemsOf } from '../lib/option-checks.js';
import { isObject } from '../openai-api/field-checks.js';
import type { DashboardGateway } from './dashboard-gateway.js';
import { en, type MessageId } from './messages/en.js';

/** Who is signed in: the host's account id, alone or with the operator's role and a name. */
export type Identity =
  | string
  | {
      readonly accountId: string;
      readonly role?: 'admin' | undefined;
      /** Shown on the page, and stored for the operator's searches. */
      readonly displayName?: string | undefined;
      readonly email?: string | undefined;
    };

/** Texts of the dashboard in one language; missing ones stay English. */
export type DashboardMessages = Partial<Readonly<Record<MessageId, string>>>;

/** Options of `createDashboard`. */
export interface DashboardOptions {
  /** The gateway whose keys, usage and balances are shown. */
  readonly gateway: DashboardGateway;
  /**
   * Returns who sent a request, from the host's own session; null or undefined if nobody is signed in. Called for every
   * request except those for scripts and styles. `request.raw` is the host framework's request object. If it throws,
   * the answer is a 500.
   */
  readonly authenticate: (request: GatewayRequest) => MaybePromise<Identity | null | undefined>;
  /** Where a visitor without a session is sent; without it the page answers 401. */
  readonly loginUrl?: string;
  /**
   * Where `stripeBilling` is mounted, a path on the dashboard's own origin: `'/billing'`. Billing then sells credit and
   * plans, and shows auto-reload and receipts.
   */
  readonly billing?: string;
  /** Where an account adds money, for hosts with a page of their own for it; without it Billing has no such button. */
  readonly topUpUrl?: string;
  /** Where an account changes its plan; without it Billing has no such button. */
  readonly upgradeUrl?: string;
  /** The product's name in the page's header. @default 'AI Gateway' */
  readonly title?: string;
  /** An image beside the title: a path on the dashboard's own origin, or a `data:image/…` URL. */
  readonly logo?: string;
  /** The host's color as `#rrggbb`; it is made lighter or darker where it would be hard to read. @default a dark green */
  readonly accent?: string;
  /** A link back to the host's own app. */
  readonly homeUrl?: string;
  /** Where a visitor signs out. */
  readonly logoutUrl?: string;
  /**
   * Further languages besides English and Chinese, or other texts in these, by language tag: `{ de: { 'nav.keys': … }
   * }`.
   * `englishMessages` has every id.
   */
  readonly messages?: Readonly<Record<string, DashboardMessages>>;
  /** The gateway's public base URL, absolute or a path on the same origin. @default '/v1' */
  readonly baseURL?: string;
  /** Origins besides the request's own host that may send writes: `https://app.example.com`. @default [] */
  readonly allowedOrigins?: readonly string[];
  /**
   * Receives every error answered with status 500, and at `info` every write by an operator.
   * @default warnings and errors on the console
   */
  readonly logger?: Logger;
}

/** Options with their defaults filled in. */
export interface DashboardSettings extends DashboardOptions {
  readonly title: string;
  readonly messages: Readonly<Record<string, DashboardMessages>>;
  readonly baseURL: string;
  readonly allowedOrigins: readonly string[];
  readonly logger: Logger;
}

const KNOWN = new Set<string>([
  'gateway',
  'authenticate',
  'loginUrl',
  'billing',
  'topUpUrl',
  'upgradeUrl',
  'title',
  'logo',
  'accent',
  'homeUrl',
  'logoutUrl',
  'messages',
  'baseURL',
  'allowedOrigins',
  'logger',
] satisfies (keyof DashboardOptions)[]);

const KINDS: Checks = { allowedOrigins: origins, logger: methods(['debug', 'info', 'warn', 'error']) };

const LINKS = ['loginUrl', 'logoutUrl', 'homeUrl', 'topUpUrl', 'upgradeUrl', 'baseURL'] as const;

/** Fills in the defaults. @throws {TypeError} that lists every problem of the options, unknown ones included. */
export function readOptions(options: DashboardOptions): DashboardSettings {
  if (!isObject(options)) throw new TypeError('createDashboard: the options must be an object');
  const problems = Object.keys(options)
    .filter((name) => !KNOWN.has(name))
    .map((name) => `${name}: unknown option`);
  if (typeof options.gateway?.keys !== 'object') problems.push('gateway: required, the result of createGateway()');
  if (typeof options.authenticate !== 'function')
    problems.push('authenticate: required, a function that returns which account sent a request');
  if (options.title !== undefined && (typeof options.title !== 'string' || options.title.trim() === ''))
    problems.push('title: must be a text');
  for (const name of LINKS) {
    const link: unknown = options[name];
    if (link !== undefined && !isSafeLink(link)) problems.push(`${name}: must be an http(s) URL or a path`);
  }
  if (options.billing !== undefined && !isText(options.billing, /^\/(?![/\\])/))
    problems.push("billing: must be a path on the dashboard's own origin, such as /billing");
  problems.push(...identityProblems(options));
  problems.push(...problemsOf({ allowedOrigins: options.allowedOrigins, logger: options.logger }, KINDS, ''));
  if (problems.length > 0) throw new TypeError(`createDashboard: ${problems.join('; ')}`);
  return {
    ...options,
    title: options.title ?? 'AI Gateway',
    messages: options.messages ?? {},
    baseURL: options.baseURL ?? '/v1',
    allowedOrigins: options.allowedOrigins ?? [],
    logger: options.logger ?? consoleLogger,
  };
}

function identityProblems({ logo, accent, messages = {} }: DashboardOptions): string[] {
  const problems: string[] = [];
  if (logo !== undefined && !isText(logo, /^(\/(?![/\\])|data:image\/)/))
    problems.push("logo: must be a path on the dashboard's own origin, or a data:image URL");
  if (accent !== undefined && !isText(accent, /^#[0-9a-f]{6}$/i))
    problems.push('accent: must be a color such as #7c3aed');
  if (!isObject(messages)) problems.push('messages: must be an object of texts by language');
  for (const [language, texts] of Object.entries(messages ?? {})) {
    if (!/^[a-z]{2,3}(-[a-z0-9]{2,8})*$/i.test(language)) problems.push(`messages: not a language tag: ${language}`);
    for (const [id, text] of Object.entries(texts ?? {})) {
      if (!Object.hasOwn(en, id)) problems.push(`messages.${language}: there is no text ${id}`);
      else if (typeof text !== 'string') problems.push(`messages.${language}.${id}: must be a text`);
    }
  }
  return problems;
}

function isText(value: unknown, form: RegExp): boolean {
  return typeof value === 'string' && form.test(value);
}

/** True for links that can't run script: http, https, or a reference without a scheme. */
function isSafeLink(link: unknown): boolean {
  if (typeof link !== 'string' || link === '') return false;
  const base = 'https://dashboard.invalid/';
  return URL.canParse(link, base) && /^https?:$/.test(new URL(link, base).protocol);
}
