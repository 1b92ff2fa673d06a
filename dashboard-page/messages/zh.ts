import type { MessageId } from '../../src/dashboard/messages/en.js';
import { audit } from './zh/audit.js';
import { billing } from './zh/billing.js';
import { codes } from './zh/codes.js';
import { common } from './zh/common.js';
import { home } from './zh/home.js';
import { keys } from './zh/keys.js';
import { models } from './zh/models.js';
import { operator } from './zh/operator.js';
import { overview } from './zh/overview.js';
import { payments } from './zh/payments.js';
import { playground } from './zh/playground.js';
import { requests } from './zh/requests.js';
import { usage } from './zh/usage.js';

/** All texts in Simplified Chinese. */
export const zh: Record<MessageId, string> = {
  ...common,
  ...home,
  ...requests,
  ...usage,
  ...keys,
  ...billing,
  ...payments,
  ...playground,
  ...models,
  ...operator,
  ...overview,
  ...audit,
  ...codes,
};
