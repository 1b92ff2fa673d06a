import type { LanguageModelV3FinishReason, LanguageModelV3StreamPart, LanguageModelV3ToolCall } from '@ai-sdk/provider';
import type { Usage } from '../lib/usage.js';
import type { ChatCompletionChunk, ChatDelta } from '../openai-api/chat-chunk.js';
import type { ReasoningDetail } from '../openai-api/chat-request.js';
import type { ChatCall, StreamBatch } from '../providers/adapter.js';
import { truncatedAnswer } from '../providers/answer-faults.js';
import { toUpstreamError } from './errors.js';
import { signed, toDetail, toFinish, toUsage } from './to-answer.js';

/**
 * A stream of parts as batches. Resolves when the first part that says something is there, and rejects when it is an error.
 *
 * Source: AI SDK, `LanguageModelV3StreamPart`.
 */
export async function toBatches(
  stream: ReadableStream<LanguageModelV3StreamPart>,
  call: ChatCall,
): Promise<AsyncIterable<StreamBatch>> {
  const batches = new PartBatches(stream, call).batches();
  const first = await batches.next();
  return (async function* () {
    try {
      if (first.done) return;
      yield first.value;
      yield* batches;
    } finally {
      await batches.return(undefined);
    }
  })();
}

class PartBatches {
  readonly #parts: ReadableStreamDefaultReader<LanguageModelV3StreamPart>;
  readonly #call: ChatCall;
  /** Positions of calls, by their id. */
  readonly #calls = new Map<string, number>();
  /** Ids of calls of whose input a piece has come. */
  readonly #begun = new Set<string>();
  /** Ids of calls that the provider runs itself. */
  readonly #foreign = new Set<string>();
  readonly #thoughts = new Map<string, { text: string; metadata: unknown }>();
  #id: string;
  #model: string;
  #created: number;
  #started = false;

  constructor(stream: ReadableStream<LanguageModelV3StreamPart>, call: ChatCall) {
    this.#parts = stream.getReader();
    this.#call = call;
    this.#id = `chatcmpl-${call.requestId}`;
    this.#model = call.model;
    this.#created = Math.floor(call.now() / 1_000);
  }

  async *batches(): AsyncGenerator<StreamBatch, void> {
    try {
      for (;;) {
        const { done, value } = await this.#parts.read();
        if (done) throw truncatedAnswer();
        this.#call.onActivity();
        const failure = failureIn(value);
        if (failure) {
          const usage = this.#started ? await this.#usageFrom(value) : undefined;
          if (usage) yield { chunks: [], usage };
          throw failure.error;
        }
        if (value.type === 'finish') {
          yield this.#finish(value);
          return;
        }
        const deltas = this.#deltas(value);
        if (deltas.length > 0) yield { chunks: deltas.flatMap((delta) => this.#chunks(delta)) };
      }
    } catch (thrown) {
      throw toUpstreamError(thrown);
    } finally {
      await this.#parts.cancel().catch(() => {});
    }
  }

  /** What a failed answer used: most providers end their stream with it, after an error as well. */
  async #usageFrom(failed: LanguageModelV3StreamPart): Promise<Usage | undefined> {
    let part = failed;
    while (part.type !== 'finish') {
      const { done, value } = await this.#parts.read();
      if (done) return undefined;
      part = value;
    }
    return toUsage(part.usage);
  }

  #deltas(part: LanguageModelV3StreamPart): ChatDelta[] {
    switch (part.type) {
      case 'response-metadata':
        this.#id = part.id ? `chatcmpl-${part.id}` : this.#id;
        this.#model = part.modelId ?? this.#model;
        this.#created = part.timestamp ? Math.floor(part.timestamp.getTime() / 1_000) : this.#created;
        return [];
      case 'text-delta':
        return part.delta === '' ? [] : [{ content: part.delta }];
      case 'reasoning-start':
      case 'reasoning-delta':
      case 'reasoning-end':
        return this.#think(part.id, part.type === 'reasoning-delta' ? part.delta : '', part.providerMetadata);
      case 'tool-input-start':
        if (part.providerExecuted) this.#foreign.add(part.id);
        return part.providerExecuted ? [] : [this.#begin(part.id, part.toolName)];
      case 'tool-input-delta': {
        const index = this.#calls.get(part.id);
        if (part.delta !== '') this.#begun.add(part.id);
        return index === undefined ? [] : [{ tool_calls: [{ index, function: { arguments: part.delta } }] }];
      }
      case 'tool-call':
        return this.#wholeCall(part);
      default:
        return [];
    }
  }

  /** A whole call; its input is known already where it came in pieces. */
  #wholeCall({ toolCallId: id, toolName, input, ...call }: LanguageModelV3ToolCall): ChatDelta[] {
    if (this.#foreign.has(id) || call.providerExecuted) return [];
    const deltas: ChatDelta[] = [];
    if (!this.#calls.has(id)) deltas.push(this.#begin(id, toolName));
    const index = this.#calls.get(id) ?? 0;
    const rest = {
      ...(!this.#begun.has(id) && { function: { arguments: input || '{}' } }),
      ...signed(call.providerMetadata),
    };
    return Object.keys(rest).length > 0 ? [...deltas, { tool_calls: [{ index, ...rest }] }] : deltas;
  }

  #begin(id: string, name: string): ChatDelta {
    const index = this.#calls.size;
    this.#calls.set(id, index);
    return { tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] };
  }

  #think(id: string, text: string, metadata: unknown): ChatDelta[] {
    const thought = this.#thoughts.get(id) ?? { text: '', metadata: undefined };
    this.#thoughts.set(id, { text: thought.text + text, metadata: metadata ?? thought.metadata });
    return text === '' ? [] : [{ reasoning_content: text }];
  }

  #finish({ usage, finishReason }: Extract<LanguageModelV3StreamPart, { type: 'finish' }>): StreamBatch {
    const details: ReasoningDetail[] = [...this.#thoughts.values()].map(({ text, metadata }, i) =>
      toDetail(text, metadata, i),
    );
    const chunks = details.length > 0 ? this.#chunks({ reasoning_details: details }) : [];
    const last = this.#chunks({});
    const choice = last.at(-1)?.choices[0];
    if (choice) Object.assign(choice, toFinish(finishReason, this.#calls.size > 0));
    const used = toUsage(usage);
    return { chunks: [...chunks, ...last], finished: true, ...(used && { usage: used }) };
  }

  #chunks(delta: ChatDelta): ChatCompletionChunk[] {
    const chunks: ChatCompletionChunk[] = [];
    if (!this.#started) chunks.push(this.#chunk({ role: 'assistant', content: '', refusal: null }));
    this.#started = true;
    return [...chunks, this.#chunk(delta)];
  }

  #chunk(delta: ChatDelta): ChatCompletionChunk {
    return {
      id: this.#id,
      object: 'chat.completion.chunk',
      created: this.#created,
      model: this.#model,
      choices: [{ index: 0, delta, logprobs: null, finish_reason: null }],
    };
  }
}

/** What an answer failed with, where this part says so. */
function failureIn(part: LanguageModelV3StreamPart): { readonly error: unknown } | undefined {
  if (part.type === 'error') return { error: part.error };
  if (part.type !== 'finish') return undefined;
  const failed = part.finishReason.unified === 'error' || isMissing(part.finishReason);
  return failed ? { error: truncatedAnswer() } : undefined;
}

/** AI SDK providers begin with this reason, and still have it when the stream of their API ended without one. */
function isMissing({ unified, raw }: LanguageModelV3FinishReason): boolean {
  return unified === 'other' && raw === undefined;
}
