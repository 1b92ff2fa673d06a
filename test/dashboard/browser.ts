import axe from 'axe-core';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach } from 'vitest';
import type { DashboardOptions } from '../../src/dashboard/index.js';
import type { ExchangeHandler } from '../../src/http/exchange.js';
import type { Gateway } from '../../src/index.js';
import { chromiumPath, launchChromium, NO_CHROMIUM } from '../helpers/chromium.js';
import { type DashboardHost, startDashboardHost } from '../helpers/dashboard-host.js';

/** Below the time of a test, so that what fails is the step that hangs, by its name. */
const STEP_MS = 20_000;

/** A page that is signed in, and what the browser complained about. */
export interface Opened {
  readonly page: Page;
  readonly complaints: string[];
}

/** A browser in front of a gateway's dashboard, for the tests of one file; without a Chromium they are passed by. */
export function dashboardBrowser(
  gateway: Gateway,
  options: Partial<DashboardOptions> = {},
  mounts: Readonly<Record<string, ExchangeHandler>> = {},
) {
  const executable = chromiumPath();
  let browser: { context: BrowserContext; close: () => Promise<void> } | undefined;
  let host: DashboardHost | undefined;
  const url = () => host?.url ?? '';

  beforeAll(async () => {
    if (executable) browser = await launchChromium(executable);
    host = await startDashboardHost(gateway, options, mounts);
  });
  afterAll(async () => {
    await browser?.close();
    await host?.close();
    await gateway.close();
  });
  beforeEach((ctx) => {
    if (!executable) ctx.skip(NO_CHROMIUM);
  });

  /** Signs in and opens a page; whatever the browser complains about is collected. */
  async function open(account: string, place = 'keys'): Promise<Opened> {
    if (!browser) throw new Error(NO_CHROMIUM);
    const page = await browser.context.newPage();
    page.setDefaultTimeout(STEP_MS);
    const complaints: string[] = [];
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(String(error)));
    page.on('dialog', (dialog) => {
      complaints.push(`script ran: ${dialog.message()}`);
      void dialog.dismiss();
    });
    await page.goto(`${url()}/login?as=${account}`);
    await page.goto(`${url()}/dashboard#/${place}`);
    await page.locator('h1').waitFor();
    return { page, complaints };
  }

  /** A first request with a key, over HTTP. */
  function callGateway(key: string): Promise<Response> {
    return fetch(`${url()}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: 'gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }] }),
    });
  }

  return { url, open, callGateway };
}

/** Waits until nothing of the page is awaited any more. */
export async function settled(page: Page): Promise<void> {
  await page.locator('h1').waitFor();
  await page.waitForFunction(() => document.querySelector('[aria-busy]') === null);
}

/**
 * What axe finds that is serious; it runs through the debugger, which the page's own content policy does not bind.
 *
 * @param rules all of them where none are named.
 */
export async function seriousFindings(page: Page, rules?: readonly string[]): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in globalThis))) await page.evaluate(axe.source);
  const { violations } = await page.evaluate(
    (names) =>
      (globalThis as unknown as { axe: { run: (options: object) => Promise<axe.AxeResults> } }).axe.run(
        names ? { runOnly: { type: 'rule', values: names } } : {},
      ),
    rules,
  );
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' ')}`);
}
