import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, HI, type Reported, reported, tool } from './reported.js';

let site: Reported;
beforeAll(async () => {
  site = await reported();
});
afterAll(() => site.close());

const content = (...parts: object[]) => ({ messages: [{ role: 'user', content: parts }] });

describe('a value that OpenAI does not list', () => {
  it.each([
    ['groq', { reasoning_effort: 'default' }],
    ['vllm', { reasoning_effort: 'deepest' }],
    ['mistral', { tool_choice: 'any', tools: [tool('f')] }],
    ['vllm', { top_k: -1 }],
    ['vllm', { top_logprobs: -1, logprobs: true }],
    ['vllm', { temperature: 2.5, frequency_penalty: 3 }],
    ['vllm', { response_format: { type: 'structural_tag', structures: [], triggers: [] } }],
    ['litellm', { verbosity: 'highest' }],
    ['vllm', content({ type: 'video_url', video_url: { url: 'https://media.example/a.mp4' } })],
    ['openrouter', content({ type: 'video_url', video_url: { url: 'https://media.example/a.mp4' } })],
    ['mistral', content({ type: 'document_url', document_url: 'https://media.example/a.pdf' })],
    ['mistral', content({ type: 'image_url', image_url: 'https://media.example/a.png' })],
    ['vllm', content({ type: 'image_url', image_url: { url: 'https://media.example/a.png', detail: 'original' } })],
  ])('is passed to %s, which may know it: %j', async (model, body) => {
    const { status, sent, text } = await site.ask({ model, messages: [HI], ...body });
    expect([status, status === 200 ? '' : text]).toEqual([200, '']);
    expect(sent[0]).toMatchObject({ ...body });
  });

  it('goes back to Mistral as what the model thought', async () => {
    const thought = [
      { type: 'thinking', thinking: [{ type: 'text', text: 'Hm' }] },
      { type: 'text', text: '4' },
    ];
    const messages = [HI, { role: 'assistant', content: thought }, HI];
    const { status, sent } = await site.ask({ model: 'mistral', messages });
    expect(status).toBe(200);
    expect(at(sent[0], 'messages.1.content')).toEqual(thought);
  });

  it.each([
    ['reasoning_effort', { reasoning_effort: 'default' }],
    ['verbosity', { verbosity: 'highest' }],
    ['tool_choice', { tool_choice: 'any', tools: [tool('f')] }],
    ['top_k', { top_k: -1 }],
    ['temperature', { temperature: 2.5 }],
    ['top_logprobs', { logprobs: true, top_logprobs: -1 }],
    ['response_format.type', { response_format: { type: 'structural_tag' } }],
    ['messages[0].content[0].type', content({ type: 'video_url', video_url: { url: 'https://media.example/a.mp4' } })],
    ['messages[0].content[0].image_url', content({ type: 'image_url', image_url: 'https://media.example/a.png' })],
    [
      'messages[1].content[0].type',
      { messages: [HI, { role: 'assistant', content: [{ type: 'thinking', thinking: [] }] }, HI] },
    ],
  ])('is refused by name where the list is known: %s', async (param, body) => {
    for (const model of ['gpt', 'claude', 'gem']) {
      const outcome = await site.ask({ model, messages: [HI], ...body });
      expect([model, outcome.status, at(outcome.body, 'error.param')]).toEqual([model, 400, param]);
      expect(outcome.sent).toEqual([]);
    }
  });

  it('is passed on or refused by name on /responses too', async () => {
    const video = { type: 'video_url', video_url: { url: 'https://media.example/a.mp4' } };
    const body = { input: [{ role: 'user', content: [video, { type: 'input_text', text: 'hi' }] }] };
    const groq = await site.ask({ model: 'groq', input: 'hi', reasoning: { effort: 'default' } }, 'responses');
    expect(groq.sent[0]).toMatchObject({ reasoning_effort: 'default' });
    const vllm = await site.ask({ model: 'vllm', ...body }, 'responses');
    expect(at(vllm.sent[0], 'messages.0.content.0')).toEqual(video);
    for (const model of ['gpt', 'claude', 'gem']) {
      const { status, body: answer } = await site.ask(
        { model, input: 'hi', reasoning: { effort: 'default' } },
        'responses',
      );
      expect([model, status, at(answer, 'error.param')]).toEqual([model, 400, 'reasoning.effort']);
    }
    const claude = await site.ask({ model: 'claude', ...body }, 'responses');
    expect([claude.status, at(claude.body, 'error.param')]).toEqual([400, 'input']);
  });

  it.each([
    ['reasoning_effort', { reasoning_effort: 3 }],
    ['tool_choice', { tool_choice: 3 }],
    ['top_k', { top_k: 'all' }],
    ['temperature', { temperature: 'hot' }],
    ['messages[0].content[0].type', content({ kind: 'video' })],
  ])('has to have the right type everywhere: %s', async (param, body) => {
    for (const model of ['vllm', 'gpt', 'claude', 'gem']) {
      const { status, body: answer } = await site.ask({ model, messages: [HI], ...body });
      expect([model, status, at(answer, 'error.param')]).toEqual([model, 400, param]);
    }
  });
});
