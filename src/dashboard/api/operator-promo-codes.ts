import type { PromoCodeInfo } from '../../management/promo-codes.js';
import { readBody } from './body.js';
import { PAGE } from './credits.js';
import { csvOf } from './csv.js';
import { amount, flag, instant, integer, optional, readFields, text } from './fields.js';
import { noteChange } from './operator-audit.js';
import { readQuery } from './query.js';
import { FileAnswer, type RouteContext } from './route.js';

/** All promo codes, newest first. */
export async function listPromoCodes({ gateway, query }: RouteContext) {
  const { limit = 50, ...rest } = readQuery(query, PAGE);
  const codes = await gateway.promoCodes.list({ ...rest, limit });
  return { data: codes.map(describePromoCode) };
}

/** Adds a promo code. */
export async function createPromoCode(context: RouteContext) {
  const { gateway, request } = context;
  const { creditDays, ...code } = readFields(await readBody(request), {
    code: text({ max: 100 }),
    amount: amount(),
    maxRedemptions: optional(integer({ min: 1, max: 1_000_000_000 })),
    expiresAt: optional(instant),
    creditDays: optional(integer({ min: 1, max: 3_650 })),
    newAccountsOnly: optional(flag),
  });
  const creditExpiresAfter = creditDays === undefined ? {} : { creditExpiresAfter: `${creditDays}d` as const };
  const created = await gateway.promoCodes.create({ ...code, ...creditExpiresAfter });
  const { amount: given, maxRedemptions, expiresAt } = created;
  const details = { amount: given, maxRedemptions: maxRedemptions ?? undefined, expiresAt: expiresAt ?? undefined };
  await noteChange(context, 'promo.create', { subject: created.code, details });
  return describePromoCode(created);
}

/** Ends a code for good. */
export async function disablePromoCode(context: RouteContext) {
  const { gateway, request, id } = context;
  readFields(await readBody(request), {});
  await gateway.promoCodes.disable(id);
  await noteChange(context, 'promo.disable', { subject: id });
  return { code: id, disabled: true };
}

/** All codes as a file, the newest thousand. */
export async function exportPromoCodes({ gateway }: RouteContext) {
  const codes = await gateway.promoCodes.list({ limit: 1_000 });
  const rows = codes.map((one) => [
    ...[one.code, one.amount, one.redemptions, one.maxRedemptions ?? '', one.createdAt.toISOString()],
    ...[one.expiresAt?.toISOString() ?? '', one.disabledAt?.toISOString() ?? ''],
  ]);
  const header = ['code', 'amount_usd', 'redemptions', 'max_redemptions', 'created', 'expires', 'disabled'];
  return new FileAnswer('promo-codes.csv', 'text/csv; charset=utf-8', csvOf(header, rows));
}

function describePromoCode({
  code,
  amount,
  maxRedemptions,
  expiresAt,
  createdAt,
  redemptions,
  disabledAt,
  creditExpiresAfter,
  newAccountsOnly,
}: PromoCodeInfo) {
  const state = { redemptions, disabledAt, creditExpiresAfter, newAccountsOnly };
  return { code, amount, maxRedemptions, expiresAt, createdAt, ...state };
}
