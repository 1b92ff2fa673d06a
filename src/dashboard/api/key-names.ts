import type { DashboardGateway } from '../dashboard-gateway.js';

/** What some keys of an account are called, by their ids; ids that are none of its keys are left out. */
export async function namesOfKeys(
  gateway: Pick<DashboardGateway, 'keys'>,
  accountId: string,
  ids: readonly (string | null | undefined)[],
): Promise<Record<string, string>> {
  const named = [...new Set(ids)].filter((id): id is string => typeof id === 'string' && id !== '');
  const keys = named.length === 0 ? [] : await gateway.keys.list(accountId, { ids: named });
  return Object.fromEntries(keys.map(({ id, name }) => [id, name]));
}
