import { APICallError, embed, generateText, type LanguageModel, Output, stepCountIs, streamText, tool } from 'ai';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { gatewayModels } from '../../src/ai-sdk/index.js';
import { gate } from '../../src/testing/index.js';
import { eventually } from '../helpers/eventually.js';
import type { RoutesGateway } from '../helpers/routes-gateway.js';
import { PRICE, routesGateway } from '../helpers/routes-gateway.js';

let site: RoutesGateway;

beforeEach(async () => {
  site = await routesGateway();
});

afterEach(() => site.close());

const models = () => gatewayModels(site.gateway, { accountId: 'user_7', tags: { feature: 'chat' } });

describe.each(['gpt', 'claude', 'gemini'])('the AI SDK inside the process, at %s', (id) => {
  test('generates text, charged to the account', async () => {
    site.upstream.answer({ text: 'Good morning!' });
    const { text, usage } = await generateText({ model: models()(id), prompt: 'Hello' });
    expect(text).toBe('Good morning!');
    expect(usage.outputTokens).toBeGreaterThan(0);
    const [event] = await site.gateway.usage.events({ accountId: 'user_7' });
    expect(event).toMatchObject({ via: 'app', keyId: null, model: id });
  });

  test('streams text', async () => {
    site.upstream.answer({ text: ['one ', 'two ', 'three'] });
    const { textStream, finishReason } = streamText({ model: models()(id), prompt: 'Hello' });
    let text = '';
    for await (const piece of textStream) text += piece;
    expect(text).toBe('one two three');
    expect(await finishReason).toBe('stop');
  });

  test('runs a loop of tools', async () => {
    const toolCalls = [{ id: 'call_1', name: 'weather', arguments: { city: 'Bern' } }];
    site.upstream.answer({ toolCalls }, { text: 'It is sunny in Bern.' });
    const asked: string[] = [];
    const weather = tool({
      description: 'The weather of a city',
      inputSchema: z.object({ city: z.string() }),
      async execute({ city }) {
        asked.push(city);
        return 'sunny';
      },
    });
    const { text } = await generateText({
      model: models()(id),
      tools: { weather },
      stopWhen: stepCountIs(3),
      prompt: 'What is the weather in Bern?',
    });
    expect(asked).toEqual(['Bern']);
    expect(text).toBe('It is sunny in Bern.');
  });

  test('makes an object', async () => {
    site.upstream.answer({ text: '{"city":"Bern","degrees":21}' });
    const { output } = await generateText({
      model: models()(id),
      output: Output.object({ schema: z.object({ city: z.string(), degrees: z.number() }) }),
      prompt: 'The weather?',
    });
    expect(output).toEqual({ city: 'Bern', degrees: 21 });
  });

  test('stops in mid-stream, and the provider with it', async () => {
    const held = gate();
    site.upstream.answer({ text: ['one ', held, 'two'] });
    await site.gateway.credits.topUp({ accountId: 'user_7', amount: '1', idempotencyKey: 'start' });
    const prepaid = gatewayModels(site.gateway, { accountId: 'user_7', plan: 'prepaid' });
    const controller = new AbortController();
    const { textStream } = streamText({
      model: prepaid(id),
      prompt: 'Hello',
      maxOutputTokens: 100,
      abortSignal: controller.signal,
    });
    for await (const _ of textStream) controller.abort();
    const { ended } = await site.upstream.received();
    expect(await ended).toBe('aborted');
    await eventually(async () => (await site.gateway.usage.events({ accountId: 'user_7' })).length === 1);
    const [event] = await site.gateway.usage.events({ accountId: 'user_7' });
    expect(event).toMatchObject({ outcome: 'aborted' });
    const { inputTokens = 0, outputTokens = 0 } = event?.usage ?? {};
    // Its report did not come: with a hold the most that it can have used is charged.
    expect(inputTokens).toBeGreaterThan(0);
    expect(outputTokens).toBeGreaterThanOrEqual(1);
    expect(outputTokens).toBeLessThanOrEqual(100);
    expect(Number(event?.cost)).toBeCloseTo((PRICE.input * inputTokens + PRICE.output * outputTokens) / 1e6, 12);
    const { balance, held: stillHeld } = await site.gateway.accounts.get('user_7');
    expect(stillHeld).toBe('0');
    expect(Number(balance)).toBeCloseTo(1 - Number(event?.cost), 9);
    held.open();
  });
});

