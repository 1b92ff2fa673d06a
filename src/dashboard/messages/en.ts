import { audit } from './en/audit.js';
import { billing } from './en/billing.js';
import { codes } from './en/codes.js';
import { common } from './en/common.js';
import { home } from './en/home.js';
import { keys } from './en/keys.js';
import { models } from './en/models.js';
import { operator } from './en/operator.js';
import { overview } from './en/overview.js';
import { payments } from './en/payments.js';
import { playground } from './en/playground.js';
import { requests } from './en/requests.js';
import { usage } from './en/usage.js';

/** All texts in English; the other languages have the same ids. */
export const en = {
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

/** Name of a text. */
export type MessageId = keyof typeof en;
