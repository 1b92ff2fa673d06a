import type { ChatAnswer, ProviderAdapter, StreamBatch } from '../../src/index.js';

/** A provider in this process: answers `Hello!` and reports 1,000 tokens in, 500 out. */
export function echoProvider(): ProviderAdapter {
  return {
    name: 'echo',
    chat: async ({ model, now }) => answer(model, now()),
    stream: async ({ model, now }) => ({ batches: words(model, now()) }),
  };
}

function answer(model: string, now: number): ChatAnswer {
  return {
    completion: {
      id: 'chatcmpl-echo',
      object: 'chat.completion',
      created: Math.floor(now / 1000),
      model,
      choices: [
        {
          index: 0,
          message: { role: 'assistant', content: 'Hello!', refusal: null },
          logprobs: null,
          finish_reason: 'stop',
        },
      ],
    },
    usage: {
      inputTokens: 1_000,
      cachedInputTokens: 0,
      cacheWriteTokens: 0,
      cacheWrite1hTokens: 0,
      outputTokens: 500,
      reasoningTokens: 0,
      source: 'provider',
    },
  };
}

/** The same answer in two pieces. */
async function* words(model: string, now: number): AsyncGenerator<StreamBatch> {
  const { usage } = answer(model, now);
  const base = {
    id: 'chatcmpl-echo',
    object: 'chat.completion.chunk',
    created: Math.floor(now / 1000),
    model,
  } as const;
  const chunk = (content: string, finish_reason: 'stop' | null) => ({
    ...base,
    choices: [{ index: 0, delta: { content }, logprobs: null, finish_reason }],
  });
  yield { chunks: [chunk('Hel', null)] };
  yield { chunks: [chunk('lo!', 'stop')], ...(usage && { usage }), finished: true };
}
