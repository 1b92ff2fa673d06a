import { getAccount, getMessages, getSession } from './account.js';
import { getHistory, redeem } from './credits.js';
import { exportAllMovements, exportMonth, exportOperatorMovements, getMonth } from './credits-by-day.js';
import { getHome } from './home.js';
import {
  createKey,
  disableKey,
  enableKey,
  getKey,
  listKeyNames,
  listKeys,
  revokeKey,
  rotateKey,
  updateKey,
} from './keys.js';
import { listModels, listOperatorModels } from './models.js';
import { exportAccounts, getOperatorAccount, listAccounts } from './operator-accounts.js';
import { exportChanges, listChanges } from './operator-audit.js';
import {
  adjustBalance,
  eraseAccount,
  grantCredit,
  refundRequest,
  resume,
  revokeOperatorKey,
  setBudget,
  setNote,
  setPlan,
  suspend,
  updateOperatorKey,
} from './operator-changes.js';
import { exportHealth, getHealth, testTarget } from './operator-health.js';
import { getOverview } from './operator-overview.js';
import { createPromoCode, disablePromoCode, exportPromoCodes, listPromoCodes } from './operator-promo-codes.js';
import { exportOperatorUsage } from './operator-usage-csv.js';
import { chat } from './playground.js';
import {
  exportOperatorRequests,
  exportRequests,
  getOperatorRequest,
  getRequest,
  listOperatorRequests,
  listRequests,
} from './requests.js';
import type { Route } from './route.js';
import { listSessions, revokeSession } from './sessions.js';
import { exportUsage, getOperatorUsage, getUsage, listEvents, listOperatorTags, listTags } from './usage.js';
import { getOperatorUsageReport, getUsageReport } from './usage-report.js';

