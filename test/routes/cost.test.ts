import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type RoutesGateway, routesGateway } from '../helpers/routes-gateway.js';

const messages = [{ role: 'user', content: 'Hello' }];
const usage = { include: true };
let site: RoutesGateway;

beforeEach(async () => {
  site = await routesGateway();
});

afterEach(() => site.close());

describe.each(['gpt', 'claude', 'gemini'])('what a request cost, at %s', (model) => {
  test('is in a header of a JSON answer, as it was charged', async () => {
    const { headers, body } = await site.json('chat/completions', { model, messages });
    const [event] = await site.gateway.usage.events({ accountId: 'user_1' });
    expect(headers.get('x-gateway-cost')).toBe(event?.cost);
    expect(body.usage).not.toHaveProperty('cost');
  });

  test('is in the usage of the answer for those who ask, and the provider never sees the question', async () => {
    const { headers, body } = await site.json('chat/completions', { model, messages, usage });
    expect(body.usage).toMatchObject({ cost: Number(headers.get('x-gateway-cost')) });
    expect((await site.upstream.received()).text).not.toContain('include":true');
    const silent = await site.json('chat/completions', { model, messages, usage: { include: false } });
    expect(silent.body.usage).not.toHaveProperty('cost');
  });

  test.each([
    ['with stream_options', { stream_options: { include_usage: true } }],
    ['without stream_options', {}],
  ])('is in the usage chunk of a stream, %s', async (_, options) => {
    const events = await site.events('chat/completions', { model, messages, stream: true, usage, ...options });
    const [event] = await site.gateway.usage.events({ accountId: 'user_1' });
    const reports = events.filter((chunk) => chunk.usage);
    expect(reports).toEqual([expect.objectContaining({ choices: [] })]);
    expect(reports[0]?.usage).toMatchObject({ cost: Number(event?.cost) });
  });

  test('is not among the fields of another dialect', async () => {
    const { headers, body } = await site.json('messages', { model, messages, max_tokens: 50, usage });
    expect(headers.get('x-gateway-cost')).toMatch(/^0\.\d+$/);
    expect(body.usage).not.toHaveProperty('cost');
  });
});

test.each([
  ['completions', { prompt: 'Hello' }],
  ['embeddings', { input: 'Hello' }],
  ['responses', { input: 'Hello' }],
])('is in the usage of %s, too', async (route, body) => {
  const answer = await site.json(route, { model: 'gpt', ...body, usage });
  expect(answer).toMatchObject({ status: 200 });
  expect(answer.body.usage).toMatchObject({ cost: Number(answer.headers.get('x-gateway-cost')) });
  expect((await site.upstream.received()).text).not.toContain('include":true');
});

test('is in the usage chunk of a streamed completion', async () => {
  const events = await site.events('completions', { model: 'gpt', prompt: 'Hello', stream: true, usage });
  const [event] = await site.gateway.usage.events({ accountId: 'user_1' });
  expect(events.at(-1)?.usage).toMatchObject({ cost: Number(event?.cost) });
});

test.each(['gpt', 'claude', 'gemini'])('is in the event that ends a streamed response of %s', async (model) => {
  const events = await site.events('responses', { model, input: 'Hello', stream: true, usage });
  const [event] = await site.gateway.usage.events({ accountId: 'user_1' });
  const cost = Number(event?.cost);
  expect(events.at(-1)).toMatchObject({ type: 'response.completed', response: { usage: { cost } } });
});
