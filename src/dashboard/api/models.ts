import type { RouteContext } from './route.js';

/** The models that the caller's plan includes, with their prices in US dollars per million tokens. */
export async function listModels({ gateway, caller }: RouteContext) {
  const models = await gateway.models.list(caller.accountId);
  return { data: models.map(({ id, ownedBy, price }) => ({ id, ownedBy, price })) };
}
