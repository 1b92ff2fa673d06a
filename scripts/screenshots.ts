import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { memoryStore } from '../src/index.js';
import { chromiumPath, launchChromium, NO_CHROMIUM } from '../test/helpers/chromium.js';
import { sampleGateway } from '../test/helpers/dashboard-gateway.js';
import { startDashboardHost } from '../test/helpers/dashboard-host.js';
import { fillWithSamples } from './sample-accounts.js';

/** Another folder, for looking, may be named on the command line. */
const FOLDER = process.argv[2] ?? join(dirname(fileURLToPath(import.meta.url)), '..', 'docs', 'images');
const PAGES = [
  'home',
  'playground',
  'requests',
  'keys',
  'usage',
  'billing',
  'models',
  'quickstart',
  'operator/accounts',
  'operator/accounts/acme',
  'operator/promo-codes',
  'operator/usage',
  'operator/health',
];
const LOOKS = [
  { name: 'light', width: 1280, height: 900, colorScheme: 'light' },
  { name: 'dark', width: 1280, height: 900, colorScheme: 'dark' },
  { name: 'narrow', width: 380, height: 1100, colorScheme: 'light' },
] as const;

/**
 * Takes a picture of every page of the dashboard in every look into docs/images. It prints how long each page took until
 * its data was shown: the first with the load of the app, the others from a change of the address.
 */
async function main(): Promise<void> {
  const executable = chromiumPath();
  if (!executable) throw new Error(NO_CHROMIUM);
  mkdirSync(FOLDER, { recursive: true });
  const store = memoryStore();
  const clock = { now: Date.now() };
  const gateway = sampleGateway(store, () => clock.now);
  await fillWithSamples(gateway, store, clock);
  clock.now = Date.now();
  const host = await startDashboardHost(gateway, {
    topUpUrl: '/top-up',
    upgradeUrl: '/plans',
    baseURL: 'https://ai.acme.example/v1',
  });
  for (const look of LOOKS) {
    const browser = await launchChromium(executable, look);
    const page = await browser.context.newPage();
    await page.goto(`${host.url}/login?as=operator`);
    await page.goto('about:blank');
    const times: string[] = [];
    for (const path of PAGES) {
      const started = performance.now();
      await page.goto(`${host.url}/dashboard#/${path}`);
      await settled(page);
      times.push(`${path} ${Math.round(performance.now() - started)}`);
      if (path === 'playground') await chat(page);
      await save(page, `dashboard-${path.replaceAll('/', '-')}-${look.name}`);
    }
    await page.goto(`${host.url}/dashboard#/keys`);
    await page.getByRole('button', { name: 'Create key' }).first().click();
    await page.getByLabel('Name').fill('production');
    await save(page, `dashboard-create-key-${look.name}`);
    console.log(`${look.name}, ms until a page's data is shown: ${times.join(', ')}`);
    await browser.close();
  }
  await host.close();
  await gateway.close();
}

async function chat(page: Page): Promise<void> {
  await page.getByLabel('Message').fill('Say hello in one word.');
  await page.getByRole('button', { name: 'Send' }).click();
  await page.getByText('Hello!', { exact: true }).waitFor();
  await settled(page);
}

async function settled(page: Page): Promise<void> {
  await page.waitForSelector('h1');
  await page.waitForFunction(() => document.querySelector('[aria-busy]') === null);
  await page.mouse.move(0, 0);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
}

async function save(page: Page, name: string): Promise<void> {
  const picture = await page.screenshot({ animations: 'disabled' });
  writeFileSync(
    join(FOLDER, `${name}.png`),
    await sharp(picture).png({ palette: true, colours: 96, dither: 0, effort: 10 }).toBuffer(),
  );
}

await main();
