import type { AccountListQuery } from '../management/accounts.js';
import type { CreditOptions, RedeemOptions } from '../management/credits.js';
import type { CreateKeyOptions, UpdateKeyOptions } from '../management/keys.js';
import type { PruneOptions } from '../management/maintenance.js';
import type { PageOptions } from '../management/management.js';
import type { PromoCodeOptions } from '../management/promo-codes.js';
import type { RequestFilter } from '../management/requests.js';
import type { UsageFilter, UsageReportQuery } from '../management/usage-reports.js';
import { type AdminOperation, as, LinesAnswer } from './operation.js';
import {
  amount,
  described,
  type Fields,
  integer,
  list,
  nullable,
  object,
  oneOf,
  ref,
  type Schema,
  text,
  time,
} from './schema.js';

const rows = (items: Schema): Schema => object({ data: list(items) });
const data = async (found: Promise<unknown>) => ({ data: await found });

const PAGE: Fields = {
  'limit?': described(integer, '1 to 1,000; 100 by default'),
  'before?': described(text, 'The id of the last row of the page before'),
};
const KEY_SETTINGS: Fields = {
  'expiresAt?': nullable(time),
  'models?': nullable(list(text)),
  'limits?': nullable(ref('Limits')),
  'budget?': nullable(ref('Budget')),
};
const CREDIT: Fields = { accountId: text, amount, idempotencyKey: text, 'note?': text };
const USAGE_FILTER: Fields = {
  'accountId?': text,
  'keyId?': text,
  'model?': text,
  'from?': time,
  'to?': time,
};

const ACCOUNTS: readonly AdminOperation[] = [
  {
    name: 'accounts.list',
    method: 'GET',
    path: '/accounts',
    summary: 'Accounts by id, ascending',
    query: { 'search?': described(text, 'Part of an id'), 'after?': text, 'limit?': integer },
    answer: rows(ref('Account')),
    run: (gateway, { query }) => data(gateway.accounts.list(as<AccountListQuery>(query))),
  },
  {
    name: 'accounts.get',
    method: 'GET',
    path: '/accounts/{id}',
    summary: 'One account',
    answer: ref('Account'),
    errors: ['not_found'],
    run: (gateway, { id }) => gateway.accounts.get(id),
  },
  {
    name: 'accounts.overview',
    method: 'GET',
    path: '/accounts/{id}/overview',
    summary: 'What an account may do and spend',
    answer: ref('AccountOverview'),
    run: (gateway, { id }) => gateway.accounts.overview(id),
  },
  {
    name: 'accounts.setPlan',
    method: 'PUT',
    path: '/accounts/{id}/plan',
    summary: 'Puts an account on a plan; an unknown account is created',
    body: { plan: text },
    answer: ref('Account'),
    run: (gateway, { id, body }) => gateway.accounts.setPlan(id, as<{ plan: string }>(body).plan),
  },
  {
    name: 'accounts.export',
    method: 'GET',
    path: '/accounts/{id}/export',
    summary: 'Everything kept of an account, as lines of JSON',
    answer: { type: 'string', contentMediaType: 'application/jsonl' },
    run: (gateway, { id }) => new LinesAnswer(gateway.accounts.export(id)),
  },
  {
    name: 'accounts.erase',
    method: 'DELETE',
    path: '/accounts/{id}',
    summary: 'Forgets an account; its ledger and sums stay under a pseudonym',
    answer: object({ pseudonym: text }),
    errors: ['conflict'],
    run: (gateway, { id }) => gateway.accounts.erase(id),
  },
];

const KEYS: readonly AdminOperation[] = [
  {
    name: 'keys.list',
    method: 'GET',
    path: '/accounts/{id}/keys',
    summary: 'The keys of an account, newest first, revoked ones included',
    query: PAGE,
    answer: rows(ref('Key')),
    run: (gateway, { id, query }) => data(gateway.keys.list(id, as<PageOptions>(query))),
  },
  {
    name: 'keys.create',
    method: 'POST',
    path: '/keys',
    summary: 'Makes a key; the answer is its only showing',
    body: { accountId: text, name: text, ...KEY_SETTINGS },
    answer: ref('NewKey'),
    run: (gateway, { body }) => gateway.keys.create(as<CreateKeyOptions>(body)),
  },
  {
    name: 'keys.update',
    method: 'PATCH',
    path: '/keys/{id}',
    summary: 'Changes a key; null removes a setting',
    body: { 'name?': text, ...KEY_SETTINGS },
    answer: ref('Key'),
    errors: ['not_found'],
    run: (gateway, { id, body }) => gateway.keys.update(id, as<UpdateKeyOptions>(body)),
  },
  {
    name: 'keys.revoke',
    method: 'POST',
    path: '/keys/{id}/revoke',
    summary: 'Revokes a key for good',
    body: {},
    answer: ref('Key'),
    errors: ['not_found'],
    run: (gateway, { id }) => gateway.keys.revoke(id),
  },
];

