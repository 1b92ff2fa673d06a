import { readBody } from './body.js';
import { PAGE } from './credits.js';
import { readFields } from './fields.js';
import { readQuery } from './query.js';
import { whereLogged } from './requests.js';
import type { RouteContext } from './route.js';

/** The caller's session tokens, newest first; null where the key store does not list them. */
export async function listSessions({ gateway, caller, query }: RouteContext) {
  const { limit = 50, ...rest } = readQuery(query, PAGE);
  const sessions = await whereLogged(gateway.sessions.list(caller.accountId, { ...rest, limit }));
  return { data: sessions?.map(({ accountId: _, ...session }) => session) ?? null };
}

/** Ends a session token with the next request. */
export async function revokeSession({ gateway, caller, request, id }: RouteContext) {
  readFields(await readBody(request), {});
  await gateway.sessions.revoke(id, { accountId: caller.accountId });
  return { id, revoked: true };
}
