import type { RequestListener } from 'node:http';
import { createServer as createTcpServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, test } from 'vitest';
import { transportSuite } from '../../src/testing/index.js';
import { fetchTransport } from '../../src/upstream/fetch-transport.js';
import { readBytes, type Transport, type UpstreamResponse } from '../../src/upstream/transport.js';
import { undiciTransport } from '../../src/upstream/undici/transport.js';
import { eventually } from '../helpers/eventually.js';
import { type Listening, listen } from '../helpers/listen.js';
import { PROMPTLY_MS } from '../helpers/promptly.js';

const MEGABYTE = 1024 * 1024;
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

async function server(listener: RequestListener): Promise<Listening> {
  const listening = await listen(listener);
  closing.push(() => listening.close());
  return listening;
}

function send(transport: Transport, url: string, signal = new AbortController().signal): Promise<UpstreamResponse> {
  return transport.send({ method: 'POST', url, headers: { 'content-type': 'text/plain' }, body: 'hi', signal });
}

describe('the undici transport keeps the contract', () => {
  transportSuite(test, { create: () => undiciTransport({ connectMs: 2_000 }) });
});

describe('the fetch transport keeps the contract', () => {
  transportSuite(test, { create: () => fetchTransport(fetch) });
});

describe('the undici transport', () => {
  const create = () => {
    const transport = undiciTransport({ connectMs: 2_000 });
    closing.push(async () => transport.close?.());
    return transport;
  };

  test('uses a connection again when the rest of its answer was short, and cuts it when it never ends', async () => {
    const ports = new Set<number | undefined>();
    let closed = 0;
    const { origin } = await server((request, response) => {
      ports.add(request.socket.remotePort);
      response.once('close', () => {
        if (!response.writableFinished) closed += 1;
      });
      response.writeHead(200).write('begin');
      if (request.url === '/short') setImmediate(() => response.end('rest'));
    });
    const transport = create();
    for (let i = 0; i < 6; i += 1) {
      const { body } = await send(transport, `${origin}/short`);
      await body.read();
      body.discard();
      while ((await body.read()) !== undefined);
    }
    expect(ports.size).toBeLessThanOrEqual(2);
    const { body } = await send(transport, `${origin}/endless`);
    body.discard();
    await eventually(() => closed === 1);
  });

  test('knows that nothing was sent while the connection is being opened', async () => {
    // accepts, but never finishes the TLS handshake
    const tcp = createTcpServer((socket) => socket.on('error', () => {}).resume());
    await new Promise<void>((resolve) => tcp.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => tcp.close(resolve)));
    const { port } = tcp.address() as { port: number };
    const controller = new AbortController();
    const accepted = new Promise((resolve) => tcp.once('connection', resolve));
    const waiting = send(create(), `https://127.0.0.1:${port}/`, controller.signal);
    await accepted;
    controller.abort();
    await expect(waiting).rejects.toMatchObject({ fault: 'connect' });
  });

  test('refuses an encoding that it does not know', async () => {
    const { origin } = await server((_, response) => response.writeHead(200, { 'content-encoding': 'lzma' }).end('x'));
    await expect(send(create(), origin)).rejects.toMatchObject({ fault: 'lost' });
  });

  test('inflates only what is read', async () => {
    const bomb = gzipSync(Buffer.alloc(200 * MEGABYTE));
    const { origin } = await server((_, response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb));
    const response = await send(create(), origin);
    const before = process.memoryUsage().rss;
    await expect(readBytes(response.body, MEGABYTE, () => {})).rejects.toThrow(RangeError);
    expect(process.memoryUsage().rss - before).toBeLessThan(50 * MEGABYTE);
  });

  test('closes in time even when an answer never ends', async () => {
    const { origin } = await server((_, response) => response.writeHead(200).write('x'));
    const transport = create();
    const { body } = await send(transport, origin);
    const start = performance.now();
    await transport.close?.();
    expect(performance.now() - start).toBeLessThan(PROMPTLY_MS);
    await body.read();
    await expect(body.read()).rejects.toMatchObject({ name: 'TransportError' });
    await expect(send(transport, origin).then(() => 'opened again')).resolves.toBe('opened again');
  });
});

test('a fetch that gives up by itself is a timeout; one that takes no notice of its signal is cancelled', async () => {
  const failing = (code: string) =>
    fetchTransport(() => Promise.reject(new TypeError('fetch failed', { cause: { code } })));
  await expect(send(failing('UND_ERR_HEADERS_TIMEOUT'), 'http://x/')).rejects.toMatchObject({ fault: 'timeout' });
  await expect(send(failing('ERR_TLS_CERT_ALTNAME_INVALID'), 'http://x/')).rejects.toMatchObject({ fault: 'connect' });
  await expect(send(failing('ECONNRESET'), 'http://x/')).rejects.toMatchObject({ fault: 'lost' });
  let canceled = false;
  const body = new ReadableStream<Uint8Array>({
    cancel() {
      canceled = true;
    },
  });
  const controller = new AbortController();
  const response = await send(
    fetchTransport(async () => new Response(body)),
    'http://x/',
    controller.signal,
  );
  const reading = response.body.read();
  controller.abort();
  await expect(reading).rejects.toMatchObject({ fault: 'aborted' });
  expect(canceled).toBe(true);
});
