import { beforeAll, expect, test } from 'vitest';
import { englishMessages } from '../../src/dashboard/index.js';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { dashboardBrowser, settled } from './browser.js';

/** Every text in marks, so that one that is written into the page itself stands out. */
const MARKED = Object.fromEntries(Object.entries(englishMessages).map(([id, text]) => [id, `⟦${text}⟧`]));
/** A host that has translated one text. */
const ARABIC = { 'nav.usage': 'الاستخدام' };

/** Names, which are the same in every language. */
const TOOLS = ['curl', 'Node.js', 'Python', 'AI SDK', 'Claude Code', 'Codex', 'LangChain', 'Cursor'];

const gateway = sampleGateway();
const { url, open, callGateway } = dashboardBrowser(gateway, { messages: { de: MARKED, ar: ARABIC } });

const PLACES = [
  ...['home', 'playground', 'requests', 'keys', 'usage', 'usage?by=tag%3A', 'billing', 'models', 'quickstart'],
  ...['operator/overview', 'operator/accounts', 'operator/accounts/operator', 'operator/requests'],
  ...['operator/promo-codes', 'operator/usage', 'operator/health', 'operator/exports'],
];

beforeAll(async () => {
  const accountId = 'operator';
  await gateway.accounts.setPlan(accountId, 'pro');
  await gateway.credits.topUp({ accountId, amount: '1234.5', idempotencyKey: 'x', note: 'Card ending 4242' });
  const { key, record } = await gateway.keys.create({ accountId, name: 'server' });
  await gateway.promoCodes.create({ code: 'WELCOME', amount: '5' });
  const id = (await callGateway(key)).headers.get('x-request-id') ?? '';
  PLACES.push(`keys/${record.id}`, `requests/${id}`);
});

async function openIn(language: string) {
  const opened = await open('operator');
  await opened.page.evaluate((chosen) => {
    localStorage.setItem('ai-gateway-dashboard', JSON.stringify({ language: chosen, theme: 'system' }));
  }, language);
  await opened.page.reload();
  return opened;
}

test('a language of the host’s own is on every page whole: no text of the page stands outside of it', async () => {
  const { page, complaints } = await openIn('de');
  const found: [place: string, texts: string[]][] = [];
  for (const place of PLACES) {
    await page.goto(`${url()}/dashboard#/${place}`);
    await settled(page);
    const outside = await page.evaluate((tools) => {
      const texts: string[] = [];
      // What is data, code, or made by the browser's own Intl.
      const data = 'code, pre, bdi, time, option, dd, .badge, .brand, .account-name, .numeric, svg';
      const walker = document.createTreeWalker(document.getElementById('app') ?? document.body, NodeFilter.SHOW_TEXT);
      for (let node = walker.nextNode(); node; node = walker.nextNode()) {
        const text = node.textContent ?? '';
        const isData = node.parentElement?.closest(data) || tools.includes(text);
        if (/\p{L}{3,}/u.test(text) && !/[⟦⟧]/.test(text) && !isData) texts.push(text);
      }
      for (const element of document.querySelectorAll('[aria-label], [placeholder], [title]'))
        for (const name of ['aria-label', 'placeholder', 'title']) {
          const text = element.getAttribute(name) ?? '';
          if (/\p{L}{3,}/u.test(text) && !/[⟦⟧]/.test(text) && !element.closest('bdi, .account-name')) texts.push(text);
        }
      return texts;
    }, TOOLS);
    if (outside.length > 0) found.push([place, outside]);
  }
  expect(found).toEqual([]);
  expect(await page.evaluate(() => [document.documentElement.lang, document.documentElement.dir])).toEqual([
    'de',
    'ltr',
  ]);
  expect(complaints).toEqual([]);
  await page.close();
}, 240_000);

test('amounts and dates are written as the language does, in the visitor’s own time zone', async () => {
  const { page } = await openIn('de');
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setTimezoneOverride', { timezoneId: 'Asia/Shanghai' });
  await page.goto(`${url()}/dashboard#/billing`);
  await page.reload();
  await settled(page);
  await page.getByText('1.234,50', { exact: false }).first().waitFor();
  await page.goto(`${url()}/dashboard#/requests`);
  await settled(page);
  const time = page.locator('tbody time').first();
  const shanghai = new Intl.DateTimeFormat('de', {
    dateStyle: 'medium',
    timeStyle: 'medium',
    timeZone: 'Asia/Shanghai',
  });
  const at = (await time.getAttribute('datetime')) ?? '';
  expect(await time.textContent()).toBe(shanghai.format(new Date(at)));
  await page.close();
});

test('a language that runs from right to left turns the page around, falls back to English text by text, and is no wider', async () => {
  const { page, complaints } = await openIn('ar');
  for (const place of PLACES) {
    await page.goto(`${url()}/dashboard#/${place}`);
    await settled(page);
    for (const width of [1280, 380]) {
      await page.setViewportSize({ width, height: 860 });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(overflow, `${place} at ${width} px`).toBeLessThanOrEqual(0);
    }
  }
  await page.setViewportSize({ width: 1280, height: 860 });
  await page.getByRole('link', { name: 'الاستخدام' }).waitFor();
  await page.getByRole('link', { name: 'Billing' }).waitFor();
  expect(await page.evaluate(() => document.documentElement.dir)).toBe('rtl');
  const [side, main] = await Promise.all([page.locator('.side').boundingBox(), page.locator('.main').boundingBox()]);
  expect(side && main && side.x >= main.x + main.width - 1).toBe(true);
  expect(complaints).toEqual([]);
  await page.close();
}, 240_000);
