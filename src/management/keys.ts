import { isActive } from '../keys/cached-key-store.js';
import { changedValues } from '../keys/key-details.js';
import { createKey, hashKey, keyHint } from '../keys/key-format.js';
import type { KeyChange, KeyRecord, StoredKey } from '../keys/key-store.js';
import { type Duration, parseDuration } from '../lib/duration.js';
import { GatewayError } from '../lib/errors.js';
import { formatUsd } from '../lib/money.js';
import type { OptionNames } from '../lib/option-names.js';
import type { Limits } from '../limits/rate-limiter.js';
import { readDetails } from './key-details.js';
import { type Budget, readBudget, readLimits, readModels } from './key-settings.js';
import {
  invalid,
  isGiven,
  type ManagementDeps,
  type PageOptions,
  readAccountId,
  readName,
  readOptions,
  type Time,
} from './management.js';
import { readIds, readPage, readTime } from './queries.js';

export interface CreateKeyOptions {
  /** An unknown account is created, on the default plan. */
  readonly accountId: string;
  readonly name: string;
  /** @default never */
  readonly expiresAt?: Time;
  /** Narrows the plan's models. @default all of them */
  readonly models?: readonly string[];
  /** On top of the plan's limits. */
  readonly limits?: Limits;
  readonly budget?: Budget;
  /** The host's own notes: at most 16, names and values of at most 256 characters. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** Addresses and CIDR ranges that it may be used from, by the host framework's own `req.ip`. @default any */
  readonly allowIps?: readonly string[];
  /** Paths of the routes that it may call: `chat/completions`. @default all of them */
  readonly routes?: readonly string[];
  /** True: its account can't change the budget. @default false */
  readonly lockedBudget?: boolean;
}

/** Settings of a key that can be changed; null removes one. */
export interface UpdateKeyOptions {
  readonly name?: string;
  readonly expiresAt?: Time | null;
  readonly models?: readonly string[] | null;
  readonly limits?: Limits | null;
  readonly budget?: Budget | null;
  readonly metadata?: Readonly<Record<string, string>> | null;
  readonly allowIps?: readonly string[] | null;
  readonly routes?: readonly string[] | null;
  readonly lockedBudget?: boolean;
}

const UPDATE: OptionNames<UpdateKeyOptions> = {
  name: true,
  expiresAt: true,
  models: true,
  limits: true,
  budget: true,
  metadata: true,
  allowIps: true,
  routes: true,
  lockedBudget: true,
};

const CREATE: OptionNames<CreateKeyOptions> = { accountId: true, ...UPDATE };

/** A key as it can be read after its creation: without its secret. */
export interface KeyInfo {
  readonly id: string;
  readonly accountId: string;
  readonly name: string;
  /** First and last characters: `napi-ab12…wxyz`. */
  readonly hint: string;
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly models: readonly string[] | null;
  readonly limits: Limits | null;
  readonly budget: { readonly amount: string; readonly period: Budget['period'] } | null;
  readonly metadata: Readonly<Record<string, string>> | null;
  readonly allowIps: readonly string[] | null;
  readonly routes: readonly string[] | null;
  readonly lockedBudget: boolean;
  readonly disabledAt: Date | null;
  /** The first key of a rotation, under which the budget of all of them is counted; null for that one itself. */
  readonly rootId: string | null;
}

/** Binds a call to one account: another account's key is not found. */
export interface KeyScope {
  readonly accountId?: string;
}

const SCOPE: OptionNames<KeyScope> = { accountId: true };

/** Which of an account's keys are listed. */
export interface KeyListOptions extends PageOptions {
  /** These keys alone, at most 1,000, in that order; unknown ones are left out. Not combined with a page. */
  readonly ids?: readonly string[];
}

const LIST: OptionNames<KeyListOptions> = { ids: true, limit: true, before: true };

/** How a key is rotated. */
export interface RotateOptions extends KeyScope {
  /** How long the old key still works: `'24h'`, or milliseconds. @default 0: not at all */
  readonly overlap?: Duration;
}

const ROTATE: OptionNames<RotateOptions> = { accountId: true, overlap: true };

