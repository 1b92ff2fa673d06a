import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeUpstream, fakeUpstream } from '../../src/testing/index.js';
import { eventually } from '../helpers/eventually.js';
import { freePort } from '../helpers/free-port.js';
import { NODE_24 } from '../runtimes/runtimes.js';
import { type App, appOf, type Started } from './app.js';
import { ask, askInPieces, Visitor } from './visitor.js';

const MODEL = 'gpt-4o-mini';
const NEXT = join('node_modules', 'next', 'dist', 'bin', 'next');

// `better-sqlite3` ships a binary for Node 22 and later; for Node 20 it would have to be compiled.
describe.skipIf(!existsSync(NODE_24))(
  'a new Next.js app with login and SQLite, made by docs/first-hour/nextjs.md',
  () => {
    let app: App;
    let upstream: FakeUpstream;

    beforeAll(async () => {
      upstream = await fakeUpstream();
      app = await appOf('docs/first-hour/nextjs.md', { path: dirname(NODE_24) });
      // The one change: a scripted OpenAI in place of the real one.
      const account = 'apiKey: process.env.OPENAI_API_KEY';
      const gateway = app.read('lib/gateway.ts');
      expect(gateway).toContain(account);
      app.write('lib/gateway.ts', gateway.replace(account, `${account}, baseURL: process.env.UPSTREAM`));
      app.write('tsconfig.json', '{}'); // `next build` writes what it wants into it
    });

    afterAll(async () => {
      await app?.remove();
      await upstream?.close();
    });

    const settings = () => ({
      OPENAI_API_KEY: 'sk-test',
      UPSTREAM: upstream.openai.baseURL,
      DATABASE_FILE: join(app.folder, 'gateway.db'),
    });

    async function start(command: 'dev' | 'start'): Promise<{ started: Started; origin: string }> {
      const port = await freePort();
      const origin = `http://localhost:${port}`;
      const args = [NEXT, command, '--port', String(port)];
      return { started: await app.start(NODE_24, args, settings(), origin), origin };
    }

    test('next build type-checks every file and builds', async () => {
      await app.run(NODE_24, [NEXT, 'build'], settings());
    });

    test('next start: sign in, promo code, key, answer, stream, usage, revocation', async () => {
      const { started, origin } = await start('start');
      const stranger = await fetch(`${origin}/dashboard`, { redirect: 'manual' });
      expect([stranger.status, stranger.headers.get('location')]).toEqual([302, '/']);

      await app.run('npx', ['metask-gateway', 'promo', 'create', 'HELLO', '5'], settings());
      const visitor = await Visitor.signedIn(origin, 'ada');
      expect(await visitor.page()).toContain('<!doctype html>');
      const { client, id } = await visitor.client();
      await expect(ask(client, MODEL)).rejects.toMatchObject({ status: 403, code: 'insufficient_balance' });
      await visitor.api('credits/redeem', { code: 'hello' });

      upstream.answer({ text: 'Good day.', usage: { input: 1_000, output: 1_000 } });
      expect(await ask(client, MODEL)).toBe('Good day.');
      expect(await askInPieces(client, MODEL)).toBe('Hello from openai.');
      const { data } = await visitor.api<{ data: { model: string; cost: string }[] }>('usage/events');
      expect(data.map(({ model }) => model)).toEqual([MODEL, MODEL]);
      expect(data.at(-1)?.cost).toBe('0.00075'); // 1,000 × $0.15 and 1,000 × $0.60 per million

      await visitor.api(`keys/${id}/revoke`, {});
      await expect(ask(client, MODEL)).rejects.toMatchObject({ status: 401 });
      await started.stop();
    });

    test('next dev: keys and money are those of before, changed models hold without a restart, the edge runtime is told', async () => {
      const { started, origin } = await start('dev');
      const visitor = await Visitor.signedIn(origin, 'ada');
      const { client } = await visitor.client();
      const ids = async () => (await client.models.list()).data.map(({ id }) => id);
      expect(await ask(client, MODEL)).toBe('Hello from openai.');
      expect(await ids()).not.toContain('gpt-4o');

      const gateway = app.read('lib/gateway.ts');
      app.write('lib/gateway.ts', gateway.replace("'gpt-4o-mini'", "'gpt-4o-mini', 'gpt-4o'"));
      await eventually(async () => (await ids()).includes('gpt-4o'), 120_000);
      expect(await ask(client, 'gpt-4o')).toBe('Hello from openai.');
      await started.stop();
    });
  },
);
