import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type FakeUpstream, fakeUpstream, gate } from '../../src/testing/index.js';
import { snippets } from '../docs/snippets.js';
import { freePort } from '../helpers/free-port.js';
import { type Nginx, nginxMissing, startNginx } from '../helpers/nginx.js';
import { type App, appOf, type Started } from './app.js';
import { ask, askInPieces, Visitor } from './visitor.js';

const PAGE = 'docs/first-hour/express.md';
const MODEL = 'gpt-4o-mini';
const NO_NGINX = nginxMissing();

describe.skipIf(NO_NGINX !== undefined)(`a new Express app behind nginx, made by ${PAGE}`, () => {
  let app: App;
  let upstream: FakeUpstream;
  let nginx: Nginx;
  let port: number;
  let server: Started;

  const start = () => {
    const env = {
      OPENAI_API_KEY: 'sk-test',
      UPSTREAM: upstream.openai.baseURL,
      PORT: String(port),
      DATABASE_FILE: join(app.folder, 'gateway.db'),
    };
    return app.start(process.execPath, ['--import', 'tsx', 'server.ts'], env, `http://127.0.0.1:${port}`);
  };

  beforeAll(async () => {
    upstream = await fakeUpstream();
    app = await appOf(PAGE);
    const account = 'apiKey: OPENAI_API_KEY';
    const code = app.read('server.ts');
    expect(code).toContain(account);
    app.write('server.ts', code.replace(account, `${account}, baseURL: process.env.UPSTREAM`));
    port = await freePort();
    server = await start();
    const locations = snippets.find(({ document, language }) => document === PAGE && language === 'nginx')?.code ?? '';
    expect(locations).toContain('127.0.0.1:3000');
    nginx = await startNginx(locations.replace('127.0.0.1:3000', `127.0.0.1:${port}`));
  });

  afterAll(async () => {
    await nginx?.stop();
    await app?.remove();
    await upstream?.close();
  });

  test('compiles in a strict project', async () => {
    await app.run('npx', ['tsc']);
  });

  test('sign in, payment, key, answer, stream and usage through nginx', async () => {
    const visitor = await Visitor.signedIn(nginx.origin, 'ada');
    expect(await visitor.page()).toContain('<!doctype html>');
    const { client } = await visitor.client();
    await expect(ask(client, MODEL)).rejects.toMatchObject({ status: 403, code: 'insufficient_balance' });

    // The payment provider delivers twice.
    for (let i = 0; i < 2; i++) {
      const response = await fetch(`${nginx.origin}/payments`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ id: 'pay_1', user: 'ada', amount: '10' }),
      });
      expect(response.status).toBe(204);
    }
    upstream.answer({ text: 'Good day.', usage: { input: 1_000, output: 1_000 } });
    expect(await ask(client, MODEL)).toBe('Good day.');
    expect((await visitor.api<{ balance: string }>('account')).balance).toBe('9.99925');

    const held = gate();
    upstream.answer({ text: ['Good ', held, 'day.'] });
    let text = '';
    const messages = [{ role: 'user' as const, content: 'Hi.' }];
    for await (const chunk of await client.chat.completions.create({ model: MODEL, messages, stream: true })) {
      text += chunk.choices[0]?.delta.content ?? '';
      if (text === 'Good ') held.open(); // so nginx has not collected it
    }
    expect(text).toBe('Good day.');
  });

  test('a prompt of 12 MB gets through nginx and past the parsers', async () => {
    const { client } = await (await Visitor.signedIn(nginx.origin, 'ada')).client();
    const content = 'x'.repeat(12 << 20);
    const answer = await client.chat.completions.create({ model: MODEL, messages: [{ role: 'user', content }] });
    expect(answer.choices).toHaveLength(1);
    let prompt = '';
    while (prompt !== content) ({ prompt } = await upstream.received()); // after those of the tests before
  });

  test('a deploy: SIGTERM lets a running stream end, the process ends by itself, the data is there afterwards', async () => {
    const { client } = await (await Visitor.signedIn(nginx.origin, 'ada')).client();
    const held = gate();
    upstream.answer({ text: ['Good ', held, 'day.'] });
    const stream = askInPieces(client, MODEL);
    await held.reached;
    const stopped = server.stop();
    held.open();
    expect(await stream).toBe('Good day.');
    expect(await stopped).toBe(0);

    server = await start();
    expect(await ask(client, MODEL)).toBe('Hello from openai.');
  });
});
