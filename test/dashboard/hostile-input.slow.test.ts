import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Route } from '../../src/dashboard/api/route.js';
import { ROUTES } from '../../src/dashboard/api/routes.js';
import type { Gateway, Store } from '../../src/index.js';
import { postgresStore } from '../../src/stores/postgres/index.js';
import { sqliteStore } from '../../src/stores/sqlite/index.js';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { type PostgresServer, postgresMissing, startPostgres } from '../helpers/postgres-server.js';
import { testLogger } from '../helpers/test-logger.js';
import { type Answer, dashboardClient } from './client.js';
import { nameOf, REQUESTS } from './route-requests.js';

/** Each is refused by some part of some store, program or page, unless somebody has thought of it. */
const TEXTS = [
  ...['\0', 'a\0b', '\u202Eevil', '\uFFFF', '😀'.repeat(60), 'x'.repeat(5_000), '   ', '%', '%00', '../../session'],
  ...[
    "'; drop table accounts; --",
    '__proto__',
    'constructor',
    'toString',
    'null',
    '-1',
    '1e999',
    '<img src=x onerror=alert(1)>',
  ],
];
const VALUES = [...TEXTS, null, true, 0, -1, 1e308, [], {}, [[]], '\uD800'];
const QUERIES = [
  ...['from', 'to', 'limit', 'before', 'after', 'search', 'sort', 'status', 'code', 'model', 'keyId', 'accountId'],
  ...['unit', 'group', 'groupBy', 'top', 'month', 'range', '__proto__', 'constructor', ''],
];
const postgres: { server?: PostgresServer } = {};
const STORES: Readonly<Record<string, () => Promise<Store>>> = {
  SQLite: async () => sqliteStore(new Database(':memory:')),
  PostgreSQL: async () => {
    postgres.server = await startPostgres();
    const store = postgresStore(postgres.server.pool());
    await store.migrate?.();
    return store;
  },
};
afterAll(() => postgres.server?.stop());

describe.each(Object.entries(STORES))('over %s', (name, makeStore) => {
  const missing = name === 'PostgreSQL' ? postgresMissing() : undefined;
  let gateway: Gateway;
  let client: ReturnType<typeof dashboardClient>;

  beforeAll(async () => {
    if (missing) return;
    gateway = sampleGateway(await makeStore());
    client = dashboardClient(gateway, { logger: testLogger });
    await gateway.accounts.setPlan('operator', 'pro');
  }, 60_000);
  afterAll(() => gateway?.close());

  /** A refusal names what is wrong; a failure of a part behind the route would be a 500. */
  function expectRefusedOrDone({ status, text }: Answer, sent: unknown) {
    const shown = JSON.stringify(sent).slice(0, 200);
    expect(status, `${shown}: ${text.slice(0, 300)}`).toBeLessThan(500);
    if (status >= 400) expect(JSON.parse(text), shown).toMatchObject({ error: { code: expect.any(String) } });
  }

  const bodyOf = (route: Route) => {
    const { body = {} } = REQUESTS[nameOf(route)] ?? {};
    return typeof body === 'function'
      ? body({ account: 'x', key: 'x', session: 'x', request: 'x', code: 'x', language: 'x' })
      : body;
  };
  const pathOf = (route: Route, id: string) => `/${route.path.replace('{id}', encodeURIComponent(id))}`;
  const call = (route: Route, path: string, body: unknown = bodyOf(route)) =>
    route.method === 'GET' ? client.get(path, 'operator') : client.post(path, 'operator', body);

  test.skipIf(missing).each(ROUTES.map((route) => [nameOf(route), route] as const))(
    '%s never fails',
    async (routeName, route) => {
      const { query = '' } = REQUESTS[routeName] ?? {};
      if (route.path.includes('{id}'))
        for (const id of TEXTS) expectRefusedOrDone(await call(route, `${pathOf(route, id)}?${query}`), id);
      if (route.method === 'GET') {
        // A route that takes any parameter reads none.
        const unread = await call(route, `${pathOf(route, 'x')}?${query}&nobody=reads`);
        expectRefusedOrDone(unread, 'nobody');
        if (unread.status === 200) return;
        for (const field of QUERIES) {
          for (const value of TEXTS) {
            const search = new URLSearchParams(query);
            search.set(field, value);
            expectRefusedOrDone(await call(route, `${pathOf(route, 'x')}?${search}`), { [field]: value });
          }
        }
        return;
      }
      for (const value of VALUES) expectRefusedOrDone(await call(route, pathOf(route, 'x'), value), value);
      for (const field of [...Object.keys(bodyOf(route)), '__proto__', 'accountId'])
        for (const value of VALUES) {
          const body = Object.fromEntries([...Object.entries(bodyOf(route)), [field, value]]);
          expectRefusedOrDone(await call(route, pathOf(route, 'x'), body), { [field]: value });
        }
    },
  );
});
