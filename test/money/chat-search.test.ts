import { afterEach, describe, expect, test } from 'vitest';
import { createGateway, type Gateway, type GatewayOptions, openai } from '../../src/index.js';
import { completionReply } from '../helpers/openai-replies.js';
import { type RawUpstream, rawUpstream } from '../helpers/raw-upstream.js';
import { testLogger } from '../helpers/test-logger.js';

const PRICE = { input: 0, output: 0, units: { web_search: 0.25 } };

let upstream: RawUpstream | undefined;
let gateway: Gateway | undefined;

afterEach(async () => {
  await gateway?.close();
  await upstream?.close();
});

const chunk = (delta: object, finish: string | null = null) =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;

/** A provider that reports tokens in whole answers and nothing in streams, and never a search. */
async function start(plan: NonNullable<GatewayOptions['plans']>[string]) {
  const provider = await rawUpstream(({ json }) =>
    (json as { stream?: boolean }).stream
      ? {
          headers: { 'content-type': 'text/event-stream' },
          body: `${chunk({ role: 'assistant', content: 'Rome.' })}${chunk({}, 'stop')}data: [DONE]\n\n`,
        }
      : { body: completionReply({ prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }).body },
  );
  upstream = provider;
  const shop = createGateway({
    providers: { openai: openai({ apiKey: 'sk-upstream', baseURL: `${provider.url}/v1` }) },
    models: {
      chat: { provider: 'openai', model: 'gpt-4o', price: PRICE },
      search: { provider: 'openai', model: 'gpt-4o-search-preview-2025-03-11', price: PRICE },
    },
    plans: { plan },
    defaultPlan: 'plan',
    logger: testLogger,
  });
  gateway = shop;
  const { key } = await shop.keys.create({ accountId: 'ann', name: 'app' });
  const ask = async (body: object) => {
    const response = await shop.fetch(
      new Request('http://gateway.test/v1/chat/completions', {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ messages: [{ role: 'user', content: 'Capital of Italy?' }], max_tokens: 9, ...body }),
      }),
    );
    await response.text();
    return response.status;
  };
  return { shop, ask };
}

describe.each([
  ['metered', { models: '*' } as const],
  ['prepaid', { models: '*', billing: 'prepaid', tools: '*' } as const],
])('a chat search on a %s plan is charged once', (_, plan) => {
  test.each([
    ['asked for, in a whole answer', { model: 'chat', web_search_options: {} }],
    ['asked for, in a stream without a report', { model: 'chat', web_search_options: {}, stream: true }],
    ['of a search model, in a whole answer', { model: 'search' }],
    ['of a search model, in a stream without a report', { model: 'search', stream: true }],
    ['asked of a search model', { model: 'search', web_search_options: {}, stream: true }],
  ])('%s', async (_case, body) => {
    const { shop, ask } = await start(plan);
    await shop.credits.topUp({ accountId: 'ann', amount: '1', idempotencyKey: 'card' });
    expect(await ask(body)).toBe(200);
    const [event] = await shop.usage.events({ accountId: 'ann' });
    expect(event).toMatchObject({ cost: '0.25', usage: { units: { web_search: 1 } } });
  });
});

test('a search model needs the money for its search', async () => {
  const { shop, ask } = await start({ models: '*', billing: 'prepaid' });
  await shop.credits.topUp({ accountId: 'ann', amount: '0.24', idempotencyKey: 'card' });
  expect(await ask({ model: 'search' })).toBe(403);
  expect(await ask({ model: 'chat' })).toBe(200);
});
