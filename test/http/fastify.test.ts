import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { gatewayPlugin } from '../../src/http/fastify.js';
import { gate } from '../../src/testing/index.js';
import { eventually } from '../helpers/eventually.js';
import { type GatewayBehind, gatewayBehind } from '../helpers/gateway-behind.js';
import { FRAMINGS, uploadWhole } from '../helpers/upload-whole.js';
import { adapterTests, clientAt } from './shared.js';

adapterTests({
  name: 'Fastify 5',
  mounts: ['/v1', '/ai', '/ai/v1', '/tenants/t1/ai'],
  seesRepeatedHeaders: true,
  async start() {
    const behind = await gatewayBehind();
    const app = fastify();
    for (const prefix of ['/v1', '/ai', '/tenants/:tenant/ai']) {
      await app.register(gatewayPlugin, { gateway: behind.gateway, prefix });
    }
    const origin = await app.listen({ port: 0, host: '127.0.0.1' });
    return {
      ...behind,
      origin,
      async close() {
        app.server.closeAllConnections();
        await app.close();
        await behind.close();
      },
    };
  },
});

describe('Fastify, as its users expect', () => {
  const CHAT = { model: 'gpt-4o-mini', messages: [{ role: 'user' as const, content: 'Hi.' }] };
  let behind: GatewayBehind;
  let app: FastifyInstance;

  async function serve(prepare: (app: FastifyInstance) => unknown = () => {}, closeGateway = false): Promise<string> {
    behind = await gatewayBehind();
    app = fastify();
    await prepare(app);
    await app.register(gatewayPlugin, { gateway: behind.gateway, prefix: '/v1', closeGateway });
    return `${await app.listen({ port: 0, host: '127.0.0.1' })}/v1`;
  }

  afterEach(async () => {
    app.server.closeAllConnections();
    await app.close();
    await behind.close();
  });

  test.each([false, true])('hooks run and headers of the app are kept (stream: %s)', async (stream) => {
    const baseURL = await serve((instance) => {
      instance.addHook('onRequest', async (_request, reply) => void reply.header('access-control-allow-origin', '*'));
      instance.addHook('onSend', async (_request, reply) => void reply.header('x-on-send', 'ran'));
    });
    const client = clientAt(baseURL, behind.key);
    const { response } = await client.chat.completions.create({ ...CHAT, stream }).withResponse();
    expect(response.headers.get('access-control-allow-origin')).toBe('*');
    expect(response.headers.get('x-on-send')).toBe('ran');
    expect(response.headers.get('x-request-id')).toMatch(/^req_/);
    await response.body?.cancel().catch(() => {});
  });

  test('the body parsers of the app stay its own', async () => {
    await serve((instance) => instance.post('/echo', { bodyLimit: 50 }, async (request) => request.body));
    const echo = (body: string) =>
      app.inject({ method: 'POST', url: '/echo', payload: body, headers: { 'content-type': 'application/json' } });
    expect((await echo('{"a":1}')).json()).toEqual({ a: 1 });
    expect((await echo(JSON.stringify('x'.repeat(100)))).statusCode).toBe(413);
  });

  test.each(FRAMINGS)(
    'a stranger who sends all of a body reads the refusal where the connection closes (%s)',
    async (framing) => {
      const { port } = new URL(await serve());
      const { faults, text } = await uploadWhole(Number(port), 'napi-nobody', framing);
      expect([faults, text.slice(0, 12)]).toEqual([[], 'HTTP/1.1 401']);
      expect(text).toMatch(/"error":\{.*\}\}/s);
    },
  );

  test.each([
    ['a type without a slash', 'json'],
    ['two types', 'application/json, text/plain'],
    ['nothing', ' '],
  ])('a content type that is %s is refused by the gateway', async (_, type) => {
    const url = `${await serve()}/chat/completions`;
    const headers = { authorization: `Bearer ${behind.key}`, 'content-type': type };
    const refused = await fetch(url, { method: 'POST', headers, body: JSON.stringify(CHAT) });
    expect(refused.status).toBe(415);
    expect(await refused.json()).toMatchObject({ error: { code: 'unsupported_media_type' } });
    expect(refused.headers.get('x-request-id')).toMatch(/^req_/);

    const unknown = await fetch(url, { method: 'POST', headers: { 'content-type': type }, body: JSON.stringify(CHAT) });
    expect(unknown.status).toBe(401);
  });

  test("a hook's refusal is the answer", async () => {
    const baseURL = await serve((instance) => {
      instance.addHook('onRequest', async (_request, reply) => reply.code(418).send({ short: 'and stout' }));
    });
    const answer = await fetch(`${baseURL}/models`);
    expect(answer.status).toBe(418);
  });

  test('a hook that has read the body passes it on', async () => {
    const baseURL = await serve((instance) => {
      instance.addHook('preValidation', async (request) => {
        let text = '';
        for await (const piece of request.body as AsyncIterable<Buffer>) text += String(piece);
        request.body = JSON.parse(text);
      });
    });
    expect((await clientAt(baseURL, behind.key).chat.completions.create(CHAT)).choices).toHaveLength(1);
  });

  test('the log of the request names the id that the client sees', async () => {
    const lines: { gatewayRequestId?: string; reqId?: string }[] = [];
    behind = await gatewayBehind();
    app = fastify({ logger: { level: 'debug', stream: { write: (line) => void lines.push(JSON.parse(line)) } } });
    await app.register(gatewayPlugin, { gateway: behind.gateway, prefix: '/v1' });
    const answer = await app.inject({ url: '/v1/models', headers: { authorization: `Bearer ${behind.key}` } });
    const line = lines.find(({ gatewayRequestId }) => gatewayRequestId !== undefined);
    expect(line?.gatewayRequestId).toBe(answer.headers['x-request-id']);
    expect(line?.reqId).toBeDefined();
  });

  test('closing the app closes the gateway where that is asked for, after its requests', async () => {
    const baseURL = await serve(undefined, true);
    const before = gate();
    behind.upstream.answer({ before });
    const answer = clientAt(baseURL, behind.key).chat.completions.create(CHAT);
    await before.reached;
    const closed = app.close();
    before.open();
    expect((await answer).choices).toHaveLength(1);
    await closed;
    const late = await behind.gateway.fetch(new Request('http://localhost/v1/models'));
    expect(late.status).toBe(503);
  });

  test('a request during the close gets the 503 of the gateway, and a running stream ends right', async () => {
    behind = await gatewayBehind();
    app = fastify({ return503OnClosing: false });
    await app.register(gatewayPlugin, { gateway: behind.gateway, prefix: '/v1', closeGateway: true });
    const baseURL = `${await app.listen({ port: 0, host: '127.0.0.1' })}/v1`;
    const held = gate();
    behind.upstream.answer({ text: ['Good ', held, 'day.'] });
    const stream = await clientAt(baseURL, behind.key).chat.completions.create({ ...CHAT, stream: true });
    await held.reached;
    const closed = app.close();
    const ask = () => fetch(`${baseURL}/models`, { headers: { authorization: `Bearer ${behind.key}` } });
    let late = await ask();
    await eventually(async () => late.status !== 200 || (late = await ask()).status !== 200);
    expect([late.status, late.headers.get('retry-after')]).toEqual([503, expect.any(String)]);
    expect(await late.json()).toMatchObject({ error: { type: 'server_error', code: expect.any(String) } });
    held.open();
    let text = '';
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
    expect(text).toBe('Good day.');
    await closed;
  });

  test('closing the app leaves a gateway open that others use too', async () => {
    await serve();
    await app.close();
    const request = new Request('http://localhost/v1/models', { headers: { authorization: `Bearer ${behind.key}` } });
    expect((await behind.gateway.fetch(request)).status).toBe(200);
  });
});
