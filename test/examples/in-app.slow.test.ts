import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { REPOSITORY } from '../helpers/built-package.js';
import { chromiumPath, launchChromium, NO_CHROMIUM } from '../helpers/chromium.js';

const CHROMIUM = chromiumPath();
let app: ChildProcess;
let origin: string;

beforeAll(async () => {
  const { OPENAI_API_KEY, ...env } = process.env;
  const tsx = join(REPOSITORY, 'node_modules', 'tsx', 'dist', 'cli.mjs');
  app = spawn(process.execPath, [tsx, 'examples/in-app/server.ts'], {
    cwd: REPOSITORY,
    env: { ...env, PORT: '0' },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  for await (const piece of app.stdout ?? []) {
    output += String(piece);
    const printed = /page: (\S+)\/\n/.exec(output)?.[1];
    if (printed) {
      origin = printed;
      return;
    }
  }
  throw new Error(`the example ended early:\n${output}`);
}, 120_000);

afterAll(async () => {
  app.kill();
  if (app.exitCode === null && app.signalCode === null) await once(app, 'exit');
});

const post = (path: string, body: object, headers: Record<string, string> = {}) =>
  fetch(origin + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });

/** What the operator sees, without the counts. */
async function costs() {
  const rows = (await (await fetch(`${origin}/costs`)).json()) as Record<string, unknown>[];
  return rows.map(({ accountId, via, endUser, tags }) => ({ accountId, via, endUser, tags }));
}

test('a member chats through the app; nobody else does', async () => {
  expect((await post('/chat', { message: 'Hello!' })).status).toBe(401);
  const cookie = (await fetch(origin)).headers.get('set-cookie')?.split(';')[0] as string;
  const answer = await post('/chat', { message: 'Hello!' }, { cookie });
  expect(await answer.text()).toBe('Hello from openai.');
  expect(await costs()).toContainEqual({ accountId: 'alice', via: 'app', endUser: null, tags: { feature: 'chat' } });
});

test('the widget asks with a token of its own, which is good for the cheap model alone', async () => {
  const { token } = (await (await post('/widget/token', { visitor: 'visitor-1' })).json()) as { token: string };
  const headers = { authorization: `Bearer ${token}` };
  const messages = [{ role: 'user', content: 'Hello!' }];
  expect((await post('/v1/chat/completions', { model: 'gpt-4o-mini', messages }, headers)).status).toBe(200);
  expect((await post('/v1/chat/completions', { model: 'gpt-4o', messages }, headers)).status).toBe(404);
  const expected = { accountId: 'shop', via: 'session', endUser: 'visitor-1', tags: { feature: 'widget' } };
  expect(await costs()).toContainEqual(expected);
});

describe.skipIf(CHROMIUM === undefined)(`in a browser${CHROMIUM ? '' : `: ${NO_CHROMIUM}`}`, () => {
  test('both forms of the page show an answer', async () => {
    const browser = await launchChromium(CHROMIUM as string);
    try {
      const page = await browser.context.newPage();
      await page.goto(origin);
      await page.getByLabel('Your message').fill('Hello!');
      await page.getByRole('button', { name: 'Ask', exact: true }).click();
      await page.getByText('Hello from openai.').first().waitFor();
      await page.getByLabel('Your question').fill('Hello!');
      await page.getByRole('button', { name: 'Ask the widget' }).click();
      await page.getByLabel('Answer of the widget').getByText('Hello from openai.').waitFor();
      expect(await costs()).toContainEqual(expect.objectContaining({ via: 'session', endUser: 'visitor-7' }));
    } finally {
      await browser.close();
    }
  }, 90_000);
});
