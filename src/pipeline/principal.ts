import { type Catalog, includesModel, type Plan } from '../catalog/catalog.js';
import type { LiveCatalog } from '../catalog/live-catalog.js';
import type { Account, KeyBudget, KeyRecord } from '../keys/key-store.js';
import { GatewayError } from '../lib/errors.js';
import type { Logger } from '../lib/logger.js';
import { accountSubject, type LimitSubject, type Limits } from '../limits/rate-limiter.js';
import type { Via } from '../meter/meter.js';

/** What is known of whoever asks, before plan and limits are derived from it. */
export interface PrincipalFacts {
  readonly account: Account;
  readonly via: Via;
  readonly key?: KeyRecord | undefined;
  /** Replaces the account's plan for this request. */
  readonly plan?: string | undefined;
  readonly endUser?: string | undefined;
  readonly session?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
  readonly models?: readonly string[] | undefined;
  readonly budget?: KeyBudget | undefined;
  /** The id that `budget` is counted under. @default the key's */
  readonly budgetId?: string | undefined;
  /** When a session token ends. @default when the key does */
  readonly expiresAt?: number | undefined;
}

/**
 * Who is asking, on which plan, under which limits. The stages after `authenticate` know nothing of where it came from:
 * an API key, a session token, the host's own code or the host's session.
 */
export interface Principal {
  readonly account: Account;
  readonly plan: Plan;
  /** Models and plans as they stood when the request came in: the request ends under them. */
  readonly catalog: Catalog;
  readonly via: Via;
  /** Undefined where no API key was involved. */
  readonly key: KeyRecord | undefined;
  /** The id of `key`, as usage events show it. */
  readonly keyId: string | null;
  /** The account's own customer, member or visitor. */
  readonly endUser: string | undefined;
  /** One agent run, conversation or job. */
  readonly session: string | undefined;
  readonly tags: Readonly<Record<string, string>>;
  /** Narrows the models of the plan; undefined: all of them. */
  readonly models: readonly string[] | undefined;
  /** What the key or session token may spend, and the subject that it is counted under. */
  readonly budget: KeyBudget | undefined;
  readonly budgetSubject: string;
  /** When the key or session token ends, in milliseconds since the epoch; undefined: never. */
  readonly expiresAt: number | undefined;
  /** The account's limits from its plan, then the key's own. Empty: no limits. */
  readonly subjects: readonly LimitSubject[];
}

/** The tags of requests that have none. */
export const NO_TAGS: Readonly<Record<string, string>> = Object.freeze({});

/**
 * Derives plan and limits.
 *
 * @throws {GatewayError} `account_suspended`, or `forbidden` when the account's plan is not configured any more.
 */
export function principalOf(facts: PrincipalFacts, { current: catalog }: LiveCatalog, logger: Logger): Principal {
  const { account, key, via } = facts;
  if (account.suspension) throw new GatewayError('account_suspended');
  const planName = facts.plan ?? account.plan ?? catalog.defaultPlan;
  const plan = catalog.plans.get(planName);
  if (!plan) {
    logger.error({ accountId: account.id, plan: planName }, 'an account is on a plan that is not configured');
    throw new GatewayError('forbidden', { message: "The account's plan is not available any more." });
  }
  const subjects: LimitSubject[] = [];
  if (hasLimits(plan.limits)) subjects.push({ subject: accountSubject(account.id), limits: plan.limits });
  // A rotated key and its successor share one budget and one set of limits.
  const keySubject = `key:${facts.budgetId ?? key?.details?.rootId ?? key?.id}`;
  if (key?.limits && hasLimits(key.limits)) subjects.push({ subject: keySubject, limits: key.limits });
  return {
    account,
    plan,
    catalog,
    via,
    key,
    keyId: key?.id ?? null,
    endUser: facts.endUser,
    session: facts.session,
    tags: facts.tags ?? NO_TAGS,
    models: facts.models ?? key?.models,
    budget: facts.budget ?? key?.budget,
    budgetSubject: keySubject,
    expiresAt: facts.expiresAt ?? key?.expiresAt,
    subjects,
  };
}

/** True when plan, key and identity all allow the model. */
export function mayUse({ plan, models }: Principal, modelId: string): boolean {
  return includesModel(plan, models, modelId);
}

function hasLimits({ requestsPerMinute, tokensPerMinute, concurrentRequests }: Limits): boolean {
  return (requestsPerMinute ?? tokensPerMinute ?? concurrentRequests) !== undefined;
}

/** @throws {GatewayError} `route_not_allowed` when the key is for other routes. */
export function checkRoute({ key }: Principal, { path }: { readonly path: string }): void {
  const routes = key?.details?.routes;
  if (routes && !routes.includes(path)) throw new GatewayError('route_not_allowed');
}
