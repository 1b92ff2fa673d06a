import { expect, test } from 'vitest';
import { toNextHandlers } from '../../src/http/next.js';
import type { ExchangeHandler, GatewayRequest } from '../../src/index.js';

function spy(): { handler: ExchangeHandler; seen: GatewayRequest[] } {
  const seen: GatewayRequest[] = [];
  const handler: ExchangeHandler = {
    async handle(request) {
      seen.push(request);
      return { status: 200, headers: {}, body: 'answered' };
    },
  };
  return { handler, seen };
}

const paramsOf = (params: Record<string, string | string[] | undefined>) => ({ params: Promise.resolve(params) });

test.each([
  ['a catch-all of any name', '/admin/api/keys/a%2Fb?x=1', { rest: ['api', 'keys', 'a/b'] }, '/api/keys/a%2Fb?x=1'],
  ['an optional catch-all at its root', '/admin', {}, '/'],
  ['an optional catch-all below a parameter', '/t1/admin?x=1', { tenant: 't1' }, '/?x=1'],
  ['a catch-all below a parameter', '/t1/v1/models', { tenant: 't1', path: ['models'] }, '/models'],
])('%s tells the path after the mount', async (_name, url, params, path) => {
  const { handler, seen } = spy();
  await toNextHandlers(handler).GET(new Request(`http://localhost${url}`), paramsOf(params));
  expect(seen[0]).toMatchObject({ path, originalPath: url, method: 'GET' });
});

test('a route without a catch-all names its mount', async () => {
  const { handler, seen } = spy();
  const { POST } = toNextHandlers(handler, { basePath: '/api' });
  await POST(new Request('http://localhost/api/chat/completions', { method: 'POST' }), paramsOf({}));
  expect(seen[0]?.path).toBe('/chat/completions');
});

test('there is a handler for each method that Next.js knows', () => {
  expect(Object.keys(toNextHandlers(spy().handler)).sort()).toEqual(
    ['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'].sort(),
  );
});
