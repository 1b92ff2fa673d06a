import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import fastify from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createDashboard } from '../../src/dashboard/index.js';
import { toExpressHandler } from '../../src/http/express.js';
import { gatewayPlugin } from '../../src/http/fastify.js';
import { toNextHandlers } from '../../src/http/next.js';
import { toNodeHandler } from '../../src/http/node.js';
import { sampleGateway } from '../helpers/dashboard-gateway.js';

const dashboard = createDashboard({
  gateway: sampleGateway(),
  authenticate: ({ headers }) => headers['x-account'] as string,
});

interface Mounted {
  readonly fetch: (path: string, init?: RequestInit) => Promise<Response>;
  readonly close: () => Promise<void>;
}

async function overHttp(server: Server): Promise<Mounted> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    fetch: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init),
    close: () => new Promise((resolve) => void server.close(() => resolve())),
  };
}

const mounts: Record<string, () => Promise<Mounted>> = {
  Express: () => overHttp(createServer(express().use('/dashboard', toExpressHandler(dashboard)))),
  'Express behind express.json()': () =>
    overHttp(createServer(express().use(express.json()).use('/dashboard', toExpressHandler(dashboard)))),
  'node:http': () => overHttp(createServer(toNodeHandler(dashboard, { basePath: '/dashboard' }))),
  Fastify: async () => {
    const app = fastify();
    await app.register(gatewayPlugin, { gateway: dashboard, prefix: '/dashboard' });
    await app.listen({ port: 0, host: '127.0.0.1' });
    const { port } = app.server.address() as AddressInfo;
    return { fetch: (path, init) => fetch(`http://127.0.0.1:${port}${path}`, init), close: () => app.close() };
  },
  'Next.js': async () => {
    const { GET, POST } = toNextHandlers(dashboard);
    return {
      async fetch(path, init) {
        const request = new Request(`https://app.example${path}`, init);
        const caught = new URL(request.url).pathname.split('/').slice(2).filter(Boolean);
        const context = { params: Promise.resolve(caught.length > 0 ? { path: caught } : {}) };
        return (request.method === 'POST' ? POST : GET)(request, context);
      },
      close: async () => {},
    };
  },
};

describe.each(Object.entries(mounts))('mounted in %s', (_, mount) => {
  let app: Mounted;
  beforeAll(async () => {
    app = await mount();
  });
  afterAll(() => app.close());

  test.each(['/dashboard', '/dashboard/'])('the page at %s finds its files', async (address) => {
    const page = await app.fetch(address, { headers: { 'x-account': 'alice' } });
    expect(page.status).toBe(200);
    const links = [...(await page.text()).matchAll(/(?:src|href)="(\.[^"]+)"/g)].map(([, link]) => link ?? '');
    expect(links).toHaveLength(3);
    for (const link of links) {
      const file = await app.fetch(new URL(link, `http://app.example${address}`).pathname);
      expect([link, file.status]).toEqual([link, 200]);
    }
  });

  test('a path of a page leads to the page', async () => {
    const headers = { 'x-account': 'alice' };
    for (const [path, place] of [
      ['billing', '#/billing'],
      ['requests/req_1', '#/requests/req_1'],
    ]) {
      const { status, headers: answered } = await app.fetch(`/dashboard/${path}`, { headers, redirect: 'manual' });
      expect(status).toBe(302);
      const location = new URL(answered.get('location') ?? '', `https://app.example/dashboard/${path}`);
      expect(location.href).toBe(`https://app.example/dashboard/${place}`);
    }
  });

  test('reads and writes reach the API', async () => {
    const post = await app.fetch('/dashboard/api/keys', {
      method: 'POST',
      headers: { 'x-account': 'alice', 'content-type': 'application/json' },
      body: '{"name":"laptop"}',
    });
    expect(await post.json()).toMatchObject({ key: expect.stringMatching(/^napi-/), record: { name: 'laptop' } });
    const read = await app.fetch('/dashboard/api/credits?limit=5', { headers: { 'x-account': 'alice' } });
    expect(await read.json()).toEqual({ data: [] });
    expect((await app.fetch('/dashboard/api/keys')).status).toBe(401);
  });
});
