import { GatewayError } from '../../lib/errors.js';
import type { RouteContext } from './route.js';

/** Who is signed in, and what the host configured: all that the page needs before it draws anything. */
export async function getSession({ settings, caller }: RouteContext) {
  return describeSession(settings, caller);
}

/** The same, as it stands in the page itself: the first frame needs no answer of the API. */
export function describeSession(settings: RouteContext['settings'], caller: RouteContext['caller']) {
  const { title, baseURL, billing, topUpUrl, upgradeUrl, logo, homeUrl, logoutUrl, messages } = settings;
  const { accountId, displayName, email } = caller;
  return {
    ...{ accountId, displayName, email, operator: caller.admin },
    ...{ title, baseURL, billing, topUpUrl, upgradeUrl, logo, homeUrl, logoutUrl },
    languages: Object.keys(messages),
  };
}

/** The host's own texts in a language. */
export function getMessages({ settings: { messages }, id }: RouteContext) {
  const texts = Object.hasOwn(messages, id) ? messages[id] : undefined;
  if (!texts) throw new GatewayError('not_found');
  return texts;
}

/** The caller's plan and balance. */
export async function getAccount({ gateway, caller }: RouteContext) {
  return gateway.accounts.overview(caller.accountId);
}
