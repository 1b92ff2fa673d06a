import { describe, expect, it } from 'vitest';
import { openaiCompatible } from '../../../src/providers/openai-compatible/index.js';
import { fakeCall, fakeTransport } from '../../helpers/fake-call.js';
import { problemIn } from '../../helpers/route-schemas.js';

const adapter = openaiCompatible({ baseURL: 'http://provider.test/v1', random: () => 0.25 });

async function read(answer: object) {
  const pieces = [new TextEncoder().encode(JSON.stringify(answer))];
  return adapter.chat(fakeCall({ transport: fakeTransport({ pieces }) }));
}

const choice = (message: object, more: object = {}) => ({ choices: [{ message, finish_reason: 'stop', ...more }] });

describe('an answer that resembles one of OpenAI', () => {
  it('becomes one that fits the published schema, whatever was left out', async () => {
    const { completion } = await read(choice({ content: 'Hi' }));
    expect(completion).toEqual({
      id: `chatcmpl-${'9'.repeat(24)}`,
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'some-model',
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hi', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
    });
    expect(problemIn('CreateChatCompletionResponse', completion)).toBe('');
  });

  it('supplies what tool calls lack', async () => {
    const { completion } = await read(
      choice({
        content: null,
        tool_calls: [{ function: { name: 'f', arguments: { x: 1 } } }, { id: 'b', function: { name: 'g' } }],
      }),
    );
    expect(completion.choices[0]).toMatchObject({
      finish_reason: 'tool_calls',
      message: {
        content: null,
        tool_calls: [
          { id: '9'.repeat(9), type: 'function', function: { name: 'f', arguments: '{"x":1}' } },
          { id: 'b', type: 'function', function: { name: 'g', arguments: '{}' } },
        ],
      },
    });
  });

  it('keeps extensions and drops values that the schema forbids', async () => {
    const { completion } = await read({
      ...choice({ content: 'Hi', custom: 1, function_call: null }, { content_filter_results: {} }),
      created: 1_700_000_000_123.5,
      citations: ['https://a'],
      service_tier: 'on_demand',
      system_fingerprint: null,
    });
    expect(completion).toMatchObject({ created: 1_700_000_000, citations: ['https://a'] });
    expect(completion.choices[0]).toMatchObject({ message: { custom: 1 }, content_filter_results: {} });
    for (const name of ['service_tier', 'system_fingerprint']) expect(completion).not.toHaveProperty(name);
    expect(problemIn('CreateChatCompletionResponse', completion)).toBe('');
  });

  it('reports usage in the terms of OpenAI', async () => {
    const { completion, usage } = await read({
      ...choice({ content: 'Hi' }),
      usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 35, prompt_cache_hit_tokens: 4 },
    });
    expect(usage).toMatchObject({ inputTokens: 6, cachedInputTokens: 4, outputTokens: 5, reasoningTokens: 20 });
    expect(completion.usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 25, total_tokens: 35 });
  });

  it.each([
    ['an error with status 200', { error: { message: 'no', code: 503 } }, 'event'],
    ['an error in the choice', choice({ content: '' }, { error: { message: 'no', code: 502 } }), 'event'],
    ['no choices', { id: 'x' }, 'invalid'],
    ['empty choices', { choices: [] }, 'invalid'],
    ['no object', [], 'invalid'],
  ])('is a failure when it is %s', async (_, answer, fault) => {
    await expect(read(answer)).rejects.toMatchObject({ fault });
  });
});
