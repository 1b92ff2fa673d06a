import { accountDataOf } from './account-data.js';
import { accountsOf } from './accounts.js';
import { budgetsOf } from './budgets.js';
import type { Credits } from './credits.js';
import { keysOf } from './keys.js';
import { maintenanceOf, type PruneParts } from './maintenance.js';
import type { ManagementDeps } from './management.js';
import { modelsOf } from './models.js';
import type { ManagementParts } from './parts.js';
import { promoCodesOf } from './promo-codes.js';
import { type ReadableRequestLog, requestsOf } from './requests.js';
import { sessionsOf } from './sessions.js';
import { usageReportsOf } from './usage-reports.js';

/** Makes the parts of the management that are loaded late. */
export function managementParts(
  deps: ManagementDeps,
  routePaths: readonly string[],
  pruned: PruneParts,
  log: ReadableRequestLog | undefined,
  credits: Credits,
): Omit<ManagementParts, 'credits'> {
  return {
    keys: keysOf(deps, routePaths),
    sessions: sessionsOf(deps),
    accounts: accountsOf(deps, credits),
    accountData: accountDataOf(deps, pruned.requests, pruned.upkeep, pruned.items),
    maintenance: maintenanceOf(pruned),
    promoCodes: promoCodesOf(deps),
    budgets: budgetsOf(deps),
    usage: usageReportsOf(deps),
    requests: requestsOf(log),
    models: modelsOf(deps),
  };
}
