import { gzipSync } from 'node:zlib';
import compression from 'compression';
import express5 from 'express';
import express4 from 'express4';
import { afterEach, describe, expect, test } from 'vitest';
import { toExpressHandler } from '../../src/http/express.js';
import { gate } from '../../src/testing/index.js';
import { type GatewayBehind, gatewayBehind } from '../helpers/gateway-behind.js';
import { type Listening, listen } from '../helpers/listen.js';
import { loggedErrors } from '../helpers/test-logger.js';
import { adapterTests, clientAt } from './shared.js';

const CHAT = { model: 'gpt-4o-mini', messages: [{ role: 'user' as const, content: 'Grüße!' }] };

for (const [version, express] of [
  [4, express4],
  [5, express5],
] as const) {
  adapterTests({
    name: `Express ${version}`,
    mounts: ['/v1', '/ai', '/ai/v1', '/tenants/t1/api/ai'],
    seesRepeatedHeaders: true,
    async start() {
      const behind = await gatewayBehind();
      const handler = toExpressHandler(behind.gateway);
      const app = express();
      const inner = express.Router();
      inner.use('/ai', handler);
      const outer = express.Router();
      outer.use('/api', inner);
      app.use('/tenants/:tenant', outer);
      app.use('/v1', handler);
      app.use('/ai', handler);
      const { origin, close } = await listen(app);
      return {
        ...behind,
        origin,
        async close() {
          await close();
          await behind.close();
        },
      };
    },
  });

  describe(`Express ${version} with middleware before the gateway`, () => {
    let behind: GatewayBehind;
    let listening: Listening;

    async function serve(prepare: (app: express5.Express) => void): Promise<string> {
      behind = await gatewayBehind();
      const app = express();
      prepare(app);
      app.use('/v1', toExpressHandler(behind.gateway));
      listening = await listen(app);
      return `${listening.origin}/v1`;
    }

    afterEach(async () => {
      await listening.close();
      await behind.close();
    });

    test.each([
      ['express.json()', () => express.json()],
      ['express.text()', () => express.text({ type: 'application/json' })],
      ['express.raw()', () => express.raw({ type: 'application/json' })],
      ['a parser of another content type', () => express.urlencoded({ extended: true })],
    ])('takes the body that %s has read, or reads it itself', async (_name, parser) => {
      const baseURL = await serve((app) => app.use(parser()));
      const { choices } = await clientAt(baseURL, behind.key).chat.completions.create(CHAT);
      expect(choices).toHaveLength(1);
      expect((await behind.upstream.received()).prompt).toBe('Grüße!');
    });

    test('takes a body that the app has inflated', async () => {
      const baseURL = await serve((app) => app.use(express.json()));
      const response = await fetch(`${baseURL}/chat/completions`, {
        method: 'POST',
        headers: {
          authorization: `Bearer ${behind.key}`,
          'content-type': 'application/json',
          'content-encoding': 'gzip',
        },
        body: new Uint8Array(gzipSync(JSON.stringify(CHAT))),
      });
      expect(response.status).toBe(200);
    });

    test('answers errors of a body that was parsed before', async () => {
      const baseURL = await serve((app) => app.use(express.json()));
      const error = await clientAt(baseURL, behind.key)
        .chat.completions.create({ ...CHAT, model: 7 as unknown as string })
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ status: 400, param: 'model' });
    });

    test('a body that something read and kept is the fault of the host, not of the client', async () => {
      const baseURL = await serve((app) =>
        app.use((req, _res, next) => {
          req.resume().on('end', () => next());
        }),
      );
      const error = await clientAt(baseURL, behind.key)
        .chat.completions.create(CHAT)
        .catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ status: 500, code: 'internal_error' });
      expect(loggedErrors()).toEqual(['a request failed']);
    });

    test('compression() does not hold a stream back', async () => {
      const baseURL = await serve((app) => app.use(compression({ threshold: 0 })));
      const held = gate();
      behind.upstream.answer({ text: ['Good ', held, 'day.'] });
      const stream = await clientAt(baseURL, behind.key).chat.completions.create({ ...CHAT, stream: true });
      let text = '';
      for await (const chunk of stream) {
        text += chunk.choices[0]?.delta.content ?? '';
        if (text === 'Good ') held.open();
      }
      expect(text).toBe('Good day.');
    });

    test('compression() compresses a whole answer', async () => {
      const baseURL = await serve((app) => app.use(compression({ threshold: 0 })));
      const { data, response } = await clientAt(baseURL, behind.key).chat.completions.create(CHAT).withResponse();
      expect(response.headers.get('content-encoding')).toMatch(/^(?:gzip|br|deflate)$/);
      expect(data.choices).toHaveLength(1);
    });

    test('headers that the app has set are kept', async () => {
      const baseURL = await serve((app) =>
        app.use((_req, res, next) => {
          res.setHeader('access-control-allow-origin', '*');
          next();
        }),
      );
      const { response } = await clientAt(baseURL, behind.key).models.list().withResponse();
      expect(response.headers.get('access-control-allow-origin')).toBe('*');
    });

    test('an answer that the app has sent meanwhile stays as it is', async () => {
      const before = gate();
      const baseURL = await serve((app) =>
        app.use((_req, res, next) => {
          next();
          void before.reached.then(() => res.status(503).send('Out of patience.'));
        }),
      );
      behind.upstream.answer({ before });
      const answer = await fetch(`${baseURL}/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${behind.key}`, 'content-type': 'application/json' },
        body: JSON.stringify(CHAT),
      });
      expect([answer.status, await answer.text()]).toEqual([503, 'Out of patience.']);
      before.open();
    });

    test('a fault that is no answer goes to the error handler of the app', async () => {
      const app = express();
      const fault = new Error('not an answer');
      const broken = { handle: () => Promise.reject(fault) };
      app.use('/v1', toExpressHandler(broken));
      const seen: unknown[] = [];
      app.use((error: unknown, _req: express5.Request, res: express5.Response, _next: express5.NextFunction) => {
        seen.push(error);
        res.status(500).send('The page of the app.');
      });
      behind = await gatewayBehind();
      listening = await listen(app);
      const answer = await fetch(`${listening.origin}/v1/models`);
      expect(await answer.text()).toBe('The page of the app.');
      expect(seen).toEqual([fault]);
    });

    test('the rest of the app works as before', async () => {
      await serve((app) => app.get('/', (_req, res) => void res.send('home')));
      expect(await (await fetch(listening.origin)).text()).toBe('home');
    });
  });
}