/** API keys of accounts. Every method rejects with a `GatewayError` for bad input. */
export interface Keys {
  /** Creates a key. The plaintext `key` is returned only here; the gateway keeps a hash. */
  create(options: CreateKeyOptions): Promise<{ key: string; record: KeyInfo }>;
  /** Newest first, revoked ones included; all of them without a page. With `ids` those keys, in that order. */
  list(accountId: string, options?: KeyListOptions): Promise<KeyInfo[]>;
  /** One key, session tokens left out. @throws {GatewayError} `not_found`. */
  get(id: string, scope?: KeyScope): Promise<KeyInfo>;
  /** The key with this id or hint, of any account; for operators. @throws {GatewayError} `not_found`. */
  find(idOrHint: string): Promise<KeyInfo>;
  /**
   * Makes a new key with the same name and settings, which shares the old one's budget; the old one expires after
   * `overlap`.
   *
   * @throws {GatewayError} `not_found`, or `conflict` for a key that can't be used any more.
   */
  rotate(id: string, options?: RotateOptions): Promise<{ key: string; record: KeyInfo }>;
  /** Refuses the key until it is enabled again. @throws {GatewayError} `not_found`. */
  disable(id: string, scope?: KeyScope): Promise<KeyInfo>;
  enable(id: string, scope?: KeyScope): Promise<KeyInfo>;
  /** @throws {GatewayError} `not_found`. */
  update(id: string, change: UpdateKeyOptions, scope?: KeyScope): Promise<KeyInfo>;
  /** Takes effect with the next request. Revoking again keeps the first time. @throws {GatewayError} `not_found`. */
  revoke(id: string, scope?: KeyScope): Promise<KeyInfo>;
}

/** @param routePaths the paths that the gateway serves, for the `routes` of a key. */
export function keysOf(deps: ManagementDeps, routePaths: readonly string[]): Keys {
  const { keys, now, notifications } = deps;

  async function change(id: string, to: KeyChange, accountId: string | undefined): Promise<KeyInfo> {
    const record = await keys.updateKey(readName(id, 'id'), to, accountId);
    if (!record || record.details?.session) throw unknownKey();
    return keyInfo(record);
  }

  async function recordOf(id: string, accountId: string | undefined): Promise<KeyRecord> {
    const record = await keys.updateKey(readName(id, 'id'), {}, accountId);
    if (!record || record.details?.session) throw unknownKey();
    return record;
  }

  /** Those that the account has, in the order of the ids. */
  async function knownOf(ids: readonly string[], accountId: string): Promise<KeyRecord[]> {
    if (ids.length === 0) return [];
    const found = keys.getKeys
      ? await keys.getKeys(ids, accountId)
      : await Promise.all(ids.map(async (id) => keys.updateKey(id, {}, accountId)));
    const known = new Map(found.map((key) => [key?.id, key]));
    return ids.map((id) => known.get(id)).filter((key) => key !== undefined);
  }

  /** @param most keys that the account may have with this one. @throws {GatewayError} `conflict` when it has them. */
  async function issue(settings: Omit<KeyRecord, 'id' | 'hint' | 'createdAt'>, most: number) {
    const { keyPrefix, keyPepper } = deps.settings;
    const key = createKey(keyPrefix);
    const id = `key_${crypto.randomUUID().replaceAll('-', '')}`;
    const record: KeyRecord = { ...settings, id, hint: keyHint(key, keyPrefix), createdAt: now() };
    await store({ ...record, hash: hashKey(key, keyPepper) }, most);
    await notifications.add('key.created', record.accountId, { keyId: id, name: record.name });
    return { key, record: keyInfo(record) };
  }

  /** Disabled keys count, because they can be enabled; revoked and expired ones do not. */
  async function store(key: StoredKey, most: number): Promise<void> {
    if (keys.createKeyWithin) {
      if (await keys.createKeyWithin(key, most, now())) return;
    } else {
      const usable = (await keys.listKeys(key.accountId)).filter(
        ({ revokedAt, expiresAt = Number.POSITIVE_INFINITY }) => revokedAt === undefined && expiresAt > now(),
      );
      if (usable.length < most) return await keys.createKey(key);
    }
    const { maxKeysPerAccount } = deps.settings;
    const message = `An account may have at most ${maxKeysPerAccount} keys. Revoke one first.`;
    throw new GatewayError('conflict', { message });
  }

  /** An account may change neither a budget that the operator has locked nor the lock. */
  async function checkLock(id: string, to: UpdateKeyOptions, accountId: string): Promise<void> {
    if (to.budget === undefined && to.lockedBudget === undefined) return;
    const { details } = await recordOf(id, accountId);
    if (!details?.lockedBudget && to.lockedBudget === undefined) return;
    throw new GatewayError('forbidden', { message: 'The budget of this key is set by the operator.', param: 'budget' });
  }

  return {
    async create(options) {
      readOptions('keys.create', options, CREATE);
      const accountId = readAccountId(options.accountId);
      const details = changedValues(undefined, readDetails(options, routePaths));
      return issue(
        {
          accountId,
          name: readName(options.name, 'name'),
          ...(options.expiresAt !== undefined && { expiresAt: readTime(options.expiresAt, 'expiresAt') }),
          ...(isGiven(options.models) && { models: readModels(options.models, deps) }),
          ...(isGiven(options.limits) && { limits: readLimits(options.limits) }),
          ...(isGiven(options.budget) && { budget: readBudget(options.budget) }),
          ...(details && { details }),
        },
        deps.settings.maxKeysPerAccount,
      );
    },

    async rotate(id, options = {}) {
      const { overlap = 0, ...scope } = readOptions('keys.rotate', options, ROTATE);
      const overlapMs = parseDuration(overlap);
      if (overlapMs === undefined) throw invalid('overlap', "it must be a length of time like '24h'");
      const old = await recordOf(id, readScope('keys.rotate', scope));
      if (!isActive(old, now())) throw new GatewayError('conflict', { message: 'The key can no longer be used.' });
      const { id: _id, hint: _hint, createdAt: _createdAt, lastUsedAt: _lastUsedAt, ...settings } = old;
      const rootId = old.details?.rootId ?? old.id;
      // The old one still counts until it ends.
      const successor = await issue(
        { ...settings, details: { ...old.details, rootId } },
        deps.settings.maxKeysPerAccount + 1,
      );
      const end = Math.min(now() + overlapMs, old.expiresAt ?? Number.POSITIVE_INFINITY);
      await keys.updateKey(old.id, { expiresAt: end });
      return successor;
    },

    async disable(id, scope) {
      return change(id, { details: { disabledAt: now() } }, readScope('keys.disable', scope));
    },

    async enable(id, scope) {
      return change(id, { details: { disabledAt: null } }, readScope('keys.enable', scope));
    },

    async list(accountId, options) {
      const account = readAccountId(accountId);
      const { ids, ...page } = options ? readOptions('keys.list', options, LIST) : {};
      if (ids !== undefined && Object.keys(page).length > 0) throw invalid('ids', 'it cannot be combined with a page');
      const listed =
        ids === undefined
          ? await keys.listKeys(account, options && readPage('keys.list', page))
          : await knownOf(readIds(ids, 'ids'), account);
      return listed.filter(({ details }) => !details?.session).map(keyInfo);
    },

    async get(id, scope) {
      return keyInfo(await recordOf(id, readScope('keys.get', scope)));
    },

    async find(idOrHint) {
      const wanted = readName(idOrHint, 'idOrHint');
      const record = await keys.findKeyByName?.(wanted);
      if (!record || record.details?.session) throw unknownKey();
      return keyInfo(record);
    },

    async update(id, to, scope) {
      readOptions('keys.update', to, UPDATE);
      const accountId = readScope('keys.update', scope);
      if (accountId !== undefined) await checkLock(id, to, accountId);
      const details = readDetails(to, routePaths);
      return change(
        id,
        {
          ...(to.name !== undefined && { name: readName(to.name, 'name') }),
          ...(to.expiresAt !== undefined && {
            expiresAt: to.expiresAt === null ? null : readTime(to.expiresAt, 'expiresAt'),
          }),
          ...(to.models !== undefined && { models: to.models === null ? null : readModels(to.models, deps) }),
          ...(to.limits !== undefined && { limits: to.limits === null ? null : readLimits(to.limits) }),
          ...(to.budget !== undefined && { budget: to.budget === null ? null : readBudget(to.budget) }),
          ...(Object.keys(details).length > 0 && { details }),
        },
        accountId,
      );
    },

    async revoke(id, scope) {
      const record = await change(id, { revokedAt: now() }, readScope('keys.revoke', scope));
      await notifications.add('key.revoked', record.accountId, { keyId: record.id, name: record.name });
      return record;
    },
  };
}

