import { setImmediate } from 'node:timers/promises';
import type { ChatCall, ChatCompletionChunk, ProviderAdapter, StreamBatch, Usage } from 'metask-gateway';

const VERSE = [
  'Roses ',
  'are ',
  'red, ',
  'this ',
  'model ',
  'is ',
  'small, ',
  'it ',
  'says ',
  'the ',
  'same ',
  'to ',
  'all.',
];

/** A model inside the process: whatever can make a text can be metered and billed. */
export function rhymingModel(): ProviderAdapter {
  return {
    name: 'rhymes',
    async chat(call) {
      const message = { role: 'assistant' as const, content: VERSE.join(''), refusal: null };
      const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' as const }];
      return { completion: { ...head(call), object: 'chat.completion', choices }, usage: usageOf(call) };
    },
    async stream(call) {
      return { batches: verses(call) };
    },
  };
}

async function* verses(call: ChatCall): AsyncGenerator<StreamBatch> {
  yield { chunks: [chunk(call, { role: 'assistant', content: '' })] };
  for (const word of VERSE) {
    // Where a real model works; it stops when the client is gone.
    await setImmediate(undefined, { signal: call.signal });
    call.onActivity();
    yield { chunks: [chunk(call, { content: word })] };
  }
  yield { chunks: [chunk(call, {}, 'stop')], usage: usageOf(call), finished: true };
}

function head(call: ChatCall) {
  return { id: `chatcmpl-${call.requestId}`, created: Math.floor(call.now() / 1000), model: call.model };
}

function chunk(
  call: ChatCall,
  delta: ChatCompletionChunk['choices'][number]['delta'],
  finish: 'stop' | null = null,
): ChatCompletionChunk {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
  return { ...head(call), object: 'chat.completion.chunk', choices };
}

/** Tokens in disjoint buckets; a model that can't count leaves `usage` out, and the gateway estimates. */
function usageOf({ request }: ChatCall): Usage {
  return {
    inputTokens: JSON.stringify(request.messages).length,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens: VERSE.length,
    reasoningTokens: 0,
    source: 'provider',
  };
}
