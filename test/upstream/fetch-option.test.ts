import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { anthropic, createGateway, type Gateway, google, openai } from '../../src/index.js';
import { ANTHROPIC_ANSWER, GEMINI_ANSWER, OPENAI_ANSWER, OPENAI_STREAM } from '../contract/contract-gateway.js';
import { testLogger } from '../helpers/test-logger.js';

const providers = setupServer(
  http.post('https://api.openai.com/v1/chat/completions', async ({ request }) => {
    const { stream } = (await request.json()) as { stream?: boolean };
    return stream
      ? new HttpResponse(OPENAI_STREAM.body, { headers: OPENAI_STREAM.headers })
      : HttpResponse.json(JSON.parse(OPENAI_ANSWER.body) as object);
  }),
  http.post('https://api.anthropic.com/v1/messages', () =>
    HttpResponse.json(JSON.parse(ANTHROPIC_ANSWER.body) as object),
  ),
  http.post('https://generativelanguage.googleapis.com/v1beta/models/gemini-2.5-flash\\:generateContent', () =>
    HttpResponse.json(JSON.parse(GEMINI_ANSWER.body) as object),
  ),
);

let gateway: Gateway;
let key: string;

beforeAll(async () => {
  providers.listen({ onUnhandledRequest: 'error' });
  gateway = createGateway({
    providers: {
      openai: openai({ apiKey: 'sk-a' }),
      anthropic: anthropic({ apiKey: 'sk-b' }),
      google: google({ apiKey: 'sk-c' }),
    },
    models: {
      'gpt-small': { provider: 'openai', price: { input: 1, output: 2 } },
      'claude-small': { provider: 'anthropic', price: { input: 1, output: 2 } },
      'gemini-2.5-flash': { provider: 'google', price: { input: 1, output: 2 } },
    },
    plans: { all: { models: '*' } },
    retries: { maxAttempts: 1 },
    logger: testLogger,
    fetch: (...call) => fetch(...call),
  });
  key = (await gateway.keys.create({ accountId: 'user_1', name: 'laptop' })).key;
});
afterEach(() => providers.resetHandlers());
afterAll(async () => {
  providers.close();
  await gateway.close();
});

function ask(model: string, more: object = {}): Promise<Response> {
  const body = JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello!' }], ...more });
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  return gateway.fetch(new Request('https://app.example/v1/chat/completions', { method: 'POST', headers, body }));
}

describe('the option fetch', () => {
  it.each(['gpt-small', 'claude-small', 'gemini-2.5-flash'])('reaches the public endpoint behind %s', async (model) => {
    const response = await ask(model);
    expect(response.status).toBe(200);
    expect(await response.json()).toMatchObject({ choices: [{ message: { content: 'Hi.' }, finish_reason: 'stop' }] });
  });

  it('relays a stream', async () => {
    const text = await (await ask('gpt-small', { stream: true })).text();
    expect(text).toContain('"content":"Hi"');
    expect(text.endsWith('data: [DONE]\n\n')).toBe(true);
  });

  it('tells a provider that answers from one that can not be reached', async () => {
    providers.use(
      http.post('https://api.openai.com/v1/chat/completions', () => HttpResponse.json({}, { status: 503 })),
    );
    expect((await ask('gpt-small')).status).toBe(503);
    providers.use(http.post('https://api.openai.com/v1/chat/completions', () => HttpResponse.error()));
    expect((await ask('gpt-small')).status).toBe(502);
  });

  it('follows no redirect, so that no credential reaches a second host', async () => {
    const elsewhere = new Response(null, { status: 302, headers: { location: 'https://evil.example/' } });
    providers.use(http.post('https://api.openai.com/v1/chat/completions', () => elsewhere));
    expect((await ask('gpt-small')).status).toBe(502);
  });
});
