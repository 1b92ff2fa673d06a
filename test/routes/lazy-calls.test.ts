import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { toNodeHandler } from '../../src/http/node.js';
import { type ChatCall, createGateway, type Gateway, openai, type ProviderAdapter } from '../../src/index.js';
import { type FakeUpstream, fakeUpstream } from '../../src/testing/index.js';
import { echoProvider } from '../helpers/echo-provider.js';

let upstream: FakeUpstream;
let gateway: Gateway;
let server: Server;
let key: string;
const calls: ChatCall[] = [];

/** An adapter of somebody else's, which works on a copy of its call. */
const copying: ProviderAdapter = {
  ...echoProvider(),
  chat(call) {
    const copy = { ...call };
    calls.push(copy);
    return echoProvider().chat(copy);
  },
};

beforeEach(async () => {
  upstream = await fakeUpstream();
  gateway = createGateway({
    providers: { openai: openai(upstream.openai), copying },
    models: {
      relayed: { provider: 'openai', price: { input: 1, output: 2 } },
      copied: { provider: 'copying', price: { input: 1, output: 2 } },
    },
    plans: { free: { models: '*' } },
  });
  ({ key } = await gateway.keys.create({ accountId: 'user_1', name: 'test' }));
  server = createServer(toNodeHandler(gateway));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  calls.length = 0;
});

afterEach(async () => {
  vi.unstubAllGlobals();
  server.close();
  await gateway.close();
  await upstream.close();
});

async function ask(model: string, stream: boolean): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model, stream, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  expect(response.status).toBe(200);
  return response.text();
}

test.each([false, true])('no signal is made for a request that nobody asks for one (stream: %s)', async (stream) => {
  await ask('relayed', stream);
  const made = vi.fn();
  class Counted extends AbortController {
    constructor() {
      super();
      // that of the client of this test is none of the gateway's
      if (!/fetch|undici/.test(new Error('here').stack ?? '')) made();
    }
  }
  vi.stubGlobal('AbortController', Counted);
  await ask('relayed', stream);
  expect(made).not.toHaveBeenCalled();
  await ask('copied', false);
  expect(made).toHaveBeenCalled();
});

test("another's adapter may copy its call: the signal is there, and all of the request", async () => {
  await ask('copied', false);
  expect(calls[0]?.signal).toBeInstanceOf(AbortSignal);
  expect(calls[0]?.request.messages).toEqual([{ role: 'user', content: 'Hello' }]);
});
