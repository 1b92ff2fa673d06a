import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import OpenAI from 'openai';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { buildPackage, REPOSITORY } from '../helpers/built-package.js';
import { chromiumPath, launchChromium, NO_CHROMIUM } from '../helpers/chromium.js';
import { eventually } from '../helpers/eventually.js';
import { freePort } from '../helpers/free-port.js';

const APP = join(REPOSITORY, 'examples', 'saas');
const NEXT = join(REPOSITORY, 'node_modules', 'next', 'dist', 'bin', 'next');

const CHROMIUM = chromiumPath();

describe.skipIf(CHROMIUM === undefined)(`examples/saas in a browser${CHROMIUM ? '' : `: ${NO_CHROMIUM}`}`, () => {
  let app: ChildProcess;
  let origin: string;
  let browser: Awaited<ReturnType<typeof launchChromium>>;
  let page: Page;
  let folder: string;
  /** What the app has printed. */
  let output = '';

  beforeAll(async () => {
    await buildPackage();
    // What `npm install` in the example would do, with this package in place of the published one.
    const link = join(APP, 'node_modules', 'metask-gateway');
    mkdirSync(join(APP, 'node_modules'), { recursive: true });
    rmSync(link, { recursive: true, force: true });
    symlinkSync(join('..', '..', '..'), link);
    folder = mkdtempSync(join(tmpdir(), 'saas-'));
    const port = await freePort();
    origin = `http://localhost:${port}`;
    const { VITEST, OPENAI_API_KEY, STRIPE_SECRET_KEY, ...rest } = process.env;
    const env = {
      ...rest,
      NODE_ENV: 'production' as const,
      NEXT_TELEMETRY_DISABLED: '1',
      APP_URL: origin,
      DATABASE_FILE: join(folder, 'saas.db'),
      LOW_BALANCE: '0.9999999', // reached by the first request
    };
    await promisify(execFile)(process.execPath, [NEXT, 'build'], { cwd: APP, env });
    app = spawn(process.execPath, [NEXT, 'start', '--port', String(port)], {
      cwd: APP,
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    app.stdout?.on('data', (piece) => {
      output += String(piece);
    });
    browser = await launchChromium(CHROMIUM as string);
    page = await browser.context.newPage();
    await eventually(
      async () =>
        fetch(origin).then(
          ({ ok }) => ok,
          () => false,
        ),
      60_000,
    );
  }, 400_000);

  afterAll(async () => {
    await browser?.close();
    app?.kill();
    if (app && app.exitCode === null) await once(app, 'exit');
    rmSync(folder, { recursive: true, force: true });
  });

  test('from sign-up to the first paid request: credit, key, top-up by card, subscription', async () => {
    await page.goto(origin);
    await page.getByLabel('E-mail').fill('ada@example.com');
    await page.getByLabel('Password').fill('correct horse battery');
    await page.getByRole('button', { name: 'Sign up' }).click();
    await page.waitForURL('**/dashboard**');
    const key = await newKey(page);
    const client = new OpenAI({ apiKey: key, baseURL: `${origin}/v1`, maxRetries: 0 });
    const messages = [{ role: 'user' as const, content: 'Hi' }];
    const answer = await client.chat.completions.create({ model: 'gpt-4o-mini', messages });
    expect(answer.choices[0]?.message.content).toBeTruthy();
    await expect(client.chat.completions.create({ model: 'gpt-4o', messages })).rejects.toThrow(/403/);
    await eventually(() => output.includes('mail to ada@example.com: Your balance is low'));

    await page.getByRole('link', { name: 'Billing' }).click();
    await page.getByRole('button', { name: 'Add $25.00' }).click();
    await payOnStripe(page);
    await page
      .getByRole('table', { name: 'Receipts' })
      .getByRole('row', { name: /\$25\.00/ })
      .waitFor();
    await page.getByRole('button', { name: 'Turn on' }).click();
    await page.getByText('Auto-reload is on.').waitFor();
    await page.getByRole('button', { name: 'Choose pro' }).click();
    await payOnStripe(page);
    await page.getByText('Renews on').waitFor();
    await page.getByRole('button', { name: 'Cards and invoices' }).click();
    await page.getByText('customer portal').waitFor();
    await page.getByRole('link', { name: 'Back' }).click();
    await page.getByRole('heading', { name: 'Billing' }).waitFor();

    await client.chat.completions.create({ model: 'gpt-4o', messages });
    await page.goto(origin);
    const balance = await page.getByTestId('balance').textContent();
    expect(balance).toMatch(/^\$25\.99\d+ left on plan pro$/);
  }, 120_000);
});

/** Makes a key in the dashboard; it is shown there once. */
async function newKey(page: Page): Promise<string> {
  await page.getByRole('link', { name: 'API keys' }).click();
  await page.getByRole('button', { name: 'Create key' }).first().click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel('Name').fill('laptop');
  await dialog.getByRole('button', { name: 'Create key' }).click();
  const key = await dialog.locator('.secret code').textContent();
  await dialog.getByRole('button', { name: 'Done' }).click();
  return key ?? '';
}

/** Presses "Pay" on the page of the stand-in for Stripe, which leads back to Billing. */
async function payOnStripe(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Pay' }).click();
  await page.getByRole('heading', { name: 'Billing' }).waitFor();
}
