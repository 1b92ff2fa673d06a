import { isActive } from '../keys/cached-key-store.js';
import { changedValues } from '../keys/key-details.js';
import { createKey, hashKey, keyHint } from '../keys/key-format.js';
import type { KeyChange, KeyRecord, StoredKey } from '../keys/key-store.js';
import { GatewayError } from '../lib/errors.js';
import { formatUsd } from '../lib/money.js';
import type { OptionNames } from '../lib/option-names.js';
import { readDetails } from './key-details.js';
import { readBudget, readLimits, readModels } from './key-settings.js';
import {
  type CreateKeyOptions,
  type KeyInfo,
  type KeyListOptions,
  type KeyScope,
  type Keys,
  type RotateOptions,
  readScope,
  type UpdateKeyOptions,
} from './keys.js';
import { invalid, isGiven, type ManagementDeps, readAccountId, readName, readOptions } from './management.js';
import { inOrderOf, readDuration, readFutureTime, readIds, readPage } from './queries.js';

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

const ROTATE: OptionNames<RotateOptions> = { accountId: true, overlap: true };

const LIST: OptionNames<KeyListOptions> = { ids: true, limit: true, before: true };

/** The keys of all accounts, as the host's own code changes them. */
export class KeyManagement implements Keys {
  readonly #deps: ManagementDeps;
  readonly #routePaths: readonly string[];

  /** @param routePaths the paths that the gateway serves, for the `routes` of a key. */
  constructor(deps: ManagementDeps, routePaths: readonly string[]) {
    this.#deps = deps;
    this.#routePaths = routePaths;
  }

