import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { createDashboard } from '../../src/dashboard/index.js';
import { sampleGateway } from '../helpers/dashboard-gateway.js';
import { testLogger } from '../helpers/test-logger.js';
import { dashboardClient } from './client.js';

const gateway = sampleGateway();
const client = dashboardClient(gateway);

async function pageAssets() {
  const page = await client.get('/', 'alice');
  const names = [...page.text.matchAll(/(?:src|href)="\.\/(app\.[^"]+)"/g)].map(([, name]) => name ?? '');
  return { page, names };
}

describe('every answer', () => {
  test.each([
    ['the page', '/', 'alice'],
    ['the page for nobody', '/', undefined],
    ['an API answer', '/api/account', 'alice'],
    ['an API refusal', '/api/account', undefined],
    ['an unknown path', '/nothing', 'alice'],
  ])('forbids framing, sniffing, foreign content and referrers: %s', async (_, path, account) => {
    const { headers } = await client.get(path, account);
    expect(headers['content-security-policy']).toMatch(/default-src 'self'/);
    expect(headers['content-security-policy']).toMatch(/frame-ancestors 'none'/);
    expect(headers['content-security-policy']).not.toMatch(/unsafe|https:|\*/);
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
    expect(headers['cache-control']).toBe('no-store');
  });

  test('of a script or style may be cached for ever, because its name has the hash of its content', async () => {
    const { names } = await pageAssets();
    expect(names).toEqual([
      expect.stringMatching(/^app\.[0-9a-f]{12}\.css$/),
      expect.stringMatching(/^app\.[0-9a-f]{12}\.js$/),
    ]);
    for (const name of names) {
      const { status, headers } = await client.get(`/${name}`);
      expect([status, headers['cache-control']]).toEqual([200, 'public, max-age=31536000, immutable']);
    }
  });

  test('of a script or style says nothing of compression: whoever serves the app does that', async () => {
    const { names } = await pageAssets();
    for (const name of names) {
      const { headers } = await client.get(`/${name}`, undefined, { 'accept-encoding': 'gzip, br' });
      expect(headers['content-encoding']).toBeUndefined();
    }
  });
});

