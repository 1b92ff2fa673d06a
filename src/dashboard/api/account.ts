import type { RouteContext } from './route.js';

/** Who is signed in, and what the host configured: all that the page needs before it draws anything. */
export async function getSession({ settings, caller }: RouteContext) {
  const { title, baseURL, billing, topUpUrl, upgradeUrl } = settings;
  return { accountId: caller.accountId, operator: caller.admin, title, baseURL, billing, topUpUrl, upgradeUrl };
}

/** The caller's plan and balance. */
export async function getAccount({ gateway, caller }: RouteContext) {
  return gateway.accounts.overview(caller.accountId);
}
