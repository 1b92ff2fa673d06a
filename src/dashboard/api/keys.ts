import { GatewayError } from '../../lib/errors.js';
import type { KeyInfo } from '../../management/keys.js';
import { readBody } from './body.js';
import { amount, instant, listOf, nullable, object, oneOf, optional, readFields, text } from './fields.js';
import type { RouteContext } from './route.js';

const name = text({ max: 100 });
const models = listOf(text({ max: 200 }), { max: 200 });
const budget = object({ amount: amount(), period: oneOf(['day', 'month', 'total']) });

/** The caller's keys, newest first, revoked ones included. */
export async function listKeys({ gateway, caller }: RouteContext) {
  const keys = await gateway.keys.list(caller.accountId);
  return { data: keys.map(describeKey) };
}

/** Makes a key. The answer holds the key itself: the only one that ever does. */
export async function createKey({ gateway, caller, request }: RouteContext) {
  const settings = readFields(await readBody(request), {
    name,
    expiresAt: optional(instant),
    models: optional(models),
    budget: optional(budget),
  });
  if (settings.expiresAt && settings.expiresAt.getTime() <= Date.now()) throw past();
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
  });
  await checkModels(gateway, caller.accountId, change.models ?? undefined);
  return describeKey(await gateway.keys.update(id, change, { accountId: caller.accountId }));
}

/** Revokes a key at once and for good. */
export async function revokeKey({ gateway, caller, request, id }: RouteContext) {
  readFields(await readBody(request), {});
  await gateway.keys.revoke(id, { accountId: caller.accountId });
  return { id, revoked: true };
}

/** A model that the plan lacks is a mistake, and a name that nobody knows would lock the key for ever. */
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

function describeKey({ id, name, hint, createdAt, lastUsedAt, expiresAt, revokedAt, models, limits, budget }: KeyInfo) {
  return { id, name, hint, createdAt, lastUsedAt, expiresAt, revokedAt, models, limits, budget };
}

function past(): GatewayError {
  return new GatewayError('invalid_value', { param: 'expiresAt', message: 'expiresAt must be in the future.' });
}
