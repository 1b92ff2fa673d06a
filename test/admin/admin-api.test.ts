import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAdminApi, operatorKeys } from '../../src/admin/index.js';
import { type AdminSite, adminSite, document, KEY } from './admin-site.js';

let site: AdminSite;
beforeAll(async () => {
  site = await adminSite();
});
afterAll(() => site.close());

describe('anybody else', () => {
  test.each([[{}], [{ authorization: `Bearer ${KEY}x` }], [{ authorization: 'Bearer ' }], [{ authorization: KEY }]])(
    'gets nothing with %o',
    async (headers) => {
      for (const path of ['/accounts', '/openapi.json', '/nothing']) {
        expect(await site.call('GET', path, undefined, headers)).toMatchObject({
          status: 401,
          body: { error: { code: 'unauthenticated' } },
        });
      }
    },
  );

  test('from another site can write nothing with a session', async () => {
    const session = createAdminApi({
      gateway: site.gateway,
      authenticate: (request) => request.headers['cookie'] === 'session=1',
    });
    const post = (headers: Record<string, string>) =>
      session.fetch(
        new Request('http://gateway.test/admin/promo-codes', {
          method: 'POST',
          headers: { cookie: 'session=1', 'content-type': 'application/json', ...headers },
          body: JSON.stringify({ code: 'EVIL', amount: 100 }),
        }),
      );
    expect((await post({ origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect((await post({ origin: 'http://gateway.test', 'sec-fetch-site': 'same-origin' })).status).toBe(200);
  });

  test('is never let in by an empty operator key', () => {
    expect(() => operatorKeys()).toThrow('at least one key');
    expect(() => operatorKeys(undefined)).toThrow('is the variable set?');
    expect(() => operatorKeys('short')).toThrow('at least 20 characters');
    expect(() => operatorKeys({})).toThrow('at least one key');
    expect(() => operatorKeys({ ada: undefined })).toThrow('is the variable set?');
    expect(() => createAdminApi(undefined as never)).toThrow('createAdminApi: the options must be an object');
    expect(() => createAdminApi({ gateway: site.gateway, autenticate: () => true } as never)).toThrow(
      'autenticate is not an option',
    );
  });
});

describe('the document', () => {
  test('is served, and kept in the docs', async () => {
    const seen = await site.call('GET', '/openapi.json');
    expect(seen).toEqual({ status: 200, body: JSON.parse(JSON.stringify(document)) });
    await expect(`${JSON.stringify(document, null, 2)}\n`).toMatchFileSnapshot('../../docs/admin-openapi.json');
  });

  test('names each operation once, and refers only to what it has', () => {
    const operations = Object.values(document.paths).flatMap((path) => Object.values(path));
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
    const refs = [...JSON.stringify(document).matchAll(/#\/components\/schemas\/(\w+)/g)].map(([, name]) => name ?? '');
    for (const name of refs) expect(document.components.schemas).toHaveProperty(name);
    for (const name of Object.keys(document.components.schemas)) expect(refs, `${name} is used`).toContain(name);
  });
});
