import { afterAll, beforeAll, expect, test } from 'vitest';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { type Nginx, nginxMissing, startNginx } from '../helpers/nginx.js';
import { dashboardBrowser, settled } from './browser.js';

const NO_NGINX = nginxMissing();
const gateway = sampleGateway();
const { url, open } = dashboardBrowser(gateway, { baseURL: '/tools/ai/v1' });
let nginx: Nginx | undefined;

beforeAll(async () => {
  // As nginx does by default: the prefix is cut off, and the app is asked under a host name of its own.
  if (!NO_NGINX) nginx = await startNginx(`location /tools/ai/ { proxy_pass ${url()}/; }`);
});
afterAll(() => nginx?.stop());

test.skipIf(NO_NGINX).each(['/tools/ai/dashboard', '/tools/ai/dashboard/'])(
  'behind nginx at %s every link, read and write stays below the prefix',
  async (address) => {
    const { page, complaints } = await open('quickly', 'quickstart');
    const origin = nginx?.origin ?? '';
    await page.context().addCookies([{ name: 'session', value: `prefixed${address.length}`, url: origin }]);
    const outside: string[] = [];
    page.on('request', (request) => {
      if (!request.url().startsWith(`${origin}/tools/ai/dashboard`)) outside.push(request.url());
    });
    await page.goto(`${origin}${address}#/keys`);
    await page.getByRole('button', { name: 'Create key' }).first().click();
    await page.getByRole('dialog').getByLabel('Name').fill('behind a prefix');
    await page.getByRole('dialog').getByRole('button', { name: 'Create key' }).click();
    await page.getByText('never shown again').waitFor();
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('link', { name: 'behind a prefix' }).click();
    await page.getByRole('heading', { name: 'behind a prefix' }).waitFor();
    await page.getByRole('link', { name: 'Quickstart' }).click();
    await page.getByText(`${origin}/tools/ai/v1`, { exact: true }).waitFor();
    // A path of other software's making, which is answered with one below the prefix.
    await page.goto(`${origin}/tools/ai/dashboard/billing`);
    await settled(page);
    expect(new URL(page.url()).pathname).toMatch(/^\/tools\/ai\/dashboard\/?$/);
    await page.getByRole('heading', { name: 'Billing' }).waitFor();
    expect(outside).toEqual([]);
    expect(complaints).toEqual([]);
    await page.close();
  },
);
