import type { ChangeLog } from '../stores/change-log.js';
import { accountDataOf } from './account-data.js';
import { AccountManagement } from './account-management.js';
import { budgetsOf } from './budgets.js';
import { changesOf } from './changes.js';
import type { Credits } from './credits.js';
import { KeyManagement } from './key-management.js';
import { maintenanceOf, type PruneParts } from './maintenance.js';
import type { ManagementDeps } from './management.js';
import { modelsOf } from './models.js';
import type { ManagementParts } from './parts.js';
import { promoCodesOf } from './promo-codes.js';
import { type ReadableRequestLog, requestsOf } from './requests.js';
import { sessionsOf } from './sessions.js';
import { usageReportsOf } from './usage-reports.js';

/** What the parts read and write besides keys and money. */
interface KeptByStore {
  readonly pruned: PruneParts;
  readonly requestLog: ReadableRequestLog | undefined;
  readonly changes: ChangeLog | undefined;
}

/** Makes the parts of the management that are loaded late. */
export function managementParts(
  deps: ManagementDeps,
  routePaths: readonly string[],
  { pruned, requestLog, changes }: KeptByStore,
  credits: Credits,
): Omit<ManagementParts, 'credits'> {
  return {
    keys: new KeyManagement(deps, routePaths),
    sessions: sessionsOf(deps),
    accounts: new AccountManagement(deps, credits),
    accountData: accountDataOf(deps, { ...pruned, changes }),
    maintenance: maintenanceOf(pruned),
    promoCodes: promoCodesOf(deps),
    budgets: budgetsOf(deps),
    usage: usageReportsOf(deps),
    changes: changesOf(changes, deps.now),
    requests: requestsOf(requestLog),
    models: modelsOf(deps),
  };
}
