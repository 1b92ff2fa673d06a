import type { PromoCodeInfo } from '../../management/promo-codes.js';
import { readBody } from './body.js';
import { PAGE } from './credits.js';
import { amount, instant, integer, optional, readFields, text } from './fields.js';
import { readQuery } from './query.js';
import type { RouteContext } from './route.js';

/** All promo codes, newest first. */
export async function listPromoCodes({ gateway, query }: RouteContext) {
  const { limit = 50, ...rest } = readQuery(query, PAGE);
  const codes = await gateway.promoCodes.list({ ...rest, limit });
  return { data: codes.map(describePromoCode) };
}

/** Adds a promo code. */
export async function createPromoCode({ gateway, request }: RouteContext) {
  const code = readFields(await readBody(request), {
    code: text({ max: 100 }),
    amount: amount(),
    maxRedemptions: optional(integer({ min: 1, max: 1_000_000_000 })),
    expiresAt: optional(instant),
  });
  return describePromoCode(await gateway.promoCodes.create(code));
}

function describePromoCode({
  code,
  amount,
  maxRedemptions,
  expiresAt,
  createdAt,
  redemptions,
  disabledAt,
}: PromoCodeInfo) {
  return { code, amount, maxRedemptions, expiresAt, createdAt, redemptions, disabledAt };
}
