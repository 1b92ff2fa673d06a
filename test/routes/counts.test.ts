import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentGateway, startAgentGateway } from '../helpers/agent-gateway.js';

let site: AgentGateway;
beforeAll(async () => {
  site = await startAgentGateway();
});
afterAll(() => site.close());

const TOOL = { name: 'look', description: 'Looks.', input_schema: { type: 'object', properties: {} } };
const DECLARATION = { name: 'look', description: 'Looks.', parameters: { type: 'object', properties: {} } };

async function countMessages(model: string): Promise<unknown> {
  const body = {
    model,
    system: 'Short.',
    max_tokens: 9,
    messages: [{ role: 'user', content: 'Hello there' }],
    tools: [TOOL],
  };
  return (await site.post('v1/messages/count_tokens', body)).json();
}

async function countContents(model: string): Promise<unknown> {
  const contents = [{ role: 'user', parts: [{ text: 'Hello there' }] }];
  const body = {
    contents,
    systemInstruction: { parts: [{ text: 'Short.' }] },
    tools: [{ functionDeclarations: [DECLARATION] }],
  };
  return (await site.post(`v1beta/models/${model}:countTokens`, { generateContentRequest: body })).json();
}

describe('tokens are counted by the provider', () => {
  it.each(['claude', 'haiku'])('with %s, in either form', async (model) => {
    for (const [count, answer] of [
      [countMessages, { input_tokens: 77 }],
      [countContents, { totalTokens: 77 }],
    ] as const) {
      site.upstream.answer({ body: '{"input_tokens":77}' });
      expect(await count(model)).toEqual(answer);
      const { path, body = {} } = site.upstream.requests.at(-1) ?? {};
      expect(path).toBe('/v1/messages/count_tokens');
      expect(Object.keys(body).toSorted()).toEqual(['messages', 'model', 'system', 'tools']);
      expect(JSON.stringify(body)).toMatch(/Short\..*|Hello there.*look/);
    }
  });

  it.each(['gemini', 'gemini-3'])('with %s, in either form', async (model) => {
    for (const [count, answer] of [
      [countMessages, { input_tokens: 78 }],
      [countContents, { totalTokens: 78 }],
    ] as const) {
      site.upstream.answer({ body: '{"totalTokens":78}' });
      expect(await count(model)).toEqual(answer);
      const { path, body = {} } = site.upstream.requests.at(-1) ?? {};
      expect(path).toMatch(/^\/v1beta\/models\/gemini-.*:countTokens$/);
      expect(body).toMatchObject({
        generateContentRequest: {
          model: expect.stringMatching(/^models\/gemini-/),
          contents: [{ role: 'user', parts: [{ text: 'Hello there' }] }],
          systemInstruction: { parts: [{ text: 'Short.' }] },
          tools: [{ functionDeclarations: [{ name: 'look' }] }],
        },
      });
    }
  });
});

it.each(['gpt', 'deepseek'])('tokens are estimated where %s has no counter', async (model) => {
  const before = site.upstream.requests.length;
  expect(await countMessages(model)).toEqual({ input_tokens: expect.any(Number) });
  expect(await countContents(model)).toEqual({ totalTokens: expect.any(Number) });
  expect(site.upstream.requests).toHaveLength(before);
});
