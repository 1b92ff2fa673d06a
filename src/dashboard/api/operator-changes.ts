import { GatewayError } from '../../lib/errors.js';
import { BUDGET_PERIODS } from '../../meter/windows.js';
import { readBody } from './body.js';
import { amount, flag, instant, nullable, object, oneOf, optional, readFields, text } from './fields.js';
import { describeKey } from './keys.js';
import { noteChange } from './operator-audit.js';
import type { RouteContext } from './route.js';

const reason = optional(text({ min: 0, max: 200 }));
const budget = nullable(object({ amount: amount(), period: oneOf(BUDGET_PERIODS) }));

/** Puts an account on a plan. */
export async function setPlan(context: RouteContext) {
  const { gateway, request, id } = context;
  const { plan } = readFields(await readBody(request), { plan: text({ max: 100 }) });
  await gateway.accounts.setPlan(id, plan);
  await noteChange(context, 'account.plan', { accountId: id, details: { plan } });
  return gateway.accounts.overview(id);
}

/** Adds money to an account or takes some; a repetition with the same idempotency key changes nothing. */
export async function adjustBalance(context: RouteContext) {
  const { gateway, caller, request, id } = context;
  const { note, ...movement } = readFields(await readBody(request), {
    amount: amount({ negative: true }),
    idempotencyKey: text({ max: 100 }),
    note: reason,
  });
  await gateway.credits.adjust({ accountId: id, ...movement, note: signed(note, caller.accountId) });
  await noteChange(context, 'account.adjust', { accountId: id, details: { amount: movement.amount, note } });
  return gateway.accounts.overview(id);
}

/** Gives money that may expire. */
export async function grantCredit(context: RouteContext) {
  const { gateway, caller, request, id } = context;
  const { reason: why, ...grant } = readFields(await readBody(request), {
    amount: amount(),
    idempotencyKey: text({ max: 100 }),
    expiresAt: optional(instant),
    reason,
  });
  await gateway.credits.grant({ accountId: id, ...grant, reason: signed(why, caller.accountId) });
  const { amount: given, expiresAt } = grant;
  await noteChange(context, 'account.grant', { accountId: id, details: { amount: given, expiresAt, reason: why } });
  return gateway.accounts.overview(id);
}

/** Returns the charge of one request of the account to the sources it came from. */
export async function refundRequest(context: RouteContext) {
  const { gateway, caller, request, id } = context;
  const { requestId, reason: why } = readFields(await readBody(request), { requestId: text({ max: 200 }), reason });
  await gateway.credits.refund({ accountId: id, requestId, reason: signed(why, caller.accountId) });
  await noteChange(context, 'account.refund', { accountId: id, subject: requestId, details: { reason: why } });
  return gateway.accounts.overview(id);
}

/** Bounds what all requests of an account may spend; null removes it. */
export async function setBudget(context: RouteContext) {
  const { gateway, request, id } = context;
  const change = readFields(await readBody(request), { budget });
  await gateway.accounts.setBudget(id, change.budget);
  await noteChange(context, 'account.budget', { accountId: id, details: change });
  return gateway.accounts.overview(id);
}

/** Refuses every request of an account until it is resumed. */
export async function suspend(context: RouteContext) {
  const { gateway, caller, request, id } = context;
  const { reason: why } = readFields(await readBody(request), { reason });
  await gateway.accounts.suspend(id, { reason: signed(why, caller.accountId) });
  await noteChange(context, 'account.suspend', { accountId: id, details: { reason: why } });
  return gateway.accounts.overview(id);
}

/** Ends a suspension. */
export async function resume(context: RouteContext) {
  const { gateway, request, id } = context;
  readFields(await readBody(request), {});
  await gateway.accounts.resume(id);
  await noteChange(context, 'account.resume', { accountId: id });
  return gateway.accounts.overview(id);
}

/** The operator's own words about an account; null removes them. */
export async function setNote(context: RouteContext) {
  const { gateway, request, id } = context;
  const { note } = readFields(await readBody(request), { note: nullable(text({ max: 4_000 })) });
  await gateway.accounts.setProfile(id, { note });
  await noteChange(context, 'account.note', { accountId: id });
  return { note };
}

/** Erases an account for good; `confirm` repeats its id, so that it does not happen by mistake. */
export async function eraseAccount(context: RouteContext) {
  const { gateway, request, id } = context;
  const { confirm } = readFields(await readBody(request), { confirm: text({ max: 256 }) });
  if (confirm !== id)
    throw new GatewayError('invalid_value', { param: 'confirm', message: "confirm must repeat the account's id." });
  const erased = await gateway.accounts.erase(id);
  await noteChange(context, 'account.erase', { accountId: erased.pseudonym });
  return erased;
}

/** Sets the budget of a key, and whether its account may change it. */
export async function updateOperatorKey(context: RouteContext) {
  const { gateway, request, id } = context;
  const change = readFields(await readBody(request), { budget: optional(budget), lockedBudget: optional(flag) });
  const key = await gateway.keys.update(id, change);
  await noteChange(context, 'key.update', { accountId: key.accountId, subject: key.name, details: change });
  return describeKey(key);
}

/** Revokes a key of any account. */
export async function revokeOperatorKey(context: RouteContext) {
  const { gateway, request, id } = context;
  readFields(await readBody(request), {});
  const { accountId, name } = await gateway.keys.revoke(id);
  await noteChange(context, 'key.revoke', { accountId, subject: name });
  return { id, revoked: true };
}

/** The reason, signed by the operator. */
function signed(why: string | undefined, operator: string): string {
  return why ? `${why} (by ${operator})` : `by ${operator}`;
}
