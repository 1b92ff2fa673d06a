import { once } from 'node:events';
import { Agent, type IncomingMessage, type RequestOptions, request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, describe, expect, test } from 'vitest';
import { toNodeHandler } from '../../src/http/node.js';
import type { ExchangeHandler, GatewayResponse } from '../../src/index.js';
import { gatewayBehind } from '../helpers/gateway-behind.js';
import { type Listening, listen } from '../helpers/listen.js';
import { FRAMINGS, uploadWhole } from '../helpers/upload-whole.js';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function serve(handler: ExchangeHandler | ExchangeHandler['handle']): Promise<Listening> {
  const listening = await listen(toNodeHandler(typeof handler === 'function' ? { handle: handler } : handler));
  closing.push(listening.close);
  return listening;
}

const answering = (response: Partial<GatewayResponse>) => async () => ({
  status: 200,
  headers: {},
  body: '',
  ...response,
});

async function send(origin: string, options: RequestOptions, body?: string | Buffer) {
  const outgoing = request(origin, options).end(body);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  let text = '';
  for await (const piece of response) text += String(piece);
  return { status: response.statusCode, headers: response.headers, text };
}

test.each([
  [['x-api-key', 'KEY', 'x-api-key', 'KEY'], 200],
  [['Authorization', 'Bearer KEY', 'authorization', 'Bearer KEY', 'api-key', 'KEY'], 200],
  [['x-api-key', 'KEY', 'x-api-key', 'napi-other'], 400],
  [['authorization', 'Bearer KEY', 'authorization', 'Bearer napi-other'], 400],
  [['authorization', 'Bearer KEY', 'api-key', 'napi-other'], 400],
])('keys in %j are answered with %i: repeated is fine, different is not', async (headers, status) => {
  const behind = await gatewayBehind();
  closing.push(behind.close);
  const { origin } = await serve(behind.gateway);
  const withKey = headers.map((text) => text.replace('KEY', behind.key));
  const answer = await send(origin, { path: '/v1/models', headers: ['host', 'x', ...withKey] });
  expect(answer.status).toBe(status);
  if (status === 400) expect(JSON.parse(answer.text).error.code).toBe('conflicting_credentials');
});

describe('a body above the limit', () => {
  test('is taken to its end and answered, and the connection can be used again', async () => {
    const behind = await gatewayBehind({ maxBodyBytes: 1_000_000 });
    closing.push(behind.close);
    const { origin, server } = await serve(behind.gateway);
    let connections = 0;
    server.on('connection', () => connections++);
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const post = {
      agent,
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { authorization: `Bearer ${behind.key}` },
    };
    for (const headers of [{ 'content-length': 12_000_000 }, { 'transfer-encoding': 'chunked' }]) {
      const options = { ...post, headers: { ...post.headers, ...headers } };
      const { status, text } = await send(origin, options, Buffer.alloc(12_000_000, 'x'));
      expect([status, JSON.parse(text).error.code]).toEqual([413, 'request_too_large']);
    }
    const models = await send(origin, { agent, path: '/v1/models', headers: post.headers });
    expect(models.status).toBe(200);
    expect(connections).toBe(1);
    agent.destroy();
  });

  test.each([
    ['content-length: 3000\r\n\r\n', ''],
    ['transfer-encoding: chunked\r\n\r\nbb8\r\n', '\r\n0\r\n\r\n'],
  ])('that arrives with its head is answered, and the connection goes on: %j', async (before, after) => {
    const behind = await gatewayBehind({ maxBodyBytes: 2_000 });
    closing.push(behind.close);
    const { server } = await serve(behind.gateway);
    const socket = connect((server.address() as { port: number }).port, '127.0.0.1');
    const head = (line: string) => `${line} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${behind.key}\r\n`;
    socket.write(`${head('POST /v1/chat/completions')}${before}${'x'.repeat(3_000)}${after}`);
    socket.write(`${head('GET /v1/models')}connection: close\r\n\r\n`);
    let text = '';
    for await (const piece of socket) text += String(piece);
    expect(text.match(/HTTP\/1\.1 \d+/g)).toEqual(['HTTP/1.1 413', 'HTTP/1.1 200']);
    expect(text).toContain('request_too_large');
  });

  test.each([
    ['of a stranger', 401, 'napi-nobody', 100_000_000],
    ['above the limit', 413, 'KEY', 1_000],
  ])(
    '%s is answered in full where the client wants no other answer on its connection',
    async (_, status, key, most) => {
      const behind = await gatewayBehind({ maxBodyBytes: most });
      closing.push(behind.close);
      const { server } = await serve(behind.gateway);
      const { port } = server.address() as { port: number };
      for (const framing of FRAMINGS) {
        const { faults, text } = await uploadWhole(port, key === 'KEY' ? behind.key : key, framing);
        expect([faults, text.slice(0, 12)]).toEqual([[], `HTTP/1.1 ${status}`]);
        expect(text).toMatch(/"error":\{.*\}\}/s);
      }
    },
  );

  test('that never ends is cut off', async () => {
    const behind = await gatewayBehind({ maxBodyBytes: 1_000 });
    closing.push(behind.close);
    const { server } = await serve(behind.gateway);
    const socket = connect((server.address() as { port: number }).port, '127.0.0.1').on('error', () => {});
    const gone = new Promise<void>((resolve) => void socket.on('close', () => resolve()));
    socket.write(`POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${behind.key}\r\n`);
    socket.write(`content-length: ${1024 ** 4}\r\n\r\n`);
    const piece = Buffer.alloc(1024 * 1024);
    const push = () => {
      while (!socket.destroyed && socket.write(piece));
    };
    socket.on('drain', push).resume();
    push();
    await gone;
  });
});

