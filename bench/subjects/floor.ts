import { createServer } from 'node:http';
import { Pool } from 'undici';
import { serveSubject } from './subject.js';

/** Where each model's provider takes requests for chat; a stream of Gemini's has its own path. */
const PATHS: Readonly<Record<string, string>> = {
  anthropic: '/v1/messages',
  google: '/v1beta/models/bench:streamGenerateContent',
};

/** The least that any Node proxy does: read the request, send it on, send the answer back. No keys, no limits, no JSON. */
serveSubject(async ({ upstream, path, variant }) => {
  const pool = new Pool(upstream, { headersTimeout: 0, bodyTimeout: 0 });
  const server = createServer((req, res) => {
    const pieces: Buffer[] = [];
    req.on('data', (piece: Buffer) => pieces.push(piece));
    req.on('end', () => {
      const relayed = req.url === '/v1/messages' || req.url === '/v1/responses';
      const target = path + (relayed ? req.url : (PATHS[variant] ?? '/v1/chat/completions'));
      const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-bench' };
      void pool.request({ method: 'POST', path: target, headers, body: Buffer.concat(pieces) }).then((answer) => {
        res.writeHead(answer.statusCode, { 'content-type': String(answer.headers['content-type']) });
        answer.body.pipe(res);
      });
    });
  });
  return { server, headers: {} };
});
