import type { IncomingHttpHeaders } from 'node:http';
import { Busboy } from '@fastify/busboy';
import express from 'express';
import type OpenAI from 'openai';
import { toExpressHandler } from '../../../src/http/express.js';
import { type Gateway, type GatewayOptions, type ModelOptions, openai } from '../../../src/index.js';
import { listen } from '../../helpers/listen.js';
import { testGateway } from '../../helpers/test-gateway.js';

/** One request that the provider got. */
export interface Received {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** JSON, or the texts of a form. */
  readonly fields: Record<string, unknown>;
  readonly files: { readonly field: string; readonly name: string; readonly type: string; readonly size: number }[];
}

/** What the provider answers. */
export interface ScriptedAnswer {
  readonly status?: number;
  readonly type?: string;
  readonly body: string | Uint8Array;
}

/** A gateway before a provider that reads forms as the real one does. */
export interface MediaSite {
  readonly gateway: Gateway;
  readonly client: OpenAI;
  readonly key: string;
  readonly origin: string;
  readonly received: Received[];
  /** What the provider answers; a function decides by the request. */
  answer: ScriptedAnswer | ((received: Received) => ScriptedAnswer);
  balance(): Promise<string>;
  close(): Promise<void>;
}

/** Starts one, with $10 on the account. */
export async function mediaSite(
  models: Readonly<Record<string, Omit<ModelOptions, 'provider'>>>,
  options: Partial<GatewayOptions> = {},
): Promise<MediaSite> {
  const received: Received[] = [];
  const upstream = await listen((req, res) => {
    const done = (fields: Record<string, unknown>, files: Received['files']) => {
      const got: Received = { path: req.url ?? '', headers: req.headers, fields, files };
      received.push(got);
      const answer = typeof site.answer === 'function' ? site.answer(got) : site.answer;
      const { status = 200, type = 'application/json', body } = answer;
      res.writeHead(status, { 'content-type': type }).end(body);
    };
    if (/multipart/.test(req.headers['content-type'] ?? '')) {
      const fields: Record<string, unknown> = {};
      const files: Received['files'] = [];
      const parser = new Busboy({ headers: { 'content-type': req.headers['content-type'] ?? '' } });
      parser.on('field', (name, value) => {
        fields[name] = value;
      });
      parser.on('file', (field, stream, name, _encoding, type) => {
        let size = 0;
        stream.on('data', (piece: Buffer) => {
          size += piece.length;
        });
        stream.on('end', () => files.push({ field, name, type, size }));
      });
      parser.on('finish', () => done(fields, files));
      req.pipe(parser);
      return;
    }
    let text = '';
    req.on('data', (piece) => {
      text += piece;
    });
    req.on('end', () => done(JSON.parse(text), []));
  });
  const { gateway, key, origin, client, close } = await testGateway(
    {
      providers: { openai: openai({ apiKey: 'sk-test', baseURL: `${upstream.origin}/v1` }) },
      models: Object.fromEntries(Object.entries(models).map(([id, model]) => [id, { provider: 'openai', ...model }])),
      plans: { pro: { models: '*', billing: 'prepaid' } },
      ...options,
    },
    { accountId: 'ada', balance: '10', serve: (served) => express().use('/v1', toExpressHandler(served)) },
  );
  const site: MediaSite = {
    gateway,
    client: client(),
    key,
    origin,
    received,
    answer: { body: '{}' },
    balance: async () => (await gateway.accounts.get('ada')).balance,
    async close() {
      await close();
      await upstream.close();
    },
  };
  return site;
}