describe('streams', () => {
  test('the head leaves before a first chunk that is slow', async () => {
    let release: () => void = () => {};
    const slow = new Promise<void>((resolve) => {
      release = resolve;
    });
    async function* body() {
      await slow;
      yield Buffer.from('late');
    }
    const { origin } = await serve(answering({ body: body() }));
    const response = await fetch(origin);
    expect(response.status).toBe(200);
    release();
    expect(await response.text()).toBe('late');
  });

  test('a client that reads slowly holds the source back', async () => {
    let produced = 0;
    let ended = false;
    async function* body() {
      try {
        for (; produced < 1_000; produced++) yield Buffer.alloc(1024 * 1024);
      } finally {
        ended = true;
      }
    }
    const { server } = await serve(answering({ body: body() }));
    const socket = connect((server.address() as { port: number }).port, '127.0.0.1').pause();
    socket.write('GET / HTTP/1.1\r\nhost: x\r\n\r\n');
    // The source stands still when the buffers in between are full.
    for (let before = -1; before !== produced || produced === 0; ) {
      before = produced;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(produced).toBeGreaterThan(0);
    expect(produced).toBeLessThan(200);
    socket.destroy();
    while (!ended) await new Promise((resolve) => setImmediate(resolve));
  });

  test('a source that fails after the head breaks the connection, so that nobody takes the rest for the whole', async () => {
    async function* body() {
      yield Buffer.from('first');
      throw new Error('the source failed');
    }
    const { origin } = await serve(answering({ body: body() }));
    await expect(fetch(origin).then((response) => response.text())).rejects.toThrow();
  });

  test.each(['HEAD', 'GET'])('a source that %s does not need is given back', async (method) => {
    let returned = false;
    const body: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: async () => ({ done: true, value: undefined }),
        return: async () => {
          returned = true;
          return { done: true, value: undefined };
        },
      }),
    };
    const { origin } = await serve(answering({ body, status: method === 'HEAD' ? 200 : 304 }));
    await send(origin, { method });
    expect(returned).toBe(true);
  });

  test('leave no listener behind on a connection', async () => {
    async function* body() {
      for (let i = 0; i < 50; i++) yield Buffer.alloc(64 * 1024);
    }
    const warnings: Error[] = [];
    const onWarning = (warning: Error) => void warnings.push(warning);
    process.on('warning', onWarning);
    const { origin, server } = await serve(async () => ({ status: 200, headers: {}, body: body() }));
    const counts: number[] = [];
    server.on('request', (req) => {
      counts.push(req.socket.eventNames().reduce((sum, name) => sum + req.socket.listenerCount(name), 0));
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    for (let i = 0; i < 20; i++) await send(origin, { agent });
    agent.destroy();
    process.off('warning', onWarning);
    expect(warnings).toEqual([]);
    expect(Math.max(...counts.slice(2))).toBe(counts[2]);
  });
});

test.each([204, 304])('%i has neither a body nor a length', async (status) => {
  const { origin } = await serve(answering({ status, body: 'not sent' }));
  const { headers, text } = await send(origin, {});
  expect(headers['content-length']).toBeUndefined();
  expect(text).toBe('');
});

test('HEAD tells the length of the body', async () => {
  const { origin } = await serve(answering({ body: 'four' }));
  const { headers, text } = await send(origin, { method: 'HEAD' });
  expect([headers['content-length'], text]).toEqual(['4', '']);
});

test('a handler that throws is a masked error of the server', async () => {
  const { origin } = await serve(() => Promise.reject(new Error('a secret')));
  const { status, text } = await send(origin, {});
  expect(status).toBe(500);
  expect(JSON.parse(text).error.code).toBe('internal_error');
  expect(text).not.toContain('secret');
});

test('a dashboard is mounted below a path', async () => {
  const paths: (string | undefined)[] = [];
  const { origin, close } = await listen(
    toNodeHandler(
      {
        async handle({ path, originalPath }) {
          paths.push(path, originalPath);
          return { status: 200, headers: {}, body: '' };
        },
      },
      { basePath: '/admin' },
    ),
  );
  closing.push(close);
  await fetch(`${origin}/admin/keys?x=1`);
  expect(paths).toEqual(['/keys?x=1', '/admin/keys?x=1']);
});
