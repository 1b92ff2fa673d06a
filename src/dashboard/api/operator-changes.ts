import { GatewayError } from '../../lib/errors.js';
import { readBody } from './body.js';
import { amount, flag, instant, nullable, object, oneOf, optional, readFields, text } from './fields.js';
import { describeKey } from './keys.js';
import type { RouteContext } from './route.js';

const reason = optional(text({ min: 0, max: 200 }));
const budget = nullable(object({ amount: amount(), period: oneOf(['day', 'month', 'total']) }));

/** Puts an account on a plan. */
export async function setPlan({ gateway, request, id }: RouteContext) {
  const { plan } = readFields(await readBody(request), { plan: text({ max: 100 }) });
  await gateway.accounts.setPlan(id, plan);
  return gateway.accounts.overview(id);
}

/** Adds money to an account or takes some; a repetition with the same idempotency key changes nothing. */
export async function adjustBalance({ gateway, caller, request, id }: RouteContext) {
  const { note, ...movement } = readFields(await readBody(request), {
    amount: amount({ negative: true }),
    idempotencyKey: text({ max: 100 }),
    note: reason,
  });
  await gateway.credits.adjust({ accountId: id, ...movement, note: signed(note, caller.accountId) });
  return gateway.accounts.overview(id);
}

/** Gives money that may expire. */
export async function grantCredit({ gateway, caller, request, id }: RouteContext) {
  const { reason: why, ...grant } = readFields(await readBody(request), {
    amount: amount(),
    idempotencyKey: text({ max: 100 }),
    expiresAt: optional(instant),
    reason,
  });
  await gateway.credits.grant({ accountId: id, ...grant, reason: signed(why, caller.accountId) });
  return gateway.accounts.overview(id);
}

/** Gives the charge of one request of the account back to where it came from. */
export async function refundRequest({ gateway, caller, request, id }: RouteContext) {
  const { requestId, reason: why } = readFields(await readBody(request), { requestId: text({ max: 200 }), reason });
  await gateway.credits.refund({ accountId: id, requestId, reason: signed(why, caller.accountId) });
  return gateway.accounts.overview(id);
}

/** Bounds what all requests of an account may spend; null removes it. */
export async function setBudget({ gateway, request, id }: RouteContext) {
  await gateway.accounts.setBudget(id, readFields(await readBody(request), { budget }).budget);
  return gateway.accounts.overview(id);
}

/** Refuses every request of an account until it is resumed. */
export async function suspend({ gateway, caller, request, id }: RouteContext) {
  const { reason: why } = readFields(await readBody(request), { reason });
  await gateway.accounts.suspend(id, { reason: signed(why, caller.accountId) });
  return gateway.accounts.overview(id);
}

/** Ends a suspension. */
export async function resume({ gateway, request, id }: RouteContext) {
  readFields(await readBody(request), {});
  await gateway.accounts.resume(id);
  return gateway.accounts.overview(id);
}

/** The operator's own words about an account; null removes them. */
export async function setNote({ gateway, request, id }: RouteContext) {
  const { note } = readFields(await readBody(request), { note: nullable(text({ max: 4_000 })) });
  await gateway.accounts.setProfile(id, { note });
  return { note };
}

/** Forgets an account for good; `confirm` repeats its id, so that no slip does it. */
export async function eraseAccount({ gateway, request, id }: RouteContext) {
  const { confirm } = readFields(await readBody(request), { confirm: text({ max: 256 }) });
  if (confirm !== id)
    throw new GatewayError('invalid_value', { param: 'confirm', message: "confirm must repeat the account's id." });
  return gateway.accounts.erase(id);
}

/** Sets the budget of a key, and whether its account may change it. */
export async function updateOperatorKey({ gateway, request, id }: RouteContext) {
  const change = readFields(await readBody(request), { budget: optional(budget), lockedBudget: optional(flag) });
  return describeKey(await gateway.keys.update(id, change));
}

/** Revokes a key of any account. */
export async function revokeOperatorKey({ gateway, request, id }: RouteContext) {
  readFields(await readBody(request), {});
  await gateway.keys.revoke(id);
  return { id, revoked: true };
}

/** Who did it stands beside why. */
function signed(why: string | undefined, operator: string): string {
  return why ? `${why} (by ${operator})` : `by ${operator}`;
}
