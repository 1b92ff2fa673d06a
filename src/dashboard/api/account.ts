import type { RouteContext } from './route.js';

/** Who is signed in, and what the host configured: all that the page needs before it draws anything. */
export async function getSession({ settings, caller }: RouteContext) {
  const { title, baseURL, topUpUrl, upgradeUrl } = settings;
  return { accountId: caller.accountId, operator: caller.admin, title, baseURL, topUpUrl, upgradeUrl };
}

/** The caller's plan and balance. */
export async function getAccount({ gateway, caller }: RouteContext) {
  return describeAccount(gateway, caller.accountId);
}

/** An account with what its plan means. */
export async function describeAccount(gateway: RouteContext['gateway'], accountId: string) {
  const { id, plan, balance, held } = await gateway.accounts.get(accountId);
  const { billing = 'metered', limits = {} } = gateway.plans[plan] ?? {};
  return { id, plan, billing, limits, balance, held };
}
