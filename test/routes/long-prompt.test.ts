import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { anthropic, createGateway, type Gateway, openai, openaiCompatible } from '../../src/index.js';
import { type FakeUpstream, fakeUpstream } from '../../src/testing/index.js';

const PROMPT = 'A prompt that goes on and on. '.repeat(2_000);
const PRICE = { input: 1, output: 2 };

let upstream: FakeUpstream;
let gateway: Gateway;

beforeEach(async () => {
  upstream = await fakeUpstream();
  gateway = createGateway({
    providers: {
      openai: openai(upstream.openai),
      copy: openaiCompatible(upstream.openai),
      anthropic: anthropic(upstream.anthropic),
    },
    models: {
      'gpt-4o': { provider: 'openai', price: PRICE },
      'copy-4o': { provider: 'copy', price: PRICE },
      'claude-sonnet-4-5': { provider: 'anthropic', price: PRICE },
    },
    plans: { free: { models: '*' } },
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await gateway.close();
  await upstream.close();
});

/** Asks, and returns how often a text that holds the whole prompt was parsed. */
async function readings(route: string, model: string, stream: boolean): Promise<number> {
  const parse = vi.spyOn(JSON, 'parse');
  const response = await gateway.fetchFor({ accountId: 'user_1' })(`http://gateway.test/v1/${route}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model, max_tokens: 50, stream, messages: [{ role: 'user', content: PROMPT }] }),
  });
  expect(response.status).toBe(200);
  expect(await response.text()).not.toContain('"error"');
  expect(upstream.requests).toHaveLength(1);
  return parse.mock.calls.filter(([text]) => text.length > PROMPT.length).length;
}

/** Of the provider, which runs in the same process. */
const BY_THE_PROVIDER = 1;

describe.each([
  ['whole', false],
  ['streamed', true],
])('a long prompt whose answer is %s', (_, stream) => {
  test.each([
    ['chat/completions', 'gpt-4o'],
    ['chat/completions', 'copy-4o'],
    ['messages', 'claude-sonnet-4-5'],
  ])('is relayed by %s to %s without being parsed', async (route, model) => {
    expect(await readings(route, model, stream)).toBe(BY_THE_PROVIDER);
  });

  test('is copied, not parsed, where it is translated', async () => {
    expect(await readings('chat/completions', 'claude-sonnet-4-5', stream)).toBe(BY_THE_PROVIDER);
  });
});