describe('the page', () => {
  test('has no inline script or style, and nothing from elsewhere', async () => {
    const { page, names } = await pageAssets();
    expect(page.text).not.toMatch(/<script(?![^>]*\ssrc=)|<style|\son\w+=|\sstyle=/i);
    expect(page.text).not.toMatch(/https?:|\/\//);
    for (const name of names) {
      const { text } = await client.get(`/${name}`);
      expect(text).not.toMatch(/https?:\/\/(?!www\.w3\.org\/)/);
    }
  });

  test('weighs less than 110 kB gzipped in all', async () => {
    const { page, names } = await pageAssets();
    const files = [page, ...(await Promise.all(names.map((name) => client.get(`/${name}`))))];
    const sizes = files.map(({ bytes }) => gzipSync(bytes).byteLength);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(110_000);
  });

  test('escapes the title', async () => {
    const { text } = await dashboardClient(gateway, { title: '</title><script>alert(1)</script>' }).get('/', 'alice');
    expect(text).not.toContain('<script>alert');
  });

  test.each([
    ['/dashboard', './dashboard/app.'],
    ['/dashboard/', './app.'],
    ['/tools/ai?tab=1', './ai/app.'],
    [undefined, './app.'],
  ])('links relative to its own address: %s', async (originalPath, expected) => {
    const dashboard = createDashboard({ gateway, authenticate: () => 'alice' });
    const { body } = await dashboard.handle({
      method: 'GET',
      path: '/',
      ...(originalPath !== undefined && { originalPath }),
      headers: {},
      body: async () => new Uint8Array(),
      signal: new AbortController().signal,
    });
    expect(body).toContain(`src="${expected}`);
  });

  test('sends nobody to the login page, or answers 401 without one', async () => {
    const withLogin = await dashboardClient(gateway, { loginUrl: '/login' }).get('/');
    expect([withLogin.status, withLogin.headers['location']]).toEqual([302, '/login']);
    expect((await client.get('/')).status).toBe(401);
  });
});

describe('a write', () => {
  const write = (headers: Record<string, string | undefined>, options = {}) =>
    dashboardClient(gateway, options).post('/api/keys', 'csrf', { name: 'made by another site' }, headers);

  test.each([
    ['another origin', { origin: 'https://evil.example' }],
    ['another port', { origin: 'https://app.example:8443' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['a cross-site fetch', { 'sec-fetch-site': 'cross-site' }],
    ['a sibling subdomain', { 'sec-fetch-site': 'same-site', origin: undefined }],
    ['a lying origin', { 'sec-fetch-site': 'cross-site', origin: 'https://app.example' }],
  ])('from %s is refused and changes nothing', async (_, headers) => {
    const answer = await write(headers);
    expect([answer.status, answer.json<{ error: { code: string } }>().error.code]).toEqual([403, 'forbidden']);
    expect(await gateway.keys.list('csrf')).toEqual([]);
  });

  test('a refusal says and logs which hosts were compared', async () => {
    const warned: unknown[] = [];
    const warn = (fields: unknown) => warned.push(fields);
    const answer = await write(
      { host: 'internal:3000' },
      { logger: { debug() {}, info() {}, warn, error: testLogger.error } },
    );
    expect(answer.json<{ error: { message: string } }>().error.message).toMatch(
      /origin is https:\/\/app\.example .*this host is internal:3000.*allowedOrigins/,
    );
    expect(warned).toEqual([
      { origin: 'https://app.example', site: 'none', hosts: ['internal:3000'], path: '/api/keys' },
    ]);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', undefined])(
    'as %s is refused, because a form can send it',
    async (type) => {
      expect((await write({ 'content-type': type })).status).toBe(415);
      expect(await gateway.keys.list('csrf')).toEqual([]);
    },
  );

  test('from the page itself is taken, also behind a proxy that replaces the host', async () => {
    expect((await write({ 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    expect((await write({ host: 'internal:3000', 'x-forwarded-host': 'app.example' })).status).toBe(200);
    expect((await write({ host: 'internal:3000', 'sec-fetch-site': 'same-origin' })).status).toBe(200);
    const other = { origin: 'https://console.example', 'sec-fetch-site': 'cross-site' };
    expect((await write(other, { allowedOrigins: ['https://console.example'] })).status).toBe(200);
  });

  test('larger than 64 KiB is refused', async () => {
    const limits: number[] = [];
    const dashboard = createDashboard({ gateway, authenticate: () => 'alice' });
    await dashboard.handle({
      method: 'POST',
      path: '/api/keys',
      headers: { 'content-type': 'application/json' },
      body: async (limit) => {
        limits.push(limit);
        return new TextEncoder().encode('{}');
      },
      signal: new AbortController().signal,
    });
    expect(limits).toEqual([64 * 1024]);
  });

  test('by another method than the route has is 405 with the methods it has', async () => {
    const answer = await client.send('DELETE', '/api/keys/x', {
      'x-account': 'alice',
      'content-type': 'application/json',
    });
    expect([answer.status, answer.headers['allow']]).toEqual([405, 'GET, POST']);
  });
});

describe('createDashboard', () => {
  test.each([undefined, null, 'gateway'])('says that %j are no options', (options) => {
    expect(() => createDashboard(options as never)).toThrow('createDashboard: the options must be an object');
  });

  test('lists every problem of its options', () => {
    const options = {
      gateway: {},
      topUpUrl: 'javascript:alert(1)',
      billing: '//evil.example',
      loginUrl: 'data:text/html,x',
      colour: 'red',
    };
    expect(() => createDashboard(options as never)).toThrow(
      /colour.*gateway.*authenticate: required.*loginUrl.*topUpUrl.*billing/s,
    );
  });

  test('answers 500 without a word of the cause when the host fails to authenticate, and logs it', async () => {
    const logged: object[] = [];
    const broken = dashboardClient(gateway, {
      logger: { debug() {}, info() {}, warn() {}, error: (fields) => void logged.push(fields) },
      authenticate: () => {
        throw new Error('the database password is hunter2');
      },
    });
    const answer = await broken.get('/api/account', 'alice');
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain('hunter2');
    expect(JSON.stringify(logged)).toContain('hunter2');
  });
});
