import { GatewayError } from '../../lib/errors.js';
import type { KeyInfo } from '../../management/keys.js';
import { BUDGET_PERIODS } from '../../meter/windows.js';
import { KEY_ORDERS, KEY_STATES, KEYS_A_PAGE } from '../key-views.js';
import { readBody } from './body.js';
import {
  amount,
  instant,
  integer,
  languageTag,
  listOf,
  nullable,
  object,
  oneOf,
  optional,
  readFields,
  text,
  texts,
} from './fields.js';
import { activityOf, spendOfKeys } from './key-activity.js';
import { countKeys, selectKeys } from './key-list.js';
import { limit, readQuery } from './query.js';
import type { RouteContext } from './route.js';

const name = text({ max: 100 });
const models = listOf(text({ max: 200 }), { max: 200 });
const ips = listOf(text({ max: 64 }), { max: 64 });
const OVERLAPS = ['0', '1h', '24h', '7d'] as const;
const budget = object({ amount: amount(), period: oneOf(BUDGET_PERIODS) });

const LIST = {
  search: optional(text({ min: 0, max: 200 })),
  sort: optional(oneOf(KEY_ORDERS)),
  state: optional(oneOf(KEY_STATES)),
  page: optional((value, field) => integer({ min: 0, max: 1_000_000 })(Number(value), field)),
  language: optional(languageTag),
  limit,
};

/** Keys that are offered by name; more are searched for on their page. */
const MOST_NAMES = 100;

/**
 * A page of the caller's keys, newest first unless asked for otherwise, each with what it spent; how many the selection has,
 * and how many keys there are. A page behind the last is the last.
 */
export async function listKeys(context: RouteContext) {
  const { gateway, caller, query } = context;
  const { limit: size = KEYS_A_PAGE, page: wanted = 0, ...asked } = readQuery(query, LIST);
  const { search = '', sort = 'created', state, language = 'en' } = asked;
  const [keys, spend] = await Promise.all([
    gateway.keys.list(caller.accountId),
    sort === 'spend' ? spendOfKeys(context) : new Map<string, number>(),
  ]);
  const now = Date.now();
  const found = selectKeys(keys, { search, sort, state, language }, ({ id }) => spend.get(id) ?? 0, now);
  const page = Math.min(wanted, Math.max(0, Math.ceil(found.length / size) - 1));
  const shown = found.slice(page * size, (page + 1) * size);
  return { data: await withActivity(context, shown), page, total: found.length, counts: countKeys(keys, now) };
}

/** One of the caller's keys, with what it spent. */
export async function getKey(context: RouteContext) {
  const { gateway, caller, id } = context;
  const key = await gateway.keys.get(id, { accountId: caller.accountId });
  const activity = await activityOf(context, [key]);
  return { ...describeKey(key), ...activity(key.id) };
}

async function withActivity(context: RouteContext, keys: readonly KeyInfo[]) {
  if (keys.length === 0) return [];
  const activity = await activityOf(context, keys);
  return keys.map((key) => ({ ...describeKey(key), ...activity(key.id) }));
}

/** The newest of the caller's keys by name, for a choice of one; `more`: there are older ones. */
export async function listKeyNames({ gateway, caller }: RouteContext) {
  const keys = await gateway.keys.list(caller.accountId, { limit: MOST_NAMES + 1 });
  return { data: keys.slice(0, MOST_NAMES).map(({ id, name }) => ({ id, name })), more: keys.length > MOST_NAMES };
}

/** Makes a key. The answer holds the key itself: the only one that ever does. */
export async function createKey({ gateway, caller, request }: RouteContext) {
  const settings = readFields(await readBody(request), {
    name,
    expiresAt: optional(instant),
    models: optional(models),
    budget: optional(budget),
    metadata: optional(texts),
    allowIps: optional(ips),
  });
  await checkModels(gateway, caller.accountId, settings.models);
  const { key, record } = await gateway.keys.create({ accountId: caller.accountId, ...settings });
  return { key, record: describeKey(record) };
}

/** Changes a key; null removes a value. */
export async function updateKey({ gateway, caller, request, id }: RouteContext) {
  const change = readFields(await readBody(request), {
    name: optional(name),
    expiresAt: optional(nullable(instant)),
    models: optional(nullable(models)),
    budget: optional(nullable(budget)),
    metadata: optional(nullable(texts)),
    allowIps: optional(nullable(ips)),
  });
  await checkModels(gateway, caller.accountId, change.models ?? undefined);
  return describeKey(await gateway.keys.update(id, change, { accountId: caller.accountId }));
}

/** Makes a successor with the same settings; the old key ends after the overlap. The answer holds the new key, this once. */
export async function rotateKey({ gateway, caller, request, id }: RouteContext) {
  const { overlap } = readFields(await readBody(request), { overlap: oneOf(OVERLAPS) });
  const { key, record: successor } = await gateway.keys.rotate(id, {
    accountId: caller.accountId,
    overlap: overlap === '0' ? 0 : overlap,
  });
  return { key, record: describeKey(successor) };
}

/** Refuses a key until it is turned on again. */
export async function disableKey({ gateway, caller, request, id }: RouteContext) {
  readFields(await readBody(request), {});
  return describeKey(await gateway.keys.disable(id, { accountId: caller.accountId }));
}

/** Turns a key on again. */
export async function enableKey({ gateway, caller, request, id }: RouteContext) {
  readFields(await readBody(request), {});
  return describeKey(await gateway.keys.enable(id, { accountId: caller.accountId }));
}

/** Revokes a key at once and for good. */
export async function revokeKey({ gateway, caller, request, id }: RouteContext) {
  readFields(await readBody(request), {});
  await gateway.keys.revoke(id, { accountId: caller.accountId });
  return { id, revoked: true };
}

/** A model that the plan lacks is a mistake, and an unknown name would make the key useless. */
async function checkModels(
  gateway: RouteContext['gateway'],
  accountId: string,
  chosen: readonly string[] | undefined,
): Promise<void> {
  if (!chosen) return;
  const included = new Set((await gateway.models.list(accountId)).map((model) => model.id));
  const index = chosen.findIndex((id) => !included.has(id));
  if (index >= 0)
    throw new GatewayError('invalid_value', {
      param: `models[${index}]`,
      message: 'The plan does not include the model.',
    });
}

/** One key as JSON. */
export function describeKey({ id, name, hint, createdAt, lastUsedAt, expiresAt, revokedAt, ...key }: KeyInfo) {
  const { models, limits, budget, metadata, allowIps, routes, lockedBudget, disabledAt } = key;
  return {
    ...{ id, name, hint, createdAt, lastUsedAt, expiresAt, revokedAt, disabledAt },
    ...{ models, limits, budget, lockedBudget, metadata, allowIps, routes },
  };
}
