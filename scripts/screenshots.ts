import { mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, loadavg } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import Database from 'libsql';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { script, start, styles } from '../src/dashboard/page-assets.js';
import { createGateway, type Logger } from '../src/index.js';
import { sqliteStore } from '../src/stores/sqlite/index.js';
import { chromiumPath, launchChromium, NO_CHROMIUM } from '../test/helpers/chromium.js';
import { type DashboardHost, startDashboardHost } from '../test/helpers/dashboard-host.js';
import { sampleOptions } from '../test/helpers/sample-options.js';
import { cpuOf, timeLoad, timeSwitch, watchPages } from './page-timing.js';
import { fillWithSamples } from './sample-accounts.js';
import { fillBusyAccount } from './sample-busy.js';

/**
 * Without a folder: the pictures of the documentation. With one: every page in every look and language, for looking; a
 * second word (`zh`, `dark`, `busy`) narrows what is taken.
 */
const [, , FOLDER, ONLY = ''] = process.argv;
const DOCS = join(dirname(fileURLToPath(import.meta.url)), '..', 'docs', 'images');
const TARGET = FOLDER ?? DOCS;
const ACCOUNT_PAGES = ['home', 'playground', 'requests', 'keys', 'usage', 'billing', 'models', 'quickstart'] as const;
const OPERATOR_PAGES = [
  'operator/overview',
  'operator/accounts',
  'operator/accounts/acme',
  'operator/requests',
  'operator/promo-codes',
  'operator/usage',
  'operator/health',
  'operator/exports',
  'operator/audit',
] as const;
/** Who looks: an operator with three keys, a new account, and one with a thousand keys and a year of usage. */
const ACCOUNTS: Readonly<Record<string, readonly string[]>> = {
  operator: [...ACCOUNT_PAGES, ...OPERATOR_PAGES],
  fresh: ACCOUNT_PAGES,
  busy: ACCOUNT_PAGES,
};
const LOOKS = [
  { name: 'light', width: 1280, height: 900, colorScheme: 'light' },
  { name: 'dark', width: 1280, height: 900, colorScheme: 'dark' },
  { name: 'narrow', width: 380, height: 1100, colorScheme: 'light' },
  { name: 'narrow-dark', width: 380, height: 1100, colorScheme: 'dark' },
] as const;
type Look = (typeof LOOKS)[number];
/** The provider of the samples counts more tokens than it sends, which is only a warning. */
const ERRORS: Logger = { debug() {}, info() {}, warn() {}, error: console.error };
/** How often each time is taken; the least of them is what the page needs on a machine that does nothing else. */
const ROUNDS = 5;

async function main(): Promise<void> {
  const executable = chromiumPath();
  if (!executable) throw new Error(NO_CHROMIUM);
  mkdirSync(TARGET, { recursive: true });
  const database = new Database(':memory:');
  const store = sqliteStore(database);
  const clock = { now: Date.now() };
  const gateway = createGateway({ ...sampleOptions(store, () => clock.now), logger: ERRORS });
  await fillWithSamples(gateway, store, clock);
  clock.now = Date.now();
  const busy = await fillBusyAccount(gateway, store, 'busy', clock);
  clock.now = Date.now();
  const host = await startDashboardHost(gateway, {
    topUpUrl: '/top-up',
    upgradeUrl: '/plans',
    baseURL: 'https://ai.acme.example/v1',
  });
  console.log(`scripts and styles: ${[start, script, styles].map(sizeOf).join(' + ')} bytes gzipped`);
  if (!ONLY || ONLY === 'times') await measure(executable, host, busy);
  for (const look of ONLY === 'times' ? [] : LOOKS) await takePictures(executable, host, look);
  await host.close();
  await gateway.close();
  database.close();
}

/**
 * Prints how long the pages of the busiest account take: the first with the load of the app, then every switch. Beside
 * each time stands what of it is work of the page's main thread.
 */
