import type { PruneOptions } from '../management/maintenance.js';
import { ACCOUNTS, KEYS, SESSIONS } from './account-operations.js';
import { data, rows } from './fields.js';
import { MONEY } from './money-operations.js';
import { type AdminOperation, as } from './operation.js';
import { USAGE } from './report-operations.js';
import { integer, object, ref, text, time } from './schema.js';

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
    note: ({ body }) => ({ action: 'maintenance.prune', details: body }),
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
export const OPERATIONS: readonly AdminOperation[] = [
  ...ACCOUNTS,
  ...KEYS,
  ...SESSIONS,
  ...MONEY,
  ...USAGE,
  ...GATEWAY,
];
