import { createServer, type IncomingMessage, type RequestListener, type Server, type ServerResponse } from 'node:http';
import { Pool } from 'undici';
import { type SubjectOptions, serveSubject } from './subject.js';

/** Where each model's provider takes requests for chat; a stream of Gemini's has its own path. */
const PATHS: Readonly<Record<string, string>> = {
  anthropic: '/v1/messages',
  google: '/v1beta/models/bench:streamGenerateContent',
};

/** The least that any Node proxy does: read the request, send it on, send the answer back. No keys, no limits, no JSON. */
serveSubject(async ({ upstream, path, variant, framework }) => {
  const pool = new Pool(upstream, { headersTimeout: 0, bodyTimeout: 0 });
  const relay = (req: IncomingMessage, res: ServerResponse, body: Buffer) => {
    const relayed = req.url === '/v1/messages' || req.url === '/v1/responses';
    const target = path + (relayed ? req.url : (PATHS[variant] ?? '/v1/chat/completions'));
    const headers = { 'content-type': 'application/json', authorization: 'Bearer sk-bench' };
    void pool.request({ method: 'POST', path: target, headers, body }).then((answer) => {
      res.writeHead(answer.statusCode, { 'content-type': String(answer.headers['content-type']) });
      answer.body.pipe(res);
    });
  };
  return { server: await serverFor(framework, relay), headers: {} };
});

type Relay = (req: IncomingMessage, res: ServerResponse, body: Buffer) => void;

async function serverFor(framework: SubjectOptions['framework'], relay: Relay): Promise<Server> {
  const read = (req: IncomingMessage, res: ServerResponse) => {
    const pieces: Buffer[] = [];
    req.on('data', (piece: Buffer) => pieces.push(piece));
    req.on('end', () => relay(req, res, Buffer.concat(pieces)));
  };
  if (framework === 'express') {
    const { default: express } = await import('express');
    const app = express();
    app.use(read);
    return createServer(app);
  }
  return framework === 'fastify' ? onFastify(relay) : createServer(read);
}

async function onFastify(relay: Relay): Promise<Server> {
  const { default: fastify } = await import('fastify');
  let server: Server | undefined;
  const app = fastify({ serverFactory: (listener: RequestListener) => (server = createServer(listener)) });
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('*', { parseAs: 'buffer' }, (_req, body, done) => done(null, body));
  app.post('*', (req, reply) => {
    reply.hijack();
    relay(req.raw, reply.raw, req.body as Buffer);
  });
  await app.ready();
  return server as Server;
}
