import type { ChatAnswer, ProviderAdapter } from '../../src/index.js';

/** A provider in this process: answers `Hello!` and reports 1,000 tokens in, 500 out. */
export function echoProvider(): ProviderAdapter {
  return {
    name: 'echo',
    chat: async ({ model, now }) => answer(model, now()),
    stream: () => Promise.reject(new Error('not needed here')),
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