describe('a refusal is the error of the AI SDK', () => {
  test('403 for a model that is not allowed, and for a balance that is empty', async () => {
    const narrow = gatewayModels(site.gateway, { accountId: 'user_8', models: ['claude'] });
    const poor = gatewayModels(site.gateway, { accountId: 'user_8', plan: 'prepaid' });
    expect(await refusalOf(narrow('gpt'))).toMatchObject({ statusCode: 403, isRetryable: false });
    const refusal = await refusalOf(poor('gpt'));
    expect(refusal).toMatchObject({ statusCode: 403, isRetryable: false });
    expect(refusal.data).toMatchObject({ error: { code: 'insufficient_balance' } });
  });

  test('429 for a limit, whole and streamed, with the time to wait', async () => {
    await site.gateway.configure({ plans: { free: { models: '*', limits: { requestsPerMinute: 1 } } } });
    const model = models()('gpt');
    await generateText({ model, prompt: 'Hello', maxRetries: 0 });
    const refusal = await refusalOf(model);
    expect(refusal).toMatchObject({ statusCode: 429, isRetryable: true });
    expect(refusal.data).toMatchObject({ error: { code: 'rate_limit_exceeded', type: 'requests' } });
    expect(Number(refusal.responseHeaders?.['retry-after'])).toBeGreaterThan(0);
    const errors: unknown[] = [];
    const { textStream } = streamText({
      model,
      prompt: 'Hello',
      maxRetries: 0,
      onError: ({ error }) => void errors.push(error),
    });
    for await (const _ of textStream);
    expect(errors).toEqual([expect.objectContaining({ statusCode: 429 })]);
  });

  test('404 for a model that nobody knows', async () => {
    expect(await refusalOf(models()('gpt-9'))).toMatchObject({ statusCode: 404 });
  });
});

test('200 calls at once never overdraw a prepaid account', async () => {
  await site.gateway.credits.topUp({ accountId: 'user_9', amount: '0.005', idempotencyKey: 'start' });
  const prepaid = gatewayModels(site.gateway, { accountId: 'user_9', plan: 'prepaid' });
  const ids = ['gpt', 'claude', 'gemini'] as const;
  const ask = (_: unknown, i: number) =>
    generateText({ model: prepaid(ids[i % 3] as string), prompt: 'Hello', maxOutputTokens: 50, maxRetries: 0 });
  const results = await Promise.allSettled(Array.from({ length: 200 }, ask));
  const refused = results.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  expect(refused.length).toBeGreaterThan(0);
  expect(refused.length).toBeLessThan(200);
  for (const reason of refused) expect(APICallError.isInstance(reason) && reason.statusCode).toBe(403);
  const { balance, held } = await site.gateway.accounts.get('user_9');
  expect([Number(balance) >= 0, held]).toEqual([true, '0']);
  const events = await site.gateway.usage.events({ accountId: 'user_9' }, { limit: 1_000 });
  expect(events).toHaveLength(200 - refused.length);
  const charged = events.reduce((sum, { cost }) => sum + Number(cost), 0);
  expect(Number(balance)).toBeCloseTo(0.005 - charged, 9);
});

async function refusalOf(model: LanguageModel): Promise<APICallError> {
  const thrown: unknown = await generateText({ model, prompt: 'Hello', maxRetries: 0 }).catch((error) => error);
  if (!APICallError.isInstance(thrown)) throw thrown;
  return thrown;
}

test('embeds', async () => {
  const { embedding } = await embed({ model: models().embeddingModel('gpt'), value: 'Hello' });
  expect(embedding.length).toBeGreaterThan(0);
});
