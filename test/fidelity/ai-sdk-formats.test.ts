import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { generateObject, generateText, type LanguageModel, stepCountIs, streamText, tool } from 'ai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { FakeAnswer, FakeRequest } from '../../src/testing/index.js';
import { AGENT_MODELS, type AgentGateway, startAgentGateway } from '../helpers/agent-gateway.js';
import { problemOf } from '../helpers/picky-provider.js';

let site: AgentGateway;
const problems: string[] = [];

function model(request: FakeRequest): FakeAnswer {
  const problem = problemOf(request);
  if (problem !== undefined) problems.push(problem);
  const { text } = request;
  if (/"tool_result"|"functionResponse"|"role":"tool"/.test(text))
    return { thinking: 'So it is.', text: ['It is ', 'sunny.'] };
  if (text.includes('weather_of')) {
    return { thinking: 'Hm.', text: ['Let me see.'], toolCalls: [{ name: 'weather_of', arguments: { city: 'Bern' } }] };
  }
  return { text: /city/i.test(text) ? '{"city":"Bern"}' : ['Hel', 'lo.'] };
}

beforeAll(async () => {
  site = await startAgentGateway({}, { answer: model });
});
afterAll(() => site.close());

const CLIENTS: Readonly<Record<string, (model: string) => LanguageModel>> = {
  '@ai-sdk/anthropic': (name) => createAnthropic({ baseURL: `${site.origin}/v1`, apiKey: site.key })(name),
  '@ai-sdk/google': (name) => createGoogleGenerativeAI({ baseURL: `${site.origin}/v1beta`, apiKey: site.key })(name),
};
const weather = tool({
  description: 'Weather of a city.',
  inputSchema: z.object({ city: z.string() }),
  execute: async ({ city }) => `sun over ${city}`,
});
const tools = { weather_of: weather };

describe.each(Object.keys(CLIENTS))('%s', (client) => {
  describe.each([...Object.values(AGENT_MODELS), 'gemini-3', 'claude-opus'])('on %s', (name) => {
    const named = () => CLIENTS[client]?.(name) as LanguageModel;

    test('answers, whole and as a stream', async () => {
      expect((await generateText({ model: named(), prompt: 'Say hello.', maxRetries: 0 })).text).toBe('Hello.');
      expect(await streamText({ model: named(), prompt: 'Say hello.', maxRetries: 0 }).text).toBe('Hello.');
    });

    test('loops over tools, whole and as a stream', async () => {
      problems.length = 0;
      const ask = { model: named(), prompt: 'Weather?', tools, stopWhen: stepCountIs(3), maxRetries: 0 };
      const whole = await generateText(ask);
      expect([whole.text, whole.steps.length]).toEqual(['It is sunny.', 2]);
      const stream = streamText(ask);
      expect([await stream.text, (await stream.steps).length]).toEqual(['It is sunny.', 2]);
      expect(problems).toEqual([]);
    });

    test('gives an object', async () => {
      const { object } = await generateObject({
        model: named(),
        schema: z.object({ city: z.string() }),
        prompt: 'A city.',
        maxRetries: 0,
      }).catch((error: unknown) => ({ object: String(error) }));
      expect(object).toEqual({ city: 'Bern' });
    });
  });
});
