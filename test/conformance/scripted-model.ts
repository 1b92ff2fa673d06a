import {
  type ChatCall,
  type ChatCompletionChunk,
  GatewayError,
  invalidAnswer,
  type ProviderAdapter,
  type StreamBatch,
  statusError,
  UpstreamError,
  type Usage,
} from '../../src/index.js';
import type { FakeAnswer, ProviderUnderTest } from '../../src/testing/index.js';

type Delta = ChatCompletionChunk['choices'][number]['delta'];
type Finish = ChatCompletionChunk['choices'][number]['finish_reason'];

/** An adapter without HTTP that plays a script, written against the public contract alone. */
export function scriptedModel(script: FakeAnswer = {}): ProviderUnderTest {
  const { promise: stopped, resolve: stop } = deferred();
  const adapter: ProviderAdapter = {
    name: 'scripted',
    async chat(call) {
      await begin(script, call.signal).catch(after(stop));
      if (script.resetAfterBytes !== undefined) throw lost();
      const calls = toolCallsOf(script);
      const message = {
        role: 'assistant' as const,
        content: piecesOf(script).join(''),
        refusal: null,
        ...(calls.length > 0 && { tool_calls: calls }),
      };
      const choices = [{ index: 0, message, logprobs: null, finish_reason: finishOf(script) }];
      return { completion: { ...headOf(call), object: 'chat.completion', choices }, usage: usageOf(script) };
    },
    async stream(call) {
      await begin(script, call.signal).catch(after(stop));
      return { batches: batchesOf(script, call, stop) };
    },
  };
  return { adapter, stopped: () => stopped };
}

async function begin({ before, status = 200, headers = {}, body }: FakeAnswer, signal: AbortSignal): Promise<void> {
  await unlessAborted(signal, before?.pass());
  if (status >= 400) throw statusError({ status, headers, message: 'The model refuses.' });
  if (body !== undefined) throw invalidAnswer(new Error('the model babbles'));
}

async function* batchesOf(script: FakeAnswer, call: ChatCall, stop: () => void): AsyncGenerator<StreamBatch> {
  try {
    yield { chunks: [chunkOf(call, { role: 'assistant', content: '' })] };
    for (const piece of script.text ?? []) {
      if (typeof piece !== 'string') {
        await unlessAborted(call.signal, piece.pass());
        continue;
      }
      call.onActivity();
      yield { chunks: [chunkOf(call, { content: piece })] };
    }
    if (script.resetAfterBytes !== undefined) throw lost();
    if (script.endWithoutTerminal) return;
    const calls = toolCallsOf(script).map((each, index) => chunkOf(call, { tool_calls: [{ index, ...each }] }));
    yield { chunks: [...calls, chunkOf(call, {}, finishOf(script))], usage: usageOf(script), finished: true };
  } finally {
    stop();
  }
}

function headOf({ requestId, model, now }: ChatCall) {
  return { id: `chatcmpl-${requestId}`, created: Math.floor(now() / 1_000), model };
}

function chunkOf(call: ChatCall, delta: Delta, finish: Finish = null): ChatCompletionChunk {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
  return { ...headOf(call), object: 'chat.completion.chunk', choices };
}

function piecesOf({ text = [] }: FakeAnswer): string[] {
  return [text].flat().filter((piece) => typeof piece === 'string');
}

function toolCallsOf({ toolCalls = [] }: FakeAnswer) {
  return toolCalls.map(({ name, arguments: value }, index) => ({
    id: `call_${index}`,
    type: 'function' as const,
    function: { name, arguments: JSON.stringify(value) },
  }));
}

function finishOf({ toolCalls = [], finish = 'stop' }: FakeAnswer) {
  return toolCalls.length > 0 ? ('tool_calls' as const) : finish;
}

function usageOf({ usage: { input = 1, output = 1 } = {} }: FakeAnswer): Usage {
  return {
    inputTokens: input,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens: output,
    reasoningTokens: 0,
    source: 'provider',
  };
}

function lost(): UpstreamError {
  return new UpstreamError('lost', new GatewayError('upstream_error'));
}

function unlessAborted(signal: AbortSignal, work: Promise<void> | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    signal.addEventListener('abort', () => reject(new Error('aborted')), { once: true });
    void Promise.resolve(work).then(resolve, reject);
  });
}

/** For `catch`: does the work, and throws on. */
function after(work: () => void): (thrown: unknown) => never {
  return (thrown) => {
    work();
    throw thrown;
  };
}

function deferred() {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve() };
}