async function measure(executable: string, host: DashboardHost, requests: number): Promise<void> {
  const browser = await launchChromium(executable);
  const page = await browser.context.newPage();
  await watchPages(page);
  await page.goto(`${host.url}/login?as=busy`);
  const cpu = await cpuOf(page);
  const machine = `load ${loadavg()[0]?.toFixed(1)} on ${availableParallelism()} cores`;
  console.log(`an account with 1,000 keys and ${requests} requests; ms, the least of ${ROUNDS}; ${machine}:`);
  const least = new Map<string, number>();
  const note = (name: string, ms: number) => least.set(name, Math.min(ms, least.get(name) ?? ms));
  const shown = (name: string) => Math.round(least.get(name) ?? 0);
  for (const path of ACCOUNT_PAGES) {
    for (let round = 0; round < ROUNDS; round += 1) {
      const { paint, data } = await timeLoad(page, `${host.url}/dashboard#/${path}`);
      note(`paint of ${path}`, paint);
      note(`data of ${path}`, data);
      // A load from nowhere begins in a process of its own.
      note(`work for ${path}`, await cpu());
      const visit = await timeLoad(page, `${host.url}/dashboard#/${path}`, `${host.url}/app`);
      note(`visit of ${path}`, visit.data);
    }
  }
  const loads = ACCOUNT_PAGES.map(
    (path) => `${path} ${shown(`paint of ${path}`)}/${shown(`data of ${path}`)} (${shown(`work for ${path}`)} CPU)`,
  );
  console.log(`first paint / data of a cold load: ${loads.join(', ')}`);
  const visits = ACCOUNT_PAGES.map((path) => `${path} ${shown(`visit of ${path}`)}`);
  console.log(`data of a load from a page of the app: ${visits.join(', ')}`);
  const change = async (name: string, how: (to: string) => void, to: string) => {
    const before = await cpu();
    note(name, await timeSwitch(page, how, to));
    note(`work for ${name}`, (await cpu()) - before);
  };
  const presses = ['By key', '90 days', '24 hours', '30 days', 'By model'];
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const path of ACCOUNT_PAGES) await change(`to ${path}`, goTo, `#/${path}`);
    await timeSwitch(page, goTo, '#/usage');
    for (const text of presses) await change(text, press, text);
  }
  const switches = [...ACCOUNT_PAGES.map((path) => `to ${path}`), ...presses];
  console.log(
    `switches: ${switches.map((name) => `${name} ${shown(name)} (${shown(`work for ${name}`)} CPU)`).join(', ')}`,
  );
  await browser.close();
}

function goTo(hash: string): void {
  location.hash = hash;
}

/** Chooses one of the page's radio buttons. */
function press(text: string): void {
  const label = [...document.querySelectorAll('label')].find(({ textContent }) => textContent === text);
  label?.querySelector('input')?.click();
}

async function takePictures(executable: string, host: DashboardHost, look: Look): Promise<void> {
  const browser = await launchChromium(executable, look);
  const page = await browser.context.newPage();
  const [languages, accounts] = FOLDER ? [['en', 'zh'], Object.keys(ACCOUNTS)] : [['en'], ['operator']];
  if (!FOLDER && look.name === 'narrow-dark') return browser.close();
  for (const language of languages) {
    for (const account of accounts) {
      const name = (path: string) =>
        FOLDER
          ? `${account}-${language}-${look.name}-${path.replaceAll('/', '-')}`
          : `dashboard-${path.replaceAll('/', '-')}-${look.name}`;
      if (!name('').includes(ONLY)) continue;
      await page.goto(`${host.url}/login?as=${account}`);
      await page.evaluate((chosen) => {
        localStorage.setItem('ai-gateway-dashboard', JSON.stringify({ language: chosen, theme: 'system' }));
      }, language);
      await page.goto('about:blank');
      for (const path of ACCOUNTS[account] ?? []) {
        await page.goto(`${host.url}/dashboard#/${path}`);
        await settled(page);
        if (path === 'playground' && account === 'operator') await chat(page);
        await save(page, name(path));
      }
      if (account !== 'operator') continue;
      await page.goto(`${host.url}/dashboard#/keys`);
      await settled(page);
      await page.locator('.page-actions button').first().click();
      await page.locator('dialog input').first().fill('production');
      await save(page, name('create-key'));
    }
  }
  await browser.close();
}

async function chat(page: Page): Promise<void> {
  await page.locator('textarea').first().fill('Say hello in one word.');
  await page.locator('textarea').first().press('Enter');
  await page.getByText('Hello!', { exact: true }).waitFor();
  await settled(page);
}

async function settled(page: Page): Promise<void> {
  await page.waitForSelector('h1');
  await page.waitForFunction(() => document.querySelector('[aria-busy]') === null);
  await page.mouse.move(0, 0);
  await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
}

/** The pictures of the documentation are made small; those for looking are quick, and show the whole page. */
async function save(page: Page, name: string): Promise<void> {
  const picture = await page.screenshot({ animations: 'disabled', fullPage: FOLDER !== undefined });
  const small = () => sharp(picture).png({ palette: true, colours: 96, dither: 0, effort: 10 }).toBuffer();
  writeFileSync(join(TARGET, `${name}.png`), FOLDER ? picture : await small());
}

function sizeOf({ content }: { readonly content: string }): number {
  return gzipSync(content).byteLength;
}

await main();