const MONEY: readonly AdminOperation[] = [
  {
    name: 'credits.topUp',
    method: 'POST',
    path: '/credits/top-up',
    summary: 'Adds money, once per idempotency key',
    body: CREDIT,
    answer: ref('Movement'),
    errors: ['idempotency_conflict'],
    run: (gateway, { body }) => gateway.credits.topUp(as<CreditOptions>(body)),
  },
  {
    name: 'credits.adjust',
    method: 'POST',
    path: '/credits/adjust',
    summary: 'Corrects a balance up or down, once per idempotency key',
    body: CREDIT,
    answer: ref('Movement'),
    errors: ['idempotency_conflict', 'insufficient_balance'],
    run: (gateway, { body }) => gateway.credits.adjust(as<CreditOptions>(body)),
  },
  {
    name: 'credits.redeem',
    method: 'POST',
    path: '/credits/redeem',
    summary: 'Redeems a promo code for an account',
    body: { accountId: text, code: text },
    answer: ref('Movement'),
    errors: ['promo_code_unknown', 'promo_code_expired', 'promo_code_exhausted', 'promo_code_already_used'],
    run: (gateway, { body }) => gateway.credits.redeem(as<RedeemOptions>(body)),
  },
  {
    name: 'credits.history',
    method: 'GET',
    path: '/accounts/{id}/movements',
    summary: 'Every movement of money of an account, newest first',
    query: PAGE,
    answer: rows(ref('Movement')),
    run: (gateway, { id, query }) => data(gateway.credits.history(id, as<PageOptions>(query))),
  },
  {
    name: 'promoCodes.list',
    method: 'GET',
    path: '/promo-codes',
    summary: 'Promo codes, newest first',
    query: PAGE,
    answer: rows(ref('PromoCode')),
    run: (gateway, { query }) => data(gateway.promoCodes.list(as<PageOptions>(query))),
  },
  {
    name: 'promoCodes.create',
    method: 'POST',
    path: '/promo-codes',
    summary: 'Makes a promo code',
    body: { code: text, amount, 'maxRedemptions?': integer, 'expiresAt?': time },
    answer: ref('PromoCode'),
    errors: ['conflict'],
    run: (gateway, { body }) => gateway.promoCodes.create(as<PromoCodeOptions>(body)),
  },
];

const USAGE: readonly AdminOperation[] = [
  {
    name: 'usage.query',
    method: 'GET',
    path: '/usage',
    summary: 'Sums of usage, grouped',
    query: {
      ...USAGE_FILTER,
      'groupBy?': described(list(text), 'Dimensions, joined by commas'),
      'top?': described(integer, 'Only this many groups, those that cost the most first; 1 to 1,000'),
    },
    answer: rows(ref('UsageRow')),
    run: (gateway, { query }) => data(gateway.usage.query(as<UsageReportQuery>(query))),
  },
  {
    name: 'usage.events',
    method: 'GET',
    path: '/usage/events',
    summary: 'Charged requests, newest first',
    query: { ...USAGE_FILTER, ...PAGE },
    answer: rows(ref('UsageEvent')),
    run: (gateway, { query: { limit, before, ...filter } }) =>
      data(gateway.usage.events(as<UsageFilter>(filter), pageOf(limit, before))),
  },
  {
    name: 'requests.list',
    method: 'GET',
    path: '/requests',
    summary: 'The request log, newest first: answered, refused and failed requests',
    query: {
      ...USAGE_FILTER,
      'status?': { anyOf: [integer, oneOf('failed')] },
      'code?': text,
      ...PAGE,
    },
    answer: rows(ref('Request')),
    run: (gateway, { query: { limit, before, ...filter } }) =>
      data(gateway.requests.list(as<RequestFilter>(filter), pageOf(limit, before))),
  },
  {
    name: 'requests.get',
    method: 'GET',
    path: '/requests/{id}',
    summary: 'One request, by its x-request-id',
    answer: ref('Request'),
    errors: ['not_found'],
    run: (gateway, { id }) => gateway.requests.get(id),
  },
];

const GATEWAY: readonly AdminOperation[] = [
  {
    name: 'models.list',
    method: 'GET',
    path: '/models',
    summary: 'Every model; with an account, those of its plan',
    query: { 'accountId?': text },
    answer: rows(ref('Model')),
    run: (gateway, { query }) => data(gateway.models.list(as<{ accountId?: string }>(query).accountId)),
  },
  {
    name: 'plans',
    method: 'GET',
    path: '/plans',
    summary: 'The names of the plans',
    answer: rows(text),
    run: (gateway) => ({ data: gateway.plans }),
  },
  {
    name: 'health',
    method: 'GET',
    path: '/health',
    summary: 'The state of each target',
    answer: rows(ref('TargetHealth')),
    run: (gateway) => ({ data: gateway.health() }),
  },
  {
    name: 'maintenance.prune',
    method: 'POST',
    path: '/maintenance/prune',
    summary: 'Deletes old events, logged requests, ended sessions and holds; sums and ledger stay exact',
    body: { 'eventsBefore?': time, 'requestsBefore?': time, 'sessionsBefore?': time, 'holdsBefore?': time },
    answer: object({ events: integer, requests: integer, sessions: integer, holds: integer }),
    run: (gateway, { body }) => gateway.maintenance.prune(as<PruneOptions>(body)),
  },
  {
    name: 'check',
    method: 'GET',
    path: '/check',
    summary: 'Whether each part of the gateway answers',
    answer: ref('Check'),
    run: (gateway) => gateway.check(),
  },
];

/** Everything the admin API does. */
export const OPERATIONS: readonly AdminOperation[] = [...ACCOUNTS, ...KEYS, ...MONEY, ...USAGE, ...GATEWAY];

function pageOf(limit: unknown, before: unknown): PageOptions {
  return as<PageOptions>({ ...(limit !== undefined && { limit }), ...(before !== undefined && { before }) });
}