  async create(options: CreateKeyOptions): Promise<{ key: string; record: KeyInfo }> {
    readOptions('keys.create', options, CREATE);
    const accountId = readAccountId(options.accountId);
    const details = changedValues(undefined, readDetails(options, this.#routePaths));
    return this.#issue(
      {
        accountId,
        name: readName(options.name, 'name'),
        ...(options.expiresAt !== undefined && {
          expiresAt: readFutureTime(options.expiresAt, 'expiresAt', this.#deps.now()),
        }),
        ...(isGiven(options.models) && { models: readModels(options.models, this.#deps) }),
        ...(isGiven(options.limits) && { limits: readLimits(options.limits) }),
        ...(isGiven(options.budget) && { budget: readBudget(options.budget) }),
        ...(details && { details }),
      },
      this.#deps.settings.maxKeysPerAccount,
    );
  }

  async rotate(id: string, options: RotateOptions = {}): Promise<{ key: string; record: KeyInfo }> {
    const { keys, now, settings } = this.#deps;
    const { overlap = 0, ...scope } = readOptions('keys.rotate', options, ROTATE);
    const overlapMs = readDuration(overlap, 'overlap');
    const old = await this.#recordOf(id, readScope('keys.rotate', scope));
    if (!isActive(old, now())) throw new GatewayError('conflict', { message: 'The key can no longer be used.' });
    const { id: _id, hint: _hint, createdAt: _createdAt, lastUsedAt: _lastUsedAt, ...kept } = old;
    const rootId = old.details?.rootId ?? old.id;
    // The old one still counts until it ends.
    const most = settings.maxKeysPerAccount + 1;
    const successor = await this.#issue({ ...kept, details: { ...old.details, rootId } }, most);
    const end = Math.min(now() + overlapMs, old.expiresAt ?? Number.POSITIVE_INFINITY);
    await keys.updateKey(old.id, { expiresAt: end });
    return successor;
  }

  async disable(id: string, scope?: KeyScope): Promise<KeyInfo> {
    return this.#change(id, { details: { disabledAt: this.#deps.now() } }, readScope('keys.disable', scope));
  }

  async enable(id: string, scope?: KeyScope): Promise<KeyInfo> {
    return this.#change(id, { details: { disabledAt: null } }, readScope('keys.enable', scope));
  }

  async list(accountId: string, options?: KeyListOptions): Promise<KeyInfo[]> {
    const account = readAccountId(accountId);
    const { ids, ...page } = options ? readOptions('keys.list', options, LIST) : {};
    if (ids !== undefined && Object.keys(page).length > 0) throw invalid('ids', 'it cannot be combined with a page');
    const listed =
      ids === undefined
        ? await this.#deps.keys.listKeys(account, options && readPage('keys.list', page))
        : await this.#knownOf(readIds(ids, 'ids'), account);
    return listed.filter(({ details }) => !details?.session).map(keyInfo);
  }

  async get(id: string, scope?: KeyScope): Promise<KeyInfo> {
    return keyInfo(await this.#recordOf(id, readScope('keys.get', scope)));
  }

  async find(idOrHint: string): Promise<KeyInfo> {
    const wanted = readName(idOrHint, 'idOrHint');
    return keyInfo(known(await this.#deps.keys.findKeyByName?.(wanted)));
  }

  async update(id: string, to: UpdateKeyOptions, scope?: KeyScope): Promise<KeyInfo> {
    readOptions('keys.update', to, UPDATE);
    const accountId = readScope('keys.update', scope);
    if (accountId !== undefined) await this.#checkLock(id, to, accountId);
    const details = readDetails(to, this.#routePaths);
    return this.#change(
      id,
      {
        ...(to.name !== undefined && { name: readName(to.name, 'name') }),
        ...(to.expiresAt !== undefined && {
          expiresAt: to.expiresAt === null ? null : readFutureTime(to.expiresAt, 'expiresAt', this.#deps.now()),
        }),
        ...(to.models !== undefined && { models: to.models === null ? null : readModels(to.models, this.#deps) }),
        ...(to.limits !== undefined && { limits: to.limits === null ? null : readLimits(to.limits) }),
        ...(to.budget !== undefined && { budget: to.budget === null ? null : readBudget(to.budget) }),
        ...(Object.keys(details).length > 0 && { details }),
      },
      accountId,
    );
  }

  async revoke(id: string, scope?: KeyScope): Promise<KeyInfo> {
    const { now, notifications } = this.#deps;
    const record = await this.#change(id, { revokedAt: now() }, readScope('keys.revoke', scope));
    await notifications.add('key.revoked', record.accountId, { keyId: record.id, name: record.name });
    return record;
  }

  async #change(id: string, to: KeyChange, accountId: string | undefined): Promise<KeyInfo> {
    return keyInfo(known(await this.#deps.keys.updateKey(readName(id, 'id'), to, accountId)));
  }

  async #recordOf(id: string, accountId: string | undefined): Promise<KeyRecord> {
    return known(await this.#deps.keys.updateKey(readName(id, 'id'), {}, accountId));
  }

  /** Those that the account has, in the order of the ids. */
  async #knownOf(ids: readonly string[], accountId: string): Promise<KeyRecord[]> {
    const { keys } = this.#deps;
    if (ids.length === 0) return [];
    const found = keys.getKeys
      ? await keys.getKeys(ids, accountId)
      : await Promise.all(ids.map(async (id) => keys.updateKey(id, {}, accountId)));
    return inOrderOf(ids, found);
  }

  /** @param most keys that the account may have with this one. @throws {GatewayError} `conflict` when it has them. */
  async #issue(settings: Omit<KeyRecord, 'id' | 'hint' | 'createdAt'>, most: number) {
    const { now, notifications } = this.#deps;
    const { keyPrefix, keyPepper } = this.#deps.settings;
    const key = createKey(keyPrefix);
    const id = `key_${crypto.randomUUID().replaceAll('-', '')}`;
    const record: KeyRecord = { ...settings, id, hint: keyHint(key, keyPrefix), createdAt: now() };
    await this.#store({ ...record, hash: hashKey(key, keyPepper) }, most);
    await notifications.add('key.created', record.accountId, { keyId: id, name: record.name });
    return { key, record: keyInfo(record) };
  }

  /** Disabled keys count, because they can be enabled; revoked and expired ones do not. */
  async #store(key: StoredKey, most: number): Promise<void> {
    const { keys, now, settings } = this.#deps;
    if (keys.createKeyWithin) {
      if (await keys.createKeyWithin(key, most, now())) return;
    } else {
      const usable = (await keys.listKeys(key.accountId)).filter(
        ({ revokedAt, expiresAt = Number.POSITIVE_INFINITY }) => revokedAt === undefined && expiresAt > now(),
      );
      if (usable.length < most) return await keys.createKey(key);
    }
    const message = `An account may have at most ${settings.maxKeysPerAccount} keys. Revoke one first.`;
    throw new GatewayError('conflict', { message });
  }

  /** An account may change neither a budget that the operator has locked nor the lock. */
  async #checkLock(id: string, to: UpdateKeyOptions, accountId: string): Promise<void> {
    if (to.budget === undefined && to.lockedBudget === undefined) return;
    const { details } = await this.#recordOf(id, accountId);
    if (!details?.lockedBudget && to.lockedBudget === undefined) return;
    throw new GatewayError('forbidden', { message: 'The budget of this key is set by the operator.', param: 'budget' });
  }
}

/** Session tokens are no keys. @throws {GatewayError} `not_found`. */
function known(record: KeyRecord | undefined): KeyRecord {
  if (record && !record.details?.session) return record;
  throw new GatewayError('not_found', { message: 'There is no such API key.' });
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
