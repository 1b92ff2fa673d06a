import { APICallError, embed, generateText, Output, stepCountIs, streamText, tool } from 'ai';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { gatewayModels } from '../../src/ai-sdk/index.js';
import { gate } from '../../src/testing/index.js';
import { eventually } from '../helpers/eventually.js';
import type { RoutesGateway } from '../helpers/routes-gateway.js';
import { routesGateway } from '../helpers/routes-gateway.js';

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
    const controller = new AbortController();
    const { textStream } = streamText({ model: models()(id), prompt: 'Hello', abortSignal: controller.signal });
    for await (const _ of textStream) controller.abort();
    const { ended } = await site.upstream.received();
    expect(await ended).toBe('aborted');
    await eventually(async () => (await site.gateway.usage.events({ accountId: 'user_7' })).length === 1);
    const [event] = await site.gateway.usage.events({ accountId: 'user_7' });
    expect(event).toMatchObject({ outcome: 'aborted' });
    held.open();
  });
});

test('a refusal is the error of the AI SDK', async () => {
  const poor = gatewayModels(site.gateway, { accountId: 'user_8', plan: 'prepaid' });
  const asked = generateText({ model: poor('gpt'), prompt: 'Hello', maxRetries: 0 });
  await expect(asked).rejects.toSatisfy((error) => APICallError.isInstance(error) && error.statusCode === 403);
});

test('embeds', async () => {
  const { embedding } = await embed({ model: models().embeddingModel('gpt'), value: 'Hello' });
  expect(embedding.length).toBeGreaterThan(0);
});
