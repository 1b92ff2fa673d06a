import { errorBody } from '../errors.js';
import { toOpenAIUsage, type Usage } from '../meter/usage.js';
import type { ChatCompletionChunk } from '../openai/chat-chunk.js';
import type { ChatCompletion } from '../openai/chat-completion.js';
import type { ChatRequest } from '../openai/chat-request.js';
import { estimateOutput, inputSize } from '../openai/input-size.js';
import { parseChatRequest } from '../openai/parse-chat-request.js';
import { RelayedOutput } from '../openai/relayed-output.js';
import type { CallContext, Frames, InputSize, OpenStream, Operation } from '../pipeline/operation.js';
import type { ParsedBody } from '../pipeline/parse.js';
import type { Runtime } from '../pipeline/runtime.js';
import type { ChatAnswer, ChatCall, StreamBatch } from '../providers/provider-adapter.js';

/** `POST /chat/completions`: makes an operation of its body. @throws {GatewayError} that names the wrong field. */
export function readChatCompletion(body: ParsedBody, gateway: Runtime): Operation {
  return chatOperation(parseChatRequest(body.value), body, gateway);
}

function chatOperation(request: ChatRequest, body: ParsedBody, gateway: Runtime): Operation {
  return {
    route: 'chat/completions',
    model: request.model,
    stream: request.stream === true,
    input: sizeOf(request, body, gateway),
    output: { choices: request.n ?? 1, limit: request.max_completion_tokens ?? request.max_tokens },
    stickyKey: request.prompt_cache_key ?? request.safety_identifier ?? request.user,
    chat: request,
    fits: () => true,

    async call(adapter, context) {
      const answer = await adapter.chat(chatCall(request, body, context));
      const completion = withUsage(answer);
      return {
        body: answer.text ?? JSON.stringify(completion),
        usage: answer.usage,
        estimatedOutput: answer.usage ? 0 : estimateOutput(JSON.stringify(completion.choices).length),
        dropped: answer.dropped ?? [],
      };
    },

    async open(adapter, context) {
      const { batches, dropped } = await adapter.stream(chatCall(request, body, context));
      return openStream(batches, request.stream_options?.include_usage === true, dropped ?? []);
    },

    fail: (error) => `data: ${JSON.stringify(errorBody(error))}\n\n`,
  };
}

/** The answer with the provider's usage in OpenAI's terms, unless the adapter has put it there itself. */
function withUsage({ completion, usage }: ChatAnswer): ChatCompletion {
  return completion.usage === undefined && usage ? { ...completion, usage: toOpenAIUsage(usage) } : completion;
}

/** Exactly counted where the operator provides a counter, else estimated from the size of the body. */
export function sizeOf(request: ChatRequest, body: ParsedBody, gateway: Runtime): InputSize {
  const counted = gateway.countTokens?.(request);
  if (counted !== undefined) return { estimatedTokens: counted, maxTokens: counted };
  return inputSize(body.size, request.messages);
}

/** Field by field: every request makes one, and a spread copies several times slower. */
function chatCall(request: ChatRequest, body: ParsedBody, context: CallContext): ChatCall {
  return {
    requestId: context.requestId,
    accountId: context.accountId,
    model: context.model,
    request,
    // where parsing removed nulls, the bytes no longer say the same
    body: request === body.value ? body.bytes : undefined,
    maxOutputTokens: context.maxOutputTokens,
    outputLimitAdded: context.outputLimitAdded,
    modelOutputLimit: context.modelOutputLimit,
    unsupported: context.unsupported,
    transport: context.transport,
    signal: context.signal,
    onActivity: context.onActivity,
    now: context.now,
  };
}

/** Server-sent events: only `data:` lines, because the official Python client fails on others. */
function openStream(
  batches: AsyncIterable<StreamBatch>,
  includeUsage: boolean,
  dropped: readonly string[],
): OpenStream {
  let first: ChatCompletionChunk | string | undefined;
  let usageChunk: string | undefined;
  const relayed = new RelayedOutput();

  function encode(batch: StreamBatch): Frames {
    if (batch.usageChunk) usageChunk = batch.usageChunk;
    let text = '';
    let estimatedOutput = 0;
    for (const chunk of batch.chunks) {
      first ??= chunk;
      if (typeof chunk === 'string') {
        text += `data: ${chunk}\n\n`;
        estimatedOutput += relayed.estimate(chunk);
      } else {
        text += `data: ${encodeChunk(chunk, includeUsage)}\n\n`;
        estimatedOutput += estimateChunk(chunk);
      }
    }
    return { text, usage: batch.usage, estimatedOutput };
  }

  return {
    frames: translated(batches, encode),
    dropped,
    end(usage) {
      const last = includeUsage ? `data: ${usageChunk ?? encodeUsage(first, usage)}\n\n` : '';
      return `${last}data: [DONE]\n\n`;
    },
  };
}

/**
 * The same iteration with other values. Not a generator: one that was never asked for anything does not pass `return()`
 * on, and the adapter would not learn that it is over.
 */
function translated<T, U>(source: AsyncIterable<T>, translate: (value: T) => U): AsyncIterable<U> {
  const iterator = source[Symbol.asyncIterator]();
  const steps: AsyncIterator<U> = {
    async next() {
      const { done, value } = await iterator.next();
      return done ? { done, value: undefined } : { done: false, value: translate(value) };
    },
    async return() {
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
  return { [Symbol.asyncIterator]: () => steps };
}

/** With `include_usage` every chunk but the last has `usage: null`; without it none has the field. */
function encodeChunk(chunk: ChatCompletionChunk, includeUsage: boolean): string {
  return JSON.stringify(includeUsage ? { ...chunk, usage: null } : chunk);
}

/** The usage chunk, under the id of the chunks before it. */
function encodeUsage(first: ChatCompletionChunk | string | undefined, usage: Usage): string {
  const head = typeof first === 'string' ? (JSON.parse(first) as ChatCompletionChunk) : first;
  return JSON.stringify({
    id: head?.id ?? '',
    object: 'chat.completion.chunk',
    created: head?.created ?? 0,
    model: head?.model ?? '',
    choices: [],
    usage: toOpenAIUsage(usage),
  });
}

function estimateChunk(chunk: ChatCompletionChunk): number {
  let characters = 0;
  for (const { delta } of chunk.choices) {
    characters += (delta.content?.length ?? 0) + (delta.reasoning_content?.length ?? 0) + (delta.refusal?.length ?? 0);
    for (const call of delta.tool_calls ?? [])
      characters += (call.function?.arguments?.length ?? 0) + (call.function?.name?.length ?? 0);
  }
  return characters === 0 ? 0 : estimateOutput(characters);
}
