import { describe, expect, it } from 'vitest';
import type { ChatRequest } from '../../../src/openai-api/chat-request.js';
import { endpointFields } from '../../../src/providers/openai-compatible/allowed-fields.js';
import type { CompatibleFacts } from '../../../src/providers/openai-compatible/facts.js';
import { KNOWN_PROVIDERS } from '../../../src/providers/openai-compatible/known-providers.js';
import { LearnedFields } from '../../../src/providers/openai-compatible/learned-fields.js';
import { reasoningMemory } from '../../../src/providers/openai-compatible/reasoning-memory.js';
import { toRequest } from '../../../src/providers/openai-compatible/to-request.js';
import { fakeCall } from '../../helpers/fake-call.js';

/** What a provider is sent, and what is reported as left out. */
function sentTo(name: string, model: string, more: Partial<ChatRequest>) {
  const facts = KNOWN_PROVIDERS.find((known) => known.name === name) as CompatibleFacts;
  const endpoint = { facts, fields: endpointFields(), learned: new LearnedFields(), memory: reasoningMemory() };
  const request: ChatRequest = { model, messages: [{ role: 'user', content: 'hi' }], ...more };
  const native = toRequest(fakeCall({ request, model, outputLimitAdded: false }), false, endpoint);
  return { body: JSON.parse(String(native.body)) as Record<string, unknown>, dropped: native.dropped ?? [] };
}

describe('xAI', () => {
  it.each([
    ['grok-4.5', 'xhigh', 'xhigh'],
    ['grok-4.3', 'none', 'none'],
    ['grok-4.6', 'minimal', 'low'],
    ['grok-4.20-multi-agent-0309', 'max', 'xhigh'],
    ['grok-5', 'high', 'high'],
    ['grok-3-mini', 'medium', 'high'],
    ['grok-3-mini', 'none', 'low'],
    ['grok-4', 'high', undefined],
    ['grok-4-0709', 'high', undefined],
    ['grok-4-1-fast-reasoning', 'low', undefined],
    ['grok-4.20-0309-reasoning', 'low', undefined],
    ['grok-4.20-0309-non-reasoning', 'low', undefined],
    ['grok-build-0.1', 'low', undefined],
    ['grok-3', 'low', undefined],
  ] as const)('takes for %s and the effort %s: %s', (model, wanted, effort) => {
    const { body, dropped } = sentTo('xai', model, { reasoning_effort: wanted });
    expect(body['reasoning_effort']).toBe(effort);
    expect(dropped).toEqual(effort === undefined ? ['reasoning_effort'] : []);
  });

  it('takes penalties and stops where it does not reason', () => {
    const wishes = { presence_penalty: 0.5, frequency_penalty: 0.5, stop: ['x'] };
    expect(sentTo('xai', 'grok-4.5', wishes).dropped.toSorted()).toEqual(Object.keys(wishes).toSorted());
    expect(sentTo('xai', 'grok-3', wishes)).toMatchObject({ body: wishes, dropped: [] });
    expect(sentTo('xai', 'grok-4.20-0309-non-reasoning', wishes)).toMatchObject({ body: wishes, dropped: [] });
    expect(sentTo('xai', 'grok-4.5', { presence_penalty: 0 }).dropped).toEqual([]);
  });
});

describe('Together AI', () => {
  it('is told how many log probabilities and which stops in its own forms', () => {
    const { body, dropped } = sentTo('together', 'm', { logprobs: true, top_logprobs: 3, stop: 'x' });
    expect(body).toMatchObject({ logprobs: 3, stop: ['x'] });
    expect(body).not.toHaveProperty('top_logprobs');
    expect(dropped).toEqual([]);
    expect(sentTo('together', 'm', { logprobs: true }).body).toMatchObject({ logprobs: 1 });
    expect(sentTo('together', 'm', { logprobs: false }).body).not.toHaveProperty('logprobs');
  });

  it('gets parts from users alone', () => {
    const { body } = sentTo('together', 'm', {
      messages: [
        {
          role: 'system',
          content: [
            { type: 'text', text: 'Be ' },
            { type: 'text', text: 'brief.' },
          ],
        },
        { role: 'user', content: [{ type: 'text', text: 'hi' }] },
      ],
    });
    expect(body['messages']).toEqual([
      { role: 'system', content: 'Be brief.' },
      { role: 'user', content: [{ type: 'text', text: 'hi' }] },
    ]);
  });

  it('is told of reasoning that is not wanted by its own field', () => {
    expect(sentTo('together', 'm', { reasoning_effort: 'none' }).body).toMatchObject({ reasoning: { enabled: false } });
  });
});

describe('Ollama', () => {
  it('reports what it would pass over, and not what asks for nothing', () => {
    const { dropped } = sentTo('ollama', 'm', { n: 2, logit_bias: { '5': 1 }, tool_choice: 'required', user: 'ann' });
    expect(dropped.toSorted()).toEqual(['logit_bias', 'n', 'tool_choice', 'user']);
    expect(sentTo('ollama', 'm', { n: 1, tool_choice: 'auto', parallel_tool_calls: true }).dropped).toEqual([]);
  });
});

describe('DeepSeek', () => {
  const calls = [{ id: 'c1', type: 'function' as const, function: { name: 'f', arguments: '{}' } }];
  const messages: ChatRequest['messages'] = [
    { role: 'user', content: 'hi' },
    { role: 'assistant', content: null, tool_calls: calls },
    { role: 'tool', tool_call_id: 'c1', content: 'ok' },
  ];

  it('gets a space for reasoning that another model kept for itself', () => {
    expect(sentTo('deepseek', 'deepseek-v4', { messages }).body['messages']).toMatchObject([
      {},
      { role: 'assistant', reasoning_content: ' ', tool_calls: calls },
      {},
    ]);
  });

  it('gets none where it does not think, or nothing was called', () => {
    for (const more of [{ messages, reasoning_effort: 'none' as const }, { messages: messages.slice(0, 1) }])
      expect(JSON.stringify(sentTo('deepseek', 'deepseek-v4', more).body)).not.toContain('reasoning_content');
  });
});

describe('every table', () => {
  it.each(KNOWN_PROVIDERS.map((facts) => [facts.name, facts] as const))('of %s agrees with itself', (_, facts) => {
    if (facts.fields) {
      for (const name of ['model', 'messages', 'stream', 'temperature', 'tools', facts.limitField])
        expect(facts.fields.has(name), name).toBe(true);
      expect(facts.fields.has('stream_options')).toBe(facts.streamOptions === 'taken');
    }
    if (
      facts.messageFields &&
      facts.reasoning !== 'learned' &&
      facts.reasoning !== 'thinking' &&
      facts.reasoning !== 'none'
    )
      expect(facts.messageFields.assistant).toContain(facts.reasoning);
  });
});
