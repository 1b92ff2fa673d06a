import { getAccount, getSession } from './account.js';
import { getHistory, redeem } from './credits.js';
import { createKey, listKeys, revokeKey, updateKey } from './keys.js';
import { listModels } from './models.js';
import { adjustBalance, getOperatorAccount, listAccounts, setPlan } from './operator-accounts.js';
import { getHealth } from './operator-health.js';
import { createPromoCode, listPromoCodes } from './operator-promo-codes.js';
import type { Route } from './route.js';
import { exportUsage, getOperatorUsage, getUsage, listEvents } from './usage.js';

/** The whole JSON API, one route per line. */
export const ROUTES: readonly Route[] = [
  { method: 'GET', path: 'api/session', access: 'account', run: getSession },
  { method: 'GET', path: 'api/account', access: 'account', run: getAccount },
  { method: 'GET', path: 'api/keys', access: 'account', run: listKeys },
  { method: 'POST', path: 'api/keys', access: 'account', run: createKey },
  { method: 'POST', path: 'api/keys/{id}', access: 'account', run: updateKey },
  { method: 'POST', path: 'api/keys/{id}/revoke', access: 'account', run: revokeKey },
  { method: 'GET', path: 'api/usage', access: 'account', run: getUsage },
  { method: 'GET', path: 'api/usage.csv', access: 'account', run: exportUsage },
  { method: 'GET', path: 'api/usage/events', access: 'account', run: listEvents },
  { method: 'GET', path: 'api/credits', access: 'account', run: getHistory },
  { method: 'POST', path: 'api/credits/redeem', access: 'account', run: redeem },
  { method: 'GET', path: 'api/models', access: 'account', run: listModels },
  { method: 'GET', path: 'api/operator/accounts', access: 'operator', run: listAccounts },
  { method: 'GET', path: 'api/operator/accounts/{id}', access: 'operator', run: getOperatorAccount },
  { method: 'POST', path: 'api/operator/accounts/{id}/plan', access: 'operator', run: setPlan },
  { method: 'POST', path: 'api/operator/accounts/{id}/adjust', access: 'operator', run: adjustBalance },
  { method: 'GET', path: 'api/operator/promo-codes', access: 'operator', run: listPromoCodes },
  { method: 'POST', path: 'api/operator/promo-codes', access: 'operator', run: createPromoCode },
  { method: 'GET', path: 'api/operator/usage', access: 'operator', run: getOperatorUsage },
  { method: 'GET', path: 'api/operator/health', access: 'operator', run: getHealth },
];
