import type { Route } from '../../src/dashboard/api/route.js';

/** What the sweeps over all routes name in them: each is an id of one account that others must not reach. */
export interface Ids {
  readonly account: string;
  readonly key: string;
  readonly session: string;
  readonly request: string;
  readonly code: string;
  readonly language: string;
}

/** How a sweep calls a route. */
export const nameOf = ({ method, path }: Pick<Route, 'method' | 'path'>) => `${method} ${path}`;

const RANGE = 'from=2026-01-01T00:00:00Z&to=2026-12-31T00:00:00Z';

export interface Attack {
  readonly query?: string;
  readonly body?: object | ((ids: Ids) => object);
  /** What the path's `{id}` names; the victim's own is sent. */
  readonly names?: keyof Ids;
  /** What its owner is answered. @default 200 */
  readonly status?: number;
}

/** What each route needs to get past the checks of its fields: without an entry here a new route fails the sweep. */
export const REQUESTS: Readonly<Record<string, Attack>> = {
  'GET api/session': {},
  'GET api/messages/{id}': { names: 'language' },
  'GET api/account': {},
  'GET api/home': {},
  'GET api/requests': {},
  'GET api/requests.csv': {},
  'GET api/requests/{id}': { names: 'request' },
  'GET api/keys': {},
  'GET api/keys/names': {},
  'GET api/keys/{id}': { names: 'key' },
  'POST api/keys': { body: { name: 'mine' } },
  'POST api/keys/{id}': { names: 'key', body: { name: 'stolen' } },
  'POST api/keys/{id}/revoke': { names: 'key', body: {} },
  'POST api/keys/{id}/rotate': { names: 'key', body: { overlap: '24h' } },
  'POST api/keys/{id}/disable': { names: 'key', body: {} },
  'POST api/keys/{id}/enable': { names: 'key', body: {} },
  'GET api/sessions': {},
  'POST api/sessions/{id}/revoke': { names: 'session', body: {} },
  'POST api/playground/chat': { body: { model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }] } },
  'GET api/usage': { query: `${RANGE}&groupBy=model,key,day` },
  'GET api/usage/report': { query: `${RANGE}&group=key&unit=day` },
  'GET api/usage.csv': { query: RANGE },
  'GET api/usage/events': {},
  'GET api/usage/tags': {},
  'GET api/credits': {},
  'GET api/credits/month': { query: 'month=2026-06' },
  'GET api/credits/month.csv': { query: 'month=2026-06' },
  'POST api/credits/redeem': { body: { code: 'HELLO' } },
  'GET api/models': {},
  'GET api/operator/accounts': {},
  'GET api/operator/accounts.csv': {},
  'GET api/operator/accounts/{id}': { names: 'account' },
  'POST api/operator/accounts/{id}/grant': { names: 'account', body: { amount: '5', idempotencyKey: 'x' } },
  'POST api/operator/accounts/{id}/refund': { names: 'account', body: ({ request }) => ({ requestId: request }) },
  'POST api/operator/accounts/{id}/budget': { names: 'account', body: { budget: null } },
  'POST api/operator/accounts/{id}/suspend': { names: 'account', body: {} },
  'POST api/operator/accounts/{id}/resume': { names: 'account', body: {} },
  'POST api/operator/accounts/{id}/erase': {
    names: 'account',
    body: ({ account }) => ({ confirm: account }),
    // The memory store can't erase.
    status: 409,
  },
  'POST api/operator/accounts/{id}/note': { names: 'account', body: { note: 'x' } },
  'POST api/operator/keys/{id}': { names: 'key', body: { lockedBudget: false } },
  'POST api/operator/keys/{id}/revoke': { names: 'key', body: {} },
  'GET api/operator/promo-codes.csv': {},
  'POST api/operator/promo-codes/{id}/disable': { names: 'code', body: {} },
  'POST api/operator/accounts/{id}/plan': { names: 'account', body: { plan: 'pro' } },
  'POST api/operator/accounts/{id}/adjust': { names: 'account', body: { amount: '5', idempotencyKey: 'x' } },
  'GET api/operator/promo-codes': {},
  'POST api/operator/promo-codes': { body: { code: 'MINE', amount: '100' } },
  'GET api/operator/usage': { query: RANGE },
  'GET api/operator/usage.csv': { query: RANGE },
  'GET api/operator/usage/report': { query: `${RANGE}&group=account&unit=day` },
  'GET api/operator/usage/tags': {},
  'GET api/operator/requests': {},
  'GET api/operator/requests.csv': {},
  'GET api/operator/requests/{id}': { names: 'request' },
  'GET api/operator/changes': {},
  'GET api/operator/changes.csv': {},
  'GET api/operator/models': {},
  'GET api/operator/health': {},
  'POST api/operator/health/test': { body: { target: 'openai/gpt-4o-mini' } },
  'GET api/operator/health.csv': {},
  'GET api/operator/overview': { query: 'range=week' },
  'GET api/operator/movements.csv': { query: 'month=2026-06' },
  'GET api/operator/accounts/{id}/movements.csv': { names: 'account' },
};
