import { deepEqual, equal } from 'node:assert/strict';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { type TransportCase, textOf } from './transport-samples.js';

const PIECES = ['Grüße ', 'aus ', '世界'];

async function* inPieces(): AsyncGenerator<Uint8Array> {
  for (const piece of PIECES) yield Buffer.from(piece);
}

/** Requests and their answers. */
export const sendCases: readonly TransportCase[] = [
  {
    name: 'a request arrives as it is, and its answer comes back',
    async run(subject) {
      const origin = await subject.serve((request, response) => {
        response.writeHead(201, { 'X-Said': `${request.method} ${request.url} ${request.headers['x-key']}` });
        request.pipe(response);
      });
      const headers = { 'x-key': 'secret' };
      const { status, headers: answered, body } = await subject.send(`${origin}/path?q=1`, { headers });
      deepEqual([status, answered['x-said'], await textOf(body)], [201, 'POST /path?q=1 secret', 'hi']);
    },
  },
  {
    name: 'a GET has no body',
    async run(subject) {
      const origin = await subject.serve((request, response) => {
        response.end(`${request.method} ${request.headers['content-length'] ?? 'none'}`);
      });
      const { signal } = new AbortController();
      const { body } = await subject.transport.send({ method: 'GET', url: origin, headers: {}, signal });
      equal(await textOf(body), 'GET none');
    },
  },
  {
    name: 'a body may be bytes, or come in pieces',
    async run(subject) {
      const origin = await subject.serve((request, response) => void request.pipe(response));
      const bytes = Buffer.from(PIECES.join(''));
      const whole = await subject.send(origin, { body: new Uint8Array(bytes) });
      equal(await textOf(whole.body), PIECES.join(''));
      const headers = { 'content-length': String(bytes.byteLength) };
      const pieces = await subject.send(origin, { headers, body: inPieces() });
      equal(await textOf(pieces.body), PIECES.join(''));
    },
  },
  {
    name: 'an error status is an answer like any other',
    async run(subject) {
      const origin = await subject.serve((_, response) => response.writeHead(503, { 'retry-after': '7' }).end('busy'));
      const { status, headers, body } = await subject.send(origin);
      deepEqual([status, headers['retry-after'], await textOf(body)], [503, '7', 'busy']);
    },
  },
  {
    name: 'no redirect is followed',
    async run(subject) {
      let asked = 0;
      const origin = await subject.serve((_, response) => {
        asked += 1;
        response.writeHead(asked === 1 ? 302 : 200, { location: '/elsewhere' }).end();
      });
      const { status, body } = await subject.send(origin);
      body.discard();
      deepEqual([status, asked], [302, 1]);
    },
  },
  {
    name: 'compressed answers are decoded',
    async run(subject) {
      const packed = { gzip: gzipSync('packed'), deflate: deflateSync('packed'), br: brotliCompressSync('packed') };
      for (const [encoding, bytes] of Object.entries(packed)) {
        const origin = await subject.serve((_, response) => {
          response.writeHead(200, { 'content-encoding': encoding }).end(bytes);
        });
        equal(await textOf((await subject.send(origin)).body), 'packed', encoding);
      }
    },
  },
  {
    name: 'an answer is read while it is still being sent',
    async run(subject) {
      let end = () => {};
      const origin = await subject.serve((_, response) => {
        response.writeHead(200).write('first');
        end = () => void response.end(' last');
      });
      const { body } = await subject.send(origin);
      const first = await subject.soon(body.read(), 'the first piece');
      equal(Buffer.concat(first ?? []).toString(), 'first');
      end();
      equal(await subject.soon(textOf(body), 'the rest'), ' last');
      equal(await subject.soon(body.read(), 'the end'), undefined);
    },
  },
];