/** The account that a change is bound to. An `accountId` that is given but undefined must not open every account. */
export function readScope(method: string, scope: KeyScope = {}): string | undefined {
  readOptions(method, scope, SCOPE);
  return 'accountId' in scope ? readAccountId(scope.accountId) : undefined;
}

function keyInfo(record: KeyRecord): KeyInfo {
  const date = (time: number | undefined) => (time === undefined ? null : new Date(time));
  const { id, accountId, name, hint, budget } = record;
  return {
    id,
    accountId,
    name,
    hint,
    createdAt: new Date(record.createdAt),
    lastUsedAt: date(record.lastUsedAt),
    expiresAt: date(record.expiresAt),
    revokedAt: date(record.revokedAt),
    models: record.models ?? null,
    limits: record.limits ?? null,
    budget: budget ? { amount: formatUsd(BigInt(budget.amount)), period: budget.period } : null,
    metadata: record.details?.metadata ?? null,
    allowIps: record.details?.allowIps ?? null,
    routes: record.details?.routes ?? null,
    lockedBudget: record.details?.lockedBudget ?? false,
    disabledAt: date(record.details?.disabledAt),
    rootId: record.details?.rootId ?? null,
  };
}

function unknownKey(): GatewayError {
  return new GatewayError('not_found', { message: 'There is no such API key.' });
}
