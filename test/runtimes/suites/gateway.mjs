/** A gateway served by the runtime's own HTTP server, called with the official client, in front of scripted providers. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { anthropic, createGateway, google, openai } from 'metask-gateway';
import { createDashboard } from 'metask-gateway/dashboard';
import { toNodeHandler } from 'metask-gateway/node';
import { fakeUpstream, gate } from 'metask-gateway/testing';
import OpenAI from 'openai';

const MODELS = ['gpt-4o-mini', 'claude-haiku-4-5', 'gemini-2.5-flash'];
const say = (content) => [{ role: 'user', content }];

/** @param test the runner's `test`. */
export function gatewayCases(test) {
  for (const model of MODELS) {
    test(`${model}: an answer, and a stream that arrives piece by piece`, () =>
      onGateway(async ({ client, upstream }) => {
        const answer = await client.chat.completions.create({ model, messages: say('Hi.') });
        assert.match(answer.choices[0].message.content, /^Hello from /);
        const held = gate();
        upstream.answer({ text: ['Good ', held, 'day.'] });
        let text = '';
        for await (const chunk of await client.chat.completions.create({ model, messages: say('Hi.'), stream: true })) {
          text += chunk.choices[0]?.delta.content ?? '';
          if (text === 'Good ') held.open();
        }
        assert.equal(text, 'Good day.');
      }));
    test(`${model}: /responses`, () =>
      onGateway(async ({ client }) => {
        const answer = await client.responses.create({ model, input: 'Hi.' });
        assert.match(answer.output_text, /^Hello from /);
      }));
  }
  test('embeddings and the list of models', () =>
    onGateway(async ({ client }) => {
      const { data } = await client.embeddings.create({ model: 'text-embedding-3-small', input: ['a', 'b'] });
      assert.equal(data.length, 2);
      const ids = (await client.models.list()).data.map(({ id }) => id);
      for (const model of MODELS) assert.ok(ids.includes(model));
    }));
  test('a wrong key is 401, a revoked one too', () =>
    onGateway(async ({ client, gateway, origin, record }) => {
      const stranger = new OpenAI({ baseURL: `${origin}/v1`, apiKey: 'napi-wrong', maxRetries: 0 });
      await assert.rejects(stranger.models.list(), { status: 401, code: 'invalid_api_key' });
      await gateway.keys.revoke(record.id);
      await assert.rejects(client.models.list(), { status: 401 });
    }));
  test('a body of 3 MB arrives whole', () =>
    onGateway(async ({ client, upstream }) => {
      const content = 'x'.repeat(3 << 20);
      const received = upstream.received();
      await client.chat.completions.create({ model: MODELS[0], messages: say(content) });
      assert.equal((await received).prompt.length, content.length);
    }));
  test('a client that leaves ends the call to the provider', () =>
    onGateway(async ({ client, upstream }) => {
      const held = gate();
      upstream.answer({ text: ['Good ', held, 'day.'] });
      const received = upstream.received();
      const leaving = new AbortController();
      const stream = await client.chat.completions.create(
        { model: MODELS[0], messages: say('Hi.'), stream: true },
        { signal: leaving.signal },
      );
      for await (const chunk of stream) if (chunk.choices[0]?.delta.content) break;
      leaving.abort();
      assert.equal(await (await received).ended, 'aborted');
    }));
  test('a prepaid request is held, charged and reported', () =>
    onGateway(async ({ client, gateway, upstream }) => {
      await gateway.accounts.setPlan('user_1', 'prepaid');
      await assert.rejects(client.chat.completions.create({ model: MODELS[0], messages: say('Hi.') }), { status: 403 });
      await gateway.credits.topUp({ accountId: 'user_1', amount: '1', idempotencyKey: 'one' });
      upstream.answer({ text: 'Hi', usage: { input: 1000, output: 1000 } });
      await client.chat.completions.create({ model: MODELS[0], messages: say('Hi.') });
      const { balance, held } = await gateway.accounts.get('user_1');
      assert.deepEqual([balance, held], ['0.997', '0']);
    }));
  test('the dashboard: its page, and a key that it makes', () =>
    onGateway(async ({ origin }) => {
      assert.match(await (await fetch(`${origin}/dashboard`)).text(), /<!doctype html>/i);
      const created = await fetch(`${origin}/dashboard/api/keys`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin },
        body: JSON.stringify({ name: 'laptop' }),
      });
      assert.match((await created.json()).key, /^napi-/);
    }));
}

async function onGateway(work) {
  const upstream = await fakeUpstream();
  const price = { input: 1, output: 2 };
  const gateway = createGateway({
    providers: {
      openai: openai(upstream.openai),
      anthropic: anthropic(upstream.anthropic),
      google: google(upstream.google),
    },
    models: {
      'gpt-4o-mini': { provider: 'openai', price },
      'claude-haiku-4-5': { provider: 'anthropic', price },
      'gemini-2.5-flash': { provider: 'google', price },
      'text-embedding-3-small': { provider: 'openai', price },
    },
    plans: { free: { models: '*' }, prepaid: { models: '*', billing: 'prepaid' } },
    defaultPlan: 'free',
  });
  const dashboard = createDashboard({ gateway, authenticate: () => 'user_1' });
  const server = await serve(gateway, dashboard);
  const { key, record } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
  const client = new OpenAI({ baseURL: `${server.origin}/v1`, apiKey: key, maxRetries: 0 });
  try {
    await work({ client, gateway, upstream, origin: server.origin, record });
  } finally {
    await gateway.close({ deadlineMs: 0 });
    await server.close();
    await upstream.close();
  }
}

/** The runtime's own server: that of Bun, of Deno, or of Node. */
async function serve(gateway, dashboard) {
  const answer = (request) =>
    new URL(request.url).pathname.startsWith('/dashboard') ? dashboard.fetch(request) : gateway.fetch(request);
  if (globalThis.Bun) {
    const server = Bun.serve({ port: 0, hostname: '127.0.0.1', idleTimeout: 0, fetch: answer });
    return { origin: `http://127.0.0.1:${server.port}`, close: () => server.stop(true) };
  }
  if (globalThis.Deno) {
    const server = Deno.serve({ port: 0, hostname: '127.0.0.1', onListen() {} }, answer);
    return { origin: `http://127.0.0.1:${server.addr.port}`, close: () => server.shutdown() };
  }
  const handlers = { gateway: toNodeHandler(gateway), dashboard: toNodeHandler(dashboard, { basePath: '/dashboard' }) };
  const server = createServer((request, response) =>
    handlers[request.url?.startsWith('/dashboard') ? 'dashboard' : 'gateway'](request, response),
  );
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
