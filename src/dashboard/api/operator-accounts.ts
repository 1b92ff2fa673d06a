import { readBody } from './body.js';
import { describeEntry } from './credits.js';
import { amount, optional, readFields, text } from './fields.js';
import { limit, readQuery } from './query.js';
import type { RouteContext } from './route.js';

const search = { search: optional(text({ min: 0, max: 200 })), after: optional(text({ max: 200 })), limit };

/** Accounts by id, with plan and balance, a page at a time; and the names of the plans there are. */
export async function listAccounts({ gateway, query }: RouteContext) {
  const { limit = 25, search: term, after } = readQuery(query, search);
  const accounts = await gateway.accounts.list({ limit, ...(term && { search: term }), ...(after && { after }) });
  const data = accounts.map(({ id, plan, balance, held }) => ({ id, plan, balance, held }));
  return { data, plans: gateway.plans };
}

/** One account with its latest movements. */
export async function getOperatorAccount({ gateway, id }: RouteContext) {
  await gateway.accounts.get(id);
  const [account, entries] = await Promise.all([
    gateway.accounts.overview(id),
    gateway.credits.history(id, { limit: 20 }),
  ]);
  return { ...account, history: entries.map(describeEntry) };
}

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
    note: optional(text({ min: 0, max: 200 })),
  });
  const by = `by ${caller.accountId}`;
  await gateway.credits.adjust({ accountId: id, ...movement, note: note ? `${note} (${by})` : by });
  return gateway.accounts.overview(id);
}
