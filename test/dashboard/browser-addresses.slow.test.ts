import { beforeAll, expect, test } from 'vitest';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { dashboardBrowser, settled } from './browser.js';

const gateway = sampleGateway();
const { url, open, callGateway } = dashboardBrowser(gateway);

beforeAll(async () => {
  const { key } = await gateway.keys.create({ accountId: 'operator', name: 'server' });
  await callGateway(key);
});

/** Addresses that are cut off, old or made up, as links in tickets are. */
const PLACES = [
  ...['nowhere', 'home/x/y', '//', '?', 'keys/%E0%A4%A', 'keys/none', 'requests/..', 'requests/none'],
  ...['keys?sort=x&state=y&page=-5', 'keys?page=1e9', 'keys?page=NaN', 'keys?sort=name'],
  ...['requests?status=x', 'requests?utcDay=2026-13-45', 'requests?day=2026-99-99', 'requests?before=none'],
  ...['usage?range=custom&first=x&last=y', 'usage?range=custom&first=2026-02-28&last=9999-12-31', 'usage?range=x'],
  ...['usage?by=x', 'usage?by=__proto__', 'usage?by=constructor', 'usage?by=tag%3A%F0%9F%98%80'],
  ...['playground?model=none&with=none', 'models?can=x&search=%00', 'quickstart?for=x&model=none'],
  ...['operator/nowhere', 'operator/overview?range=x', 'operator/exports?month=2026-99', 'operator/exports?month=x'],
  ...['operator/accounts/nobody', 'operator/accounts?after=none&sort=x', 'operator/accounts/..'],
  ...['operator/promo-codes?before=none', 'operator/audit?accountId=nobody&before=none', 'operator/requests/..'],
];

test('an address that names nothing shows a page all the same, or says in words what is wrong with it', async () => {
  const { page, complaints } = await open('operator', 'home');
  for (const place of PLACES) {
    await page.goto('about:blank');
    await page.goto(`${url()}/dashboard#/${place}`);
    await settled(page).catch(() => expect.fail(`${place} shows no page`));
    expect([place, await page.getByText('This page could not be shown.').count()]).toEqual([place, 0]);
    for (const alert of await page.locator('main [role=alert]').allTextContents())
      expect([place, alert]).toEqual([place, expect.stringMatching(/\w/)]);
  }
  // What is not there is answered with 404, and what is wrong with 400; neither is a fault of the page.
  expect(complaints.filter((text) => !/status of 40[04]/.test(text))).toEqual([]);
  await page.close();
}, 240_000);
