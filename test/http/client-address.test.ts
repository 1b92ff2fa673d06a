import express5 from 'express';
import express4 from 'express4';
import fastify from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { toExpressHandler } from '../../src/http/express.js';
import { gatewayPlugin } from '../../src/http/fastify.js';
import { toNodeHandler } from '../../src/http/node.js';
import { type GatewayBehind, gatewayBehind } from '../helpers/gateway-behind.js';
import { listen } from '../helpers/listen.js';

type Serve = (behind: GatewayBehind, trustProxy: boolean) => Promise<{ origin: string; close(): Promise<void> }>;

const onExpress =
  (express: typeof express5): Serve =>
  async ({ gateway }, trustProxy) => {
    const app = express();
    app.set('trust proxy', trustProxy);
    app.use('/v1', toExpressHandler(gateway));
    return listen(app);
  };

const onFastify: Serve = async ({ gateway }, trustProxy) => {
  const app = fastify({ trustProxy });
  app.register(gatewayPlugin, { gateway, prefix: '/v1' });
  const origin = await app.listen({ port: 0, host: '127.0.0.1' });
  return { origin, close: async () => void (await app.close()) };
};

const behinds: GatewayBehind[] = [];
const servers: { close(): Promise<void> }[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  for (const behind of behinds.splice(0)) await behind.close();
});

/** Asks with a key that is bound to some addresses. */
async function ask(
  serve: Serve,
  trustProxy: boolean,
  allowIps: readonly string[],
  headers: Record<string, string> = {},
) {
  const behind = await gatewayBehind();
  behinds.push(behind);
  const server = await serve(behind, trustProxy);
  servers.push(server);
  const { key } = await behind.gateway.keys.create({ accountId: 'user_1', name: 'office', allowIps });
  const response = await fetch(`${server.origin}/v1/models`, {
    headers: { authorization: `Bearer ${key}`, connection: 'close', ...headers },
  });
  return { status: response.status, body: await response.json() };
}

const REFUSED = { status: 403, body: { error: { code: 'ip_not_allowed' } } };

describe.each([
  ['Express 4', onExpress(express4 as unknown as typeof express5)],
  ['Express 5', onExpress(express5)],
  ['Fastify', onFastify],
])('a key that is bound to addresses, on %s', (_, serve) => {
  test('works from them alone', async () => {
    expect(await ask(serve, false, ['127.0.0.0/8', '::1'])).toMatchObject({ status: 200 });
    expect(await ask(serve, false, ['203.0.113.0/24'])).toMatchObject(REFUSED);
  });

  test('is not opened by a header that the framework does not trust', async () => {
    const forged = { 'x-forwarded-for': '203.0.113.7', 'x-real-ip': '203.0.113.7', forwarded: 'for=203.0.113.7' };
    expect(await ask(serve, false, ['203.0.113.0/24'], forged)).toMatchObject(REFUSED);
  });

  test('sees the client behind a proxy that the framework trusts', async () => {
    const proxied = { 'x-forwarded-for': '203.0.113.7' };
    expect(await ask(serve, true, ['203.0.113.0/24'], proxied)).toMatchObject({ status: 200 });
    expect(await ask(serve, true, ['127.0.0.0/8', '::1'], proxied)).toMatchObject(REFUSED);
  });
});

test('on node:http it is the address of the connection', async () => {
  const serve: Serve = ({ gateway }) => listen(toNodeHandler(gateway));
  const forged = { 'x-forwarded-for': '203.0.113.7' };
  expect(await ask(serve, false, ['127.0.0.1'], forged)).toMatchObject({ status: 200 });
  expect(await ask(serve, false, ['203.0.113.0/24'], forged)).toMatchObject(REFUSED);
});
