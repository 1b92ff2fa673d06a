import type { AccountListQuery, CreateAccountOptions } from '../management/accounts.js';
import type { BudgetQuery } from '../management/budgets.js';
import type { Budget, CreateKeyOptions, RotateOptions, UpdateKeyOptions } from '../management/keys.js';
import type { PageOptions } from '../management/management.js';
import type { CreateSessionOptions } from '../management/sessions.js';
import { data, KEY_SETTINGS, PAGE, rows } from './fields.js';
import { type AdminOperation, as, LinesAnswer } from './operation.js';
import { amount, described, integer, list, map, moment, nullable, object, oneOf, ref, text, time } from './schema.js';

/** Accounts and their budgets. */
export const ACCOUNTS: readonly AdminOperation[] = [
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
    name: 'accounts.create',
    method: 'POST',
    path: '/accounts',
    summary: 'Adds an account with its sign-up credit; one that exists keeps its plan, and its credit is given once',
    body: { id: text, 'plan?': text, 'grant?': object({ amount, 'expiresAt?': time, 'reason?': text }) },
    answer: ref('Account'),
    run: (gateway, { body }) => gateway.accounts.create(as<CreateAccountOptions>(body)),
  },
  {
    name: 'accounts.setBudget',
    method: 'PUT',
    path: '/accounts/{id}/budget',
    summary: 'Bounds what all requests of an account may spend in a period; null removes it',
    body: { budget: nullable(ref('Budget')) },
    answer: ref('Account'),
    run: (gateway, { id, body }) => gateway.accounts.setBudget(id, as<{ budget: Budget | null }>(body).budget),
  },
  {
    name: 'accounts.suspend',
    method: 'POST',
    path: '/accounts/{id}/suspend',
    summary: 'Refuses every request of an account with 403, from the next one on',
    body: { 'reason?': text },
    answer: ref('Account'),
    run: (gateway, { id, body }) => gateway.accounts.suspend(id, as<{ reason?: string }>(body)),
  },
  {
    name: 'accounts.resume',
    method: 'POST',
    path: '/accounts/{id}/resume',
    summary: 'Ends the suspension of an account',
    body: {},
    answer: ref('Account'),
    run: (gateway, { id }) => gateway.accounts.resume(id),
  },
  {
    name: 'budgets.get',
    method: 'GET',
    path: '/accounts/{id}/budget',
    summary: 'A budget as it stands: of the account, or of a key, end user, session or tag of it',
    query: {
      'subject?': described(text, 'account (the default), key, endUser, session or tag:NAME'),
      'value?': described(text, 'Which key, end user, session or tag value'),
      'period?': oneOf('day', 'month', 'total'),
    },
    answer: ref('BudgetState'),
    run: (gateway, { id, query }) =>
      gateway.budgets.get({ subject: 'account', ...as<Partial<BudgetQuery>>(query), accountId: id }),
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

/** API keys. */
export const KEYS: readonly AdminOperation[] = [
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
    name: 'keys.rotate',
    method: 'POST',
    path: '/keys/{id}/rotate',
    summary: 'Makes a new key with the same settings and budget spend; the old one ends after the overlap',
    body: { 'overlap?': described(text, "'24h'; at once by default"), 'accountId?': text },
    answer: ref('NewKey'),
    errors: ['not_found', 'conflict'],
    run: (gateway, { id, body }) => gateway.keys.rotate(id, as<RotateOptions>(body)),
  },
  {
    name: 'keys.disable',
    method: 'POST',
    path: '/keys/{id}/disable',
    summary: 'Refuses a key until it is enabled again',
    body: {},
    answer: ref('Key'),
    errors: ['not_found'],
    run: (gateway, { id }) => gateway.keys.disable(id),
  },
  {
    name: 'keys.enable',
    method: 'POST',
    path: '/keys/{id}/enable',
    summary: 'Lets a disabled key be used again',
    body: {},
    answer: ref('Key'),
    errors: ['not_found'],
    run: (gateway, { id }) => gateway.keys.enable(id),
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

/** Session tokens. */
export const SESSIONS: readonly AdminOperation[] = [
  {
    name: 'sessions.create',
    method: 'POST',
    path: '/sessions',
    summary: 'Makes a short-lived token that a browser may hold; the answer is its only showing',
    body: {
      accountId: text,
      ttl: { type: ['string', 'integer'], description: "'15m', or milliseconds" },
      'models?': list(text),
      'budget?': amount,
      'endUser?': text,
      'session?': text,
      'tags?': map(text),
    },
    answer: object({ id: text, token: described(text, 'Shown this once'), expiresAt: moment }),
    run: (gateway, { body }) => gateway.sessions.create(as<CreateSessionOptions>(body)),
  },
  {
    name: 'sessions.revoke',
    method: 'POST',
    path: '/sessions/{id}/revoke',
    summary: 'Ends a session token from the next request on',
    body: {},
    answer: object({}),
    errors: ['not_found'],
    run: (gateway, { id }) => gateway.sessions.revoke(id),
  },
];
