import { describe, expect, test } from 'vitest';
import { createDashboard } from '../../src/dashboard/index.js';
import { sampleGateway } from '../helpers/dashboard-gateway.js';

const gateway = sampleGateway();
const dashboard = createDashboard({
  gateway,
  authenticate: ({ raw }) => (raw instanceof Request ? raw.headers.get('x-account') : null),
});

const request = (path: string, init: RequestInit = {}) =>
  dashboard.fetch(
    new Request(`https://app.example${path}`, { ...init, headers: { 'x-account': 'alice', ...init.headers } }),
  );

describe.each(['', '/dashboard', '/api/dashboard', '/a/b/api'])('dashboard.fetch mounted at "%s"', (mount) => {
  test('serves the page, and its files where the page links to them', async () => {
    for (const address of [mount || '/', `${mount}/`]) {
      const page = await request(address);
      expect(page.status).toBe(200);
      const link = /src="([^"]+)"/.exec(await page.text())?.[1] ?? '';
      const { pathname } = new URL(link, `https://app.example${address}`);
      expect((await request(pathname)).headers.get('content-type')).toBe('text/javascript; charset=utf-8');
    }
  });

  test('serves the API', async () => {
    const account = await request(`${mount}/api/account`);
    expect(await account.json()).toMatchObject({ id: 'alice', plan: 'free' });
    const limited = await request(`${mount}/api/credits?limit=0`);
    expect(limited.status).toBe(400);
  });

  test('takes writes from its own origin only', async () => {
    const post = (origin: string) =>
      request(`${mount}/api/credits/redeem`, {
        method: 'POST',
        headers: { origin, 'content-type': 'application/json' },
        body: '{"code":"NOPE"}',
      });
    expect((await post('https://app.example')).status).toBe(404);
    expect((await post('https://evil.example')).status).toBe(403);
  });
});
