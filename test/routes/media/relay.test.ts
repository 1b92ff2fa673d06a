import { createServer, type ServerResponse } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toNodeHandler } from '../../../src/http/node.js';
import { createGateway, type Gateway, openai } from '../../../src/index.js';
import { eventually } from '../../helpers/eventually.js';
import { type Listening, listen } from '../../helpers/listen.js';
import { closed, listening } from '../../helpers/replay-server.js';
import { testLogger } from '../../helpers/test-logger.js';

let answer: ServerResponse | undefined;
let gateway: Gateway;
let upstream: Listening;
let app: ReturnType<typeof createServer>;
let url: string;
let authorization: string;

beforeEach(async () => {
  answer = undefined;
  upstream = await listen((req, res) => {
    req.resume().on('end', () => {
      answer = res;
    });
  });
  const free = { input: 0, output: 0 };
  gateway = createGateway({
    providers: { openai: openai({ apiKey: 'sk-test', baseURL: `${upstream.origin}/v1` }) },
    models: {
      'tts-1': { provider: 'openai', price: { ...free, units: { character: '0.01' } } },
      'dall-e-3': { provider: 'openai', price: { ...free, units: { image: 0.04 } } },
    },
    plans: { pro: { models: '*', billing: 'prepaid' } },
    retries: { maxAttempts: 1 },
    logger: testLogger,
  });
  await gateway.credits.topUp({ accountId: 'ada', amount: '10', idempotencyKey: 'start' });
  const { key } = await gateway.keys.create({ accountId: 'ada', name: 'k' });
  authorization = `Bearer ${key}`;
  app = createServer(toNodeHandler(gateway));
  url = await listening(app);
});
afterEach(async () => {
  answer?.destroy();
  await closed(app);
  await gateway.close({ deadlineMs: 0 });
  await upstream.close();
});

function speak(): Promise<Response> {
  return post('/audio/speech', { model: 'tts-1', voice: 'alloy', input: 'Hello' });
}

function post(path: string, body: object): Promise<Response> {
  const headers = { authorization, 'content-type': 'application/json' };
  return fetch(url + path, { method: 'POST', headers, body: JSON.stringify(body) });
}

async function provider(): Promise<ServerResponse> {
  await eventually(() => answer !== undefined);
  return answer as ServerResponse;
}

const balance = async () => Number((await gateway.accounts.get('ada')).balance);

/** Reads until `length` bytes are there. */
async function read(reader: ReadableStreamDefaultReader<Uint8Array>, length: number): Promise<Buffer> {
  let all = Buffer.alloc(0);
  while (all.length < length) {
    const { done, value } = await reader.read();
    if (done) break;
    all = Buffer.concat([all, value]);
  }
  return all;
}

describe('sound', () => {
  test('reaches the client while the provider still speaks, all but the last byte of what is there', async () => {
    const asked = speak();
    const speaker = await provider();
    speaker.writeHead(200, { 'content-type': 'audio/mpeg' }).write('first');
    const response = await asked;
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('audio/mpeg');
    expect(response.headers.get('x-gateway-cost')).toBe('0.05');
    const reader = (response.body as ReadableStream<Uint8Array>).getReader();
    expect((await read(reader, 4)).toString()).toBe('firs');
    expect(await balance()).toBe(10);
    speaker.end(' last');
    expect((await read(reader, 6)).toString()).toBe('t last');
    expect(await balance()).toBe(9.95);
    expect((await reader.read()).done).toBe(true);
  });

  test('that breaks off does not end as if it were whole, and is paid', async () => {
    const asked = speak();
    const speaker = await provider();
    speaker.writeHead(200, { 'content-type': 'audio/mpeg' }).write('first');
    const response = await asked;
    speaker.destroy();
    await expect(response.arrayBuffer()).rejects.toThrow();
    await eventually(async () => (await balance()) === 9.95);
  });

  test('whose client leaves is paid', async () => {
    const asked = speak();
    const speaker = await provider();
    speaker.writeHead(200, { 'content-type': 'audio/mpeg' }).write('first');
    const response = await asked;
    await response.body?.cancel();
    await eventually(async () => (await balance()) === 9.95);
  });

  test('that never begins is an error of the usual form, and costs nothing', async () => {
    const asked = speak();
    (await provider())
      .writeHead(400, { 'content-type': 'application/json' })
      .end(JSON.stringify({ error: { message: 'No such voice.', type: 'invalid_request_error', param: 'voice' } }));
    const response = await asked;
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ error: { message: 'No such voice.', param: 'voice' } });
    expect(await balance()).toBe(10);
  });

  test('of no bytes is no answer', async () => {
    const asked = speak();
    (await provider()).writeHead(200, { 'content-type': 'audio/mpeg' }).end();
    expect((await asked).status).toBe(502);
    expect(await balance()).toBe(10);
  });
});

test('pictures that are priced by the picture are passed on as they come, too', async () => {
  const asked = post('/images/generations', { model: 'dall-e-3', prompt: 'A cat' });
  const painter = await provider();
  painter.writeHead(200, { 'content-type': 'application/json' }).write('{"data":[{"b64_json":"AAAA');
  const response = await asked;
  expect(response.headers.get('x-gateway-cost')).toBe('0.04');
  painter.end('"}]}');
  expect(await response.json()).toEqual({ data: [{ b64_json: 'AAAA' }] });
  expect(await balance()).toBe(9.96);
});
