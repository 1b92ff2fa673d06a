import type { GatewayOptions } from '../../src/index.js';

export const ACCOUNTS = ['ann', 'bob', 'cleo', 'dan', 'eve', 'fay', 'gil'] as const;
/** Has neither money nor a grant at first: what is for new accounts is for it. */
export const NEWCOMER = 'gil';
export const PLANS = ['payg', 'pro', 'capped', 'team', 'metered'] as const;

/** Models, plans, budgets and thresholds of every gateway of a world. */
export const WORLD_OPTIONS = {
  models: {
    small: { provider: 'alpha', price: { input: 1, output: 2, units: { web_search: 0.0003 } } },
    safe: {
      price: { input: 1, output: 2 },
      targets: [
        { provider: 'alpha', price: { input: 1, output: 2 } },
        { provider: 'beta', price: { input: 2, output: 4 } },
      ],
    },
  },
  plans: {
    payg: { models: '*', billing: 'prepaid', tools: ['web_search'] },
    pro: {
      models: '*',
      billing: 'prepaid',
      tools: '*',
      allowance: [
        { amount: '0.02', per: 'month' },
        { amount: '0.004', per: '5h' },
        { amount: '0.006', per: 'week', models: ['safe'] },
      ],
    },
    capped: { models: '*', billing: 'prepaid', allowance: [{ amount: '0.01', per: 'day' }], overflow: 'refuse' },
    team: {
      models: '*',
      billing: 'postpaid',
      creditLimit: '0.02',
      allowance: [{ amount: '0.005', per: 'month', anchor: 'account' }],
    },
    metered: { models: '*', allowance: [{ amount: '0.004', per: '7d' }] },
  },
  defaultPlan: 'payg',
  budgets: [
    { subject: 'endUser', amount: '0.01', per: 'day' },
    { subject: 'session', amount: '0.002', per: 'total' },
    { subject: 'tag:feature', amount: '0.012', per: 'month' },
  ],
  thresholds: { balance: ['0.002', '0.0005'], budget: [0.5, 1], allowance: [0.8, 1], grantExpiring: '3h' },
  timeouts: { firstByteMs: 10_000, idleMs: 8_000, totalMs: 40_000, storeMs: 2_000 },
  retries: { maxAttempts: 2, baseDelayMs: 20 },
} satisfies Partial<GatewayOptions>;
