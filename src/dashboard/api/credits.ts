import type { Movement } from '../../management/credits.js';
import { readBody } from './body.js';
import { optional, readFields, text } from './fields.js';
import { limit, readQuery } from './query.js';
import type { RouteContext } from './route.js';

/** Query of every list that is read page by page. */
export const PAGE = { limit, before: optional(text({ max: 200 })) };

/** The caller's movements of money, newest first. */
export async function getHistory({ gateway, caller, query }: RouteContext) {
  const { limit = 50, ...rest } = readQuery(query, PAGE);
  const entries = await gateway.credits.history(caller.accountId, { ...rest, limit });
  return { data: entries.map(describeEntry) };
}

/** Redeems a promo code for the caller. */
export async function redeem({ gateway, caller, request, promoGuesses }: RouteContext) {
  const { code } = readFields(await readBody(request), { code: text({ max: 100 }) });
  const { accountId } = caller;
  await promoGuesses.guess(accountId, () => gateway.credits.redeem({ accountId, code }));
  const { balance, held } = await gateway.accounts.overview(accountId);
  return { balance, held };
}

/** One movement as JSON. */
export function describeEntry({ id, kind, amount, balanceAfter, at, reference, note }: Movement) {
  return { id, kind, amount, balanceAfter, at, reference, note };
}
