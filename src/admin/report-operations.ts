import type { PageOptions } from '../management/management.js';
import type { FailureFilter, RequestFilter } from '../management/requests.js';
import type { UsageFilter, UsageReportQuery } from '../management/usage-reports.js';
import { data, PAGE, rows } from './fields.js';
import { type AdminOperation, as } from './operation.js';
import { described, type Fields, integer, list, moment, nullable, object, oneOf, ref, text, time } from './schema.js';

const USAGE_FILTER: Fields = {
  'accountId?': text,
  'keyId?': text,
  'model?': text,
  'from?': time,
  'to?': time,
};

const ACCOUNT_IDS = described(list(text), 'At most 1,000 ids, joined by commas');

/** Reports and the request log. */
export const USAGE: readonly AdminOperation[] = [
  {
    name: 'usage.query',
    method: 'GET',
    path: '/usage',
    summary: 'Sums of usage, grouped',
    query: {
      ...USAGE_FILTER,
      'keyIds?': described(list(text), "Only these keys, joined by commas, where it is grouped by 'key'"),
      'groupBy?': described(list(text), 'Dimensions, joined by commas'),
      'top?': described(integer, 'Only this many groups, those that cost the most first; 1 to 1,000'),
    },
    answer: rows(ref('UsageRow')),
    run: (gateway, { query }) => data(gateway.usage.query(as<UsageReportQuery>(query))),
  },
  {
    name: 'usage.ofAccounts',
    method: 'GET',
    path: '/usage/accounts',
    summary: 'What each of these accounts used since a time, and when its newest request was charged',
    query: { accountIds: ACCOUNT_IDS, 'from?': time },
    answer: rows(ref('AccountUsage')),
    run: (gateway, { query: { accountIds, from } }) =>
      data(
        gateway.usage.ofAccounts(
          accountIds as string[],
          as<{ from?: string }>({ ...(from !== undefined && { from }) }),
        ),
      ),
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
    name: 'requests.newestOf',
    method: 'GET',
    path: '/newest-requests',
    summary: 'When each of these accounts made its newest logged request; accounts without one are left out',
    query: { accountIds: ACCOUNT_IDS },
    answer: rows(object({ accountId: text, at: moment })),
    run: async (gateway, { query }) => {
      const newest = await gateway.requests.newestOf(query['accountIds'] as string[]);
      return { data: [...newest].map(([accountId, at]) => ({ accountId, at })) };
    },
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
  {
    name: 'requests.countFailures',
    method: 'GET',
    path: '/request-failures',
    summary:
      'How many requests were answered with status 500 or above, by model; null where the store does not count them',
    query: { 'accountId?': text, 'from?': time, 'to?': time },
    answer: object({ data: nullable(list(object({ model: nullable(text), failed: integer }))) }),
    run: (gateway, { query }) => data(gateway.requests.countFailures(as<FailureFilter>(query))),
  },
];

function pageOf(limit: unknown, before: unknown): PageOptions {
  return as<PageOptions>({ ...(limit !== undefined && { limit }), ...(before !== undefined && { before }) });
}
