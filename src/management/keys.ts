import { createKey, hashKey, keyHint } from '../keys/key-format.js';
import type { KeyBudget, KeyChange, KeyRecord } from '../keys/key-store.js';
import { GatewayError } from '../lib/errors.js';
import { formatUsd } from '../lib/money.js';
import type { OptionNames } from '../lib/option-names.js';
import type { Limits } from '../limits/rate-limiter.js';
import {
  invalid,
  type ManagementDeps,
  readAccountId,
  readAmount,
  readName,
  readOptions,
  readTime,
  type Time,
} from './management.js';

/** What a key may spend per UTC day, UTC month or in all; `amount` in USD. */
export interface Budget {
  readonly amount: string | number;
  readonly period: 'day' | 'month' | 'total';
}

const BUDGET: OptionNames<Budget> = { amount: true, period: true };

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
}

const CREATE: OptionNames<CreateKeyOptions> = {
  accountId: true,
  name: true,
  expiresAt: true,
  models: true,
  limits: true,
  budget: true,
};

/** What can be changed of a key; null removes. */
export interface UpdateKeyOptions {
  readonly name?: string;
  readonly expiresAt?: Time | null;
  readonly models?: readonly string[] | null;
  readonly limits?: Limits | null;
  readonly budget?: Budget | null;
}

const UPDATE: OptionNames<UpdateKeyOptions> = { name: true, expiresAt: true, models: true, limits: true, budget: true };

/** All that can be known of a key after its creation. */
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
}

/** Binds a change to one account: another account's key is not found. */
export interface KeyScope {
  readonly accountId?: string;
}

const SCOPE: OptionNames<KeyScope> = { accountId: true };

/** API keys of accounts. Every method rejects with a `GatewayError` for bad input. */
export interface Keys {
  /** Makes a key. `key` is its only showing: the gateway keeps a hash. */
  create(options: CreateKeyOptions): Promise<{ key: string; record: KeyInfo }>;
  /** Newest first, revoked ones included. */
  list(accountId: string): Promise<KeyInfo[]>;
  /** @throws {GatewayError} `not_found`. */
  update(id: string, change: UpdateKeyOptions, scope?: KeyScope): Promise<KeyInfo>;
  /** Takes effect with the next request. Revoking again keeps the first time. @throws {GatewayError} `not_found`. */
  revoke(id: string, scope?: KeyScope): Promise<KeyInfo>;
}

export function keysOf(deps: ManagementDeps): Keys {
  const { keys, settings, now, notifications } = deps;

  async function change(id: string, to: KeyChange, accountId: string | undefined): Promise<KeyInfo> {
    const record = await keys.updateKey(readName(id, 'id'), to, accountId);
    if (!record) throw new GatewayError('not_found', { message: 'There is no such API key.' });
    return keyInfo(record);
  }

  return {
    async create(options) {
      readOptions('keys.create', options, CREATE);
      const key = createKey(settings.keyPrefix);
      const record: KeyRecord = {
        id: `key_${crypto.randomUUID().replaceAll('-', '')}`,
        accountId: readAccountId(options.accountId),
        name: readName(options.name, 'name'),
        hint: keyHint(key, settings.keyPrefix),
        createdAt: now(),
        ...(options.expiresAt !== undefined && { expiresAt: readTime(options.expiresAt, 'expiresAt') }),
        ...(options.models && { models: readModels(options.models, deps) }),
        ...(options.limits && { limits: readLimits(options.limits) }),
        ...(options.budget && { budget: readBudget(options.budget) }),
      };
      await keys.createKey({ ...record, hash: hashKey(key, settings.keyPepper) });
      const { id, accountId, name } = record;
      await notifications.add('key.created', accountId, { keyId: id, name });
      return { key, record: keyInfo(record) };
    },

    async list(accountId) {
      return (await keys.listKeys(readAccountId(accountId))).map(keyInfo);
    },

    async update(id, to, scope) {
      readOptions('keys.update', to, UPDATE);
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
        },
        readScope('keys.update', scope),
      );
    },

    async revoke(id, scope) {
      const record = await change(id, { revokedAt: now() }, readScope('keys.revoke', scope));
      await notifications.add('key.revoked', record.accountId, { keyId: record.id, name: record.name });
      return record;
    },
  };
}

/** The account that a change is bound to. An `accountId` that the host does not have must not open every account. */
function readScope(method: string, scope: KeyScope = {}): string | undefined {
  readOptions(method, scope, SCOPE);
  return 'accountId' in scope ? readAccountId(scope.accountId) : undefined;
}

function readModels(models: readonly string[], { catalog }: ManagementDeps): readonly string[] {
  if (!Array.isArray(models)) throw invalid('models', 'it must be an array of model names');
  for (const model of models)
    if (!catalog.models.has(model)) throw invalid('models', `'${String(model)}' is not a model`);
  return [...models];
}

function readLimits(limits: Limits): Limits {
  for (const [name, value] of Object.entries(limits)) {
    if (!['requestsPerMinute', 'tokensPerMinute', 'concurrentRequests'].includes(name))
      throw invalid(`limits.${name}`, 'it is unknown');
    if (!Number.isSafeInteger(value) || value < 1) throw invalid(`limits.${name}`, 'it must be a positive integer');
  }
  return { ...limits };
}

/** @throws {GatewayError} `invalid_value` for what is no budget. */
export function readBudget(budget: Budget): KeyBudget {
  const { amount, period } = readOptions('budget', budget, BUDGET);
  const nano = readAmount(amount, 'budget.amount');
  if (nano < 0n) throw invalid('budget.amount', 'it must not be negative');
  if (!['day', 'month', 'total'].includes(period))
    throw invalid('budget.period', "it must be 'day', 'month' or 'total'");
  return { amount: nano.toString(), period };
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
  };
}
