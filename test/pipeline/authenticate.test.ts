import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createGateway, type Gateway, type GatewayRequest, type Identity } from '../../src/index.js';
import { echoProvider } from '../helpers/echo-provider.js';

let gateway: Gateway;
const authenticate = vi.fn<(request: GatewayRequest) => Identity | null>();

beforeEach(() => {
  authenticate.mockReset();
  authenticate.mockImplementation(({ headers }) =>
    headers['cookie'] === 'session=alice' ? { accountId: 'alice', endUser: 'alice' } : null,
  );
  gateway = createGateway({
    providers: { echo: echoProvider() },
    models: { model: { provider: 'echo', price: { input: 1, output: 1 } } },
    plans: { free: { models: '*' } },
    authenticate,
    allowedOrigins: ['https://console.example'],
  });
});

afterEach(() => gateway.close());

interface Asked {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
}

/** A request as a browser sends it to `https://app.example`. */
async function ask({ method = 'POST', path = 'chat/completions', headers = {} }: Asked) {
  const { status, body } = await gateway.handle({
    method,
    path: `/v1/${path}`,
    headers: { host: 'app.example', 'content-type': 'application/json', ...headers },
    body: () =>
      new TextEncoder().encode(JSON.stringify({ model: 'model', messages: [{ role: 'user', content: 'Hello' }] })),
    signal: new AbortController().signal,
  });
  const code = /"code":"(\w+)"/.exec(String(body))?.[1];
  return { status, code };
}

const COOKIE = { cookie: 'session=alice' };
const REFUSED = { status: 403, code: 'origin_not_allowed' };

describe("a request with the host's session", () => {
  test("is its account's", async () => {
    expect(await ask({ headers: { ...COOKIE, 'sec-fetch-site': 'same-origin' } })).toMatchObject({ status: 200 });
    const [event] = await gateway.usage.events({ accountId: 'alice' });
    expect(event).toMatchObject({ via: 'host', keyId: null, endUser: 'alice' });
  });

  test('is refused without one', async () => {
    expect(await ask({ headers: { 'sec-fetch-site': 'same-origin' } })).toEqual({
      status: 401,
      code: 'invalid_api_key',
    });
  });

  test('is not asked for where a credential was sent', async () => {
    await ask({ headers: { ...COOKIE, authorization: 'Bearer wrong' } });
    expect(authenticate).not.toHaveBeenCalled();
  });

  test('is a fault of the host where the identity makes no sense', async () => {
    authenticate.mockReturnValue({ accountId: '' });
    expect(await ask({ headers: { 'sec-fetch-site': 'same-origin' } })).toMatchObject({ status: 500 });
  });
});

const SITES = [undefined, 'same-origin', 'same-site', 'cross-site', 'none'];
const ORIGINS = [undefined, 'https://app.example', 'https://evil.example', 'null', 'https://console.example'];
const METHODS = ['GET', 'HEAD', 'POST'] as const;
const TYPES = ['application/json', 'text/plain', 'application/x-www-form-urlencoded', undefined];

/** What a browser may say about a request, and whether the request may use the host's session. */
function mayPass(method: string, site: string | undefined, origin: string | undefined): boolean {
  if (origin === 'https://console.example') return true;
  if (origin !== undefined && origin !== 'https://app.example') return false;
  if (site === undefined) return origin !== undefined || method !== 'POST';
  return site === 'same-origin' || (site === 'none' && origin === undefined);
}

const combinations = METHODS.flatMap((method) =>
  SITES.flatMap((site) => ORIGINS.flatMap((origin) => TYPES.map((type) => ({ method, site, origin, type })))),
);

test.each(combinations)(
  '$method from $origin, Sec-Fetch-Site $site, as $type',
  async ({ method, site, origin, type }) => {
    const headers: Record<string, string> = { ...COOKIE };
    if (site !== undefined) headers['sec-fetch-site'] = site;
    if (origin !== undefined) headers['origin'] = origin;
    headers['content-type'] = type ?? '';
    const path = method === 'POST' ? 'chat/completions' : 'models';
    const seen = await ask({ method, path, headers });
    if (mayPass(method, site, origin)) expect(seen).not.toEqual(REFUSED);
    else expect(seen).toEqual(REFUSED);
  },
);

test('a server that says nothing of a site may write without a cookie', async () => {
  authenticate.mockReturnValue({ accountId: 'alice' });
  expect(await ask({})).toMatchObject({ status: 200 });
  expect(await ask({ headers: { cookie: 'session=alice' } })).toEqual(REFUSED);
});
