import { createKey, hashKey, keyHint } from '../keys/key-format.js';
import type { KeyRecord } from '../keys/key-store.js';
import { type Duration, parseDuration } from '../lib/duration.js';
import { GatewayError } from '../lib/errors.js';
import { formatUsd } from '../lib/money.js';
import type { OptionNames } from '../lib/option-names.js';
import { readIdentity } from '../pipeline/identity.js';
import { type KeyScope, readScope } from './keys.js';
import {
  invalid,
  type ManagementDeps,
  type PageOptions,
  readAccountId,
  readAmount,
  readName,
  readOptions,
} from './management.js';
import { readPage } from './queries.js';

/** What a session token is for and may do. */
export interface CreateSessionOptions {
  /** An unknown account is created, on the default plan. */
  readonly accountId: string;
  /** How long it lives: `'15m'`, or milliseconds; at most 24 hours. */
  readonly ttl: Duration;
  /** Narrows the plan's models. @default all of them */
  readonly models?: readonly string[] | undefined;
  /** What it may spend in all, in USD. @default no bound of its own */
  readonly budget?: string | number | undefined;
  readonly endUser?: string | undefined;
  readonly session?: string | undefined;
  readonly tags?: Readonly<Record<string, string>> | undefined;
}

const CREATE: OptionNames<CreateSessionOptions> = {
  accountId: true,
  ttl: true,
  models: true,
  budget: true,
  endUser: true,
  session: true,
  tags: true,
};

/** What is known of a session token. */
export interface SessionInfo {
  readonly id: string;
  readonly accountId: string;
  /** First and last characters: `napi-ab12…wxyz`. */
  readonly hint: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date;
  readonly revokedAt: Date | null;
  readonly models: readonly string[] | null;
  /** What it may spend in all, in USD. */
  readonly budget: string | null;
  readonly endUser: string | null;
  readonly session: string | null;
  readonly tags: Readonly<Record<string, string>> | null;
}

/** Short-lived bearer tokens that a browser may hold. Every method rejects with a `GatewayError` for bad input. */
export interface Sessions {
  /** Makes a token. `token` is returned only here; only its hash is stored. */
  create(options: CreateSessionOptions): Promise<{ id: string; token: string; expiresAt: Date }>;
  /**
   * Newest first, at most `limit`. Tokens that ended stay listed for at least an hour.
   *
   * @throws {GatewayError} `conflict` where the key store has no `listSessions`.
   */
  list(accountId: string, page?: PageOptions): Promise<SessionInfo[]>;
  /** Takes effect with the next request. With a scope, another account's token is not found. @throws {GatewayError} `not_found`. */
  revoke(id: string, scope?: KeyScope): Promise<void>;
}

const MAX_TTL_MS = 24 * 60 * 60 * 1_000;
/** Expired tokens are forgotten this often, and this long after their end. */
const PRUNE_EVERY_MS = 60_000;
const KEPT_MS = 60 * 60 * 1_000;

export function sessionsOf(deps: ManagementDeps): Sessions {
  const { keys, now } = deps;
  let prunedAt = Number.NEGATIVE_INFINITY;

  async function prune(at: number): Promise<void> {
    if (at - prunedAt < PRUNE_EVERY_MS) return;
    prunedAt = at;
    await keys.pruneSessions?.(at - KEPT_MS);
  }

  return {
    async create(options) {
      const { token, stored } = newSession(deps, options);
      await prune(stored.createdAt);
      await keys.createKey(stored);
      return { id: stored.id, token, expiresAt: new Date(stored.expiresAt) };
    },

    async list(accountId, page) {
      const account = readAccountId(accountId);
      const asked = readPage('sessions.list', page);
      if (!keys.listSessions)
        throw new GatewayError('conflict', { message: 'The key store does not list session tokens.' });
      return (await keys.listSessions(account, asked)).map(sessionInfo);
    },

    async revoke(id, scope) {
      const accountId = readScope('sessions.revoke', scope);
      const isSession = readName(id, 'id').startsWith('ses_');
      const record = isSession ? await keys.updateKey(id, { revokedAt: now() }, accountId) : undefined;
      if (!record) throw new GatewayError('not_found', { message: 'There is no such session.' });
    },
  };
}

/** A token and what is stored of it. @throws {GatewayError} for bad options. */
function newSession({ catalog, settings, now }: ManagementDeps, options: CreateSessionOptions) {
  const { ttl, budget, ...who } = readOptions('sessions.create', options, CREATE);
  const ttlMs = parseDuration(ttl);
  if (ttlMs === undefined || ttlMs <= 0 || ttlMs > MAX_TTL_MS)
    throw invalid('ttl', "it must be a length of time like '15m', at most 24 hours");
  const { accountId, models, endUser, session, tags } = readIdentity(who, catalog);
  const amount = budget === undefined ? undefined : readAmount(budget, 'budget');
  if (amount !== undefined && amount < 0n) throw invalid('budget', 'it must not be negative');
  const token = createKey(settings.keyPrefix);
  const createdAt = now();
  const stored = {
    id: `ses_${crypto.randomUUID().replaceAll('-', '')}`,
    hash: hashKey(token, settings.keyPepper),
    accountId,
    name: 'session',
    hint: keyHint(token, settings.keyPrefix),
    createdAt,
    expiresAt: createdAt + ttlMs,
    ...(models && { models }),
    ...(amount !== undefined && { budget: { amount: amount.toString(), period: 'total' as const } }),
    details: {
      session: {
        ...(endUser !== undefined && { endUser }),
        ...(session !== undefined && { session }),
        ...(tags !== undefined && { tags }),
      },
    },
  };
  return { token, stored };
}

function sessionInfo({
  id,
  accountId,
  hint,
  createdAt,
  expiresAt = 0,
  lastUsedAt,
  revokedAt,
  ...key
}: KeyRecord): SessionInfo {
  const { endUser = null, session = null, tags = null } = key.details?.session ?? {};
  const dateOf = (time: number | undefined) => (time === undefined ? null : new Date(time));
  return {
    ...{ id, accountId, hint, createdAt: new Date(createdAt), lastUsedAt: dateOf(lastUsedAt) },
    ...{ expiresAt: new Date(expiresAt), revokedAt: dateOf(revokedAt), models: key.models ?? null },
    budget: key.budget ? formatUsd(BigInt(key.budget.amount)) : null,
    ...{ endUser, session, tags },
  };
}
