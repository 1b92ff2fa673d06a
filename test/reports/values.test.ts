import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { at, chatAnswer, HI, type Reported, reported, tool } from './reported.js';

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
    ['vllm', { stop: ['a', 'b', 'c', 'd', 'e', 'f'] }],
    [
      'litellm',
      {
        messages: [
          { role: 'latest_reminder', content: 'Be brief.' },
          { role: 'user', content: 'hi' },
        ],
      },
    ],
    ['mistral', { metadata: { nested: { a: 1 }, count: 2 } }],
    ['vllm', content({ type: 'input_audio', input_audio: { data: 'AAAA', format: 'ogg' } })],
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
    [
      'messages[0].role',
      {
        messages: [
          { role: 'latest_reminder', content: 'x' },
          { role: 'user', content: 'hi' },
        ],
      },
    ],
    [
      'messages[0].content[0].input_audio.format',
      content({ type: 'input_audio', input_audio: { data: 'AAAA', format: 'ogg' } }),
    ],
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

describe('more stop sequences than OpenAI takes', () => {
  const stop = ['a', 'b', 'c', 'd', 'e', 'f'];

  it('reach Claude, are refused by name at OpenAI, and the first five reach Gemini', async () => {
    const claude = await site.ask({ model: 'claude', messages: [HI], stop });
    expect(claude.sent[0]).toMatchObject({ stop_sequences: stop });
    const gpt = await site.ask({ model: 'gpt', messages: [HI], stop });
    expect([gpt.status, at(gpt.body, 'error.param'), gpt.sent]).toEqual([400, 'stop', []]);
    const gem = await site.ask({ model: 'gem', messages: [HI], stop });
    expect(gem.sent[0]).toMatchObject({ generationConfig: { stopSequences: stop.slice(0, 5) } });
    expect(gem.dropped).toEqual(['stop']);
  });

  it('reach the provider in the format that it speaks', async () => {
    const messages = await site.ask(
      { model: 'claude', max_tokens: 5, messages: [HI], stop_sequences: stop },
      'messages',
    );
    expect(messages.sent[0]).toMatchObject({ stop_sequences: stop });
    const contents = { contents: [{ parts: [{ text: 'hi' }] }], generationConfig: { stopSequences: stop } };
    const { sent } = await site.ask(contents, 'models/gem:generateContent');
    expect(sent[0]).toMatchObject({ generationConfig: { stopSequences: stop } });
  });
});

describe('a value that is new to a format', () => {
  const messages = { max_tokens: 5, messages: [HI], tools: [{ name: 'f', input_schema: { type: 'object' } }] };

  it.each([
    { output_config: { effort: 'deepest' } },
    { tool_choice: { type: 'newest' } },
    { messages: [HI, { role: 'observer', content: 'x' }, HI] },
    { thinking: { type: 'enabled', budget_tokens: 512 }, max_tokens: 2_000 },
  ])('is for Anthropic to judge on /messages: %j', async (wish) => {
    const { status, sent } = await site.ask({ model: 'claude-next', ...messages, ...wish }, 'messages');
    expect(status).toBe(200);
    expect(sent[0]).toMatchObject(wish);
  });

  it('is left out or refused by name where /messages is translated', async () => {
    const effort = await site.ask({ model: 'gpt', ...messages, output_config: { effort: 'deepest' } }, 'messages');
    expect([effort.status, effort.dropped]).toEqual([200, ['output_config.effort']]);
    const gem = await site.ask({ model: 'gem', ...messages, output_config: { effort: 'deepest' } }, 'messages');
    expect([gem.status, gem.dropped]).toEqual([200, ['output_config.effort']]);
    for (const model of ['gpt', 'gem', 'vllm']) {
      const odd = { messages: [HI, { role: 'observer', content: 'x' }] };
      const { status, body } = await site.ask({ model, ...messages, ...odd }, 'messages');
      expect([model, status, at(body, 'error.message')]).toEqual([
        model,
        400,
        expect.stringContaining('messages.1.role'),
      ]);
    }
  });

  it.each([
    { generationConfig: { temperature: 2.5, topP: 1.5, topK: -1 } },
    { contents: [{ role: 'observer', parts: [{ text: 'hi' }] }] },
    { generationConfig: { thinkingConfig: { thinkingBudget: -2 } } },
  ])('is for Google to judge on generateContent: %j', async (wish) => {
    const { status, sent } = await site.ask(
      { contents: [{ parts: [{ text: 'hi' }] }], ...wish },
      'models/gem:generateContent',
    );
    expect(status).toBe(200);
    expect(sent[0]).toMatchObject(wish);
  });

  it('is refused by name where generateContent is translated', async () => {
    const odd = { contents: [{ role: 'observer', parts: [{ text: 'hi' }] }] };
    const { status, body } = await site.ask(odd, 'models/claude:generateContent');
    expect([status, at(body, 'error.message')]).toEqual([400, expect.stringContaining('contents[0].role')]);
  });

  it('is for the server to judge on the legacy route, and on /responses', async () => {
    const wish = { temperature: 2.5, logprobs: -1, frequency_penalty: 3, stop: ['a', 'b', 'c', 'd', 'e'] };
    site.answers({ id: 'c', object: 'text_completion', created: 1, model: 'm', choices: [{ index: 0, text: 'x' }] });
    const vllm = await site.ask({ model: 'vllm', prompt: 'x', ...wish }, 'completions');
    expect(vllm.sent[0]).toMatchObject(wish);
    const gpt = await site.ask({ model: 'gpt', prompt: 'x', temperature: 2.5 }, 'completions');
    expect([gpt.status, at(gpt.body, 'error.param')]).toEqual([400, 'temperature']);
    site.answers(chatAnswer());
    const odd = { input: [{ role: 'critic', content: 'x' }] };
    const refused = await site.ask({ model: 'claude', ...odd }, 'responses');
    expect([refused.status, at(refused.body, 'error.param')]).toEqual([400, 'input[0].role']);
  });
});