/** The whole JSON API, one route per line. */
export const ROUTES: readonly Route[] = [
  { method: 'GET', path: 'api/session', access: 'account', run: getSession },
  { method: 'GET', path: 'api/messages/{id}', access: 'account', run: getMessages },
  { method: 'GET', path: 'api/account', access: 'account', run: getAccount },
  { method: 'GET', path: 'api/home', access: 'account', run: getHome },
  { method: 'GET', path: 'api/requests', access: 'account', run: listRequests },
  { method: 'GET', path: 'api/requests.csv', access: 'account', run: exportRequests },
  { method: 'GET', path: 'api/requests/{id}', access: 'account', run: getRequest },
  { method: 'GET', path: 'api/keys', access: 'account', run: listKeys },
  { method: 'GET', path: 'api/keys/names', access: 'account', run: listKeyNames },
  { method: 'GET', path: 'api/keys/{id}', access: 'account', run: getKey },
  { method: 'POST', path: 'api/keys', access: 'account', run: createKey },
  { method: 'POST', path: 'api/keys/{id}', access: 'account', run: updateKey },
  { method: 'POST', path: 'api/keys/{id}/revoke', access: 'account', run: revokeKey },
  { method: 'POST', path: 'api/keys/{id}/rotate', access: 'account', run: rotateKey },
  { method: 'POST', path: 'api/keys/{id}/disable', access: 'account', run: disableKey },
  { method: 'POST', path: 'api/keys/{id}/enable', access: 'account', run: enableKey },
  { method: 'GET', path: 'api/sessions', access: 'account', run: listSessions },
  { method: 'POST', path: 'api/sessions/{id}/revoke', access: 'account', run: revokeSession },
  { method: 'POST', path: 'api/playground/chat', access: 'account', run: chat },
  { method: 'GET', path: 'api/usage', access: 'account', run: getUsage },
  { method: 'GET', path: 'api/usage/report', access: 'account', run: getUsageReport },
  { method: 'GET', path: 'api/usage.csv', access: 'account', run: exportUsage },
  { method: 'GET', path: 'api/usage/events', access: 'account', run: listEvents },
  { method: 'GET', path: 'api/usage/tags', access: 'account', run: listTags },
  { method: 'GET', path: 'api/credits', access: 'account', run: getHistory },
  { method: 'GET', path: 'api/credits/month', access: 'account', run: getMonth },
  { method: 'GET', path: 'api/credits/month.csv', access: 'account', run: exportMonth },
  { method: 'POST', path: 'api/credits/redeem', access: 'account', run: redeem },
  { method: 'GET', path: 'api/models', access: 'account', run: listModels },
  { method: 'GET', path: 'api/operator/overview', access: 'operator', run: getOverview },
  { method: 'GET', path: 'api/operator/accounts', access: 'operator', run: listAccounts },
  { method: 'GET', path: 'api/operator/accounts.csv', access: 'operator', run: exportAccounts },
  { method: 'GET', path: 'api/operator/accounts/{id}', access: 'operator', run: getOperatorAccount },
  {
    method: 'GET',
    path: 'api/operator/accounts/{id}/movements.csv',
    access: 'operator',
    run: exportOperatorMovements,
  },
  { method: 'POST', path: 'api/operator/accounts/{id}/plan', access: 'operator', run: setPlan },
  { method: 'POST', path: 'api/operator/accounts/{id}/adjust', access: 'operator', run: adjustBalance },
  { method: 'POST', path: 'api/operator/accounts/{id}/grant', access: 'operator', run: grantCredit },
  { method: 'POST', path: 'api/operator/accounts/{id}/refund', access: 'operator', run: refundRequest },
  { method: 'POST', path: 'api/operator/accounts/{id}/budget', access: 'operator', run: setBudget },
  { method: 'POST', path: 'api/operator/accounts/{id}/suspend', access: 'operator', run: suspend },
  { method: 'POST', path: 'api/operator/accounts/{id}/resume', access: 'operator', run: resume },
  { method: 'POST', path: 'api/operator/accounts/{id}/note', access: 'operator', run: setNote },
  { method: 'POST', path: 'api/operator/accounts/{id}/erase', access: 'operator', run: eraseAccount },
  { method: 'POST', path: 'api/operator/keys/{id}', access: 'operator', run: updateOperatorKey },
  { method: 'POST', path: 'api/operator/keys/{id}/revoke', access: 'operator', run: revokeOperatorKey },
  { method: 'GET', path: 'api/operator/promo-codes.csv', access: 'operator', run: exportPromoCodes },
  { method: 'GET', path: 'api/operator/promo-codes', access: 'operator', run: listPromoCodes },
  { method: 'POST', path: 'api/operator/promo-codes', access: 'operator', run: createPromoCode },
  { method: 'POST', path: 'api/operator/promo-codes/{id}/disable', access: 'operator', run: disablePromoCode },
  { method: 'GET', path: 'api/operator/usage', access: 'operator', run: getOperatorUsage },
  { method: 'GET', path: 'api/operator/usage.csv', access: 'operator', run: exportOperatorUsage },
  { method: 'GET', path: 'api/operator/usage/report', access: 'operator', run: getOperatorUsageReport },
  { method: 'GET', path: 'api/operator/usage/tags', access: 'operator', run: listOperatorTags },
  { method: 'GET', path: 'api/operator/requests', access: 'operator', run: listOperatorRequests },
  { method: 'GET', path: 'api/operator/requests.csv', access: 'operator', run: exportOperatorRequests },
  { method: 'GET', path: 'api/operator/requests/{id}', access: 'operator', run: getOperatorRequest },
  { method: 'GET', path: 'api/operator/changes', access: 'operator', run: listChanges },
  { method: 'GET', path: 'api/operator/changes.csv', access: 'operator', run: exportChanges },
  { method: 'GET', path: 'api/operator/models', access: 'operator', run: listOperatorModels },
  { method: 'GET', path: 'api/operator/movements.csv', access: 'operator', run: exportAllMovements },
  { method: 'GET', path: 'api/operator/health.csv', access: 'operator', run: exportHealth },
  { method: 'GET', path: 'api/operator/health', access: 'operator', run: getHealth },
  { method: 'POST', path: 'api/operator/health/test', access: 'operator', run: testTarget },
];
