import type { ChatCompletionChunk } from '../openai-api/chat-chunk.js';
import type { StreamBatch } from '../providers/adapter.js';
import { endReading } from '../providers/adopt.js';
import type { AnswerGuard } from './answer-guard.js';
import { type AnswerTexts, textsOfChunks } from './answer-texts.js';
import type { Choice } from './choice-texts.js';
import { GuardedChoice } from './guarded-choice.js';

type Chunk = Omit<ChatCompletionChunk, 'choices'> & { choices: Choice[] };

const NO_CHUNK: Chunk = { id: '', object: 'chat.completion.chunk', created: 0, model: '', choices: [] };

/** A stream whose texts its hook sees, and changes or refuses where its mode allows that. */
export class GuardedStream implements AsyncIterableIterator<StreamBatch, undefined> {
  readonly #batches: AsyncIterator<StreamBatch>;
  readonly #guard: AnswerGuard;
  readonly #format: AnswerTexts;
  readonly #choices = new Map<number, GuardedChoice>();
  /** The newest chunk, after which those are made that the hook adds. */
  #head: Chunk | undefined;
  /** What is held back in `buffer`. */
  #held: Chunk[] = [];

  /** @param format of the chunks; a hook that may change them sees them in chat form. */
  constructor(batches: AsyncIterable<StreamBatch>, format: AnswerTexts, guard: AnswerGuard) {
    this.#batches = batches[Symbol.asyncIterator]();
    this.#format = format;
    this.#guard = guard;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<StreamBatch, undefined>> {
    for (;;) {
      const { done, value } = await this.#batches.next();
      if (done) return { done, value: undefined };
      if (this.#guard.mode === 'observe') {
        this.#show(value);
        return { done: false, value };
      }
      this.#guard.made?.chunks(value.chunks);
      const guarded = await this.#guarded(value);
      if (guarded.finished || guarded.chunks.length > 0 || guarded.usage) return { done: false, value: guarded };
    }
  }

  async return(): Promise<IteratorResult<StreamBatch, undefined>> {
    await endReading(this.#batches);
    return { done: true, value: undefined };
  }

  #show({ chunks, usageChunk }: StreamBatch): void {
    const all = usageChunk === undefined ? chunks : [...chunks, usageChunk];
    for (const { part, text } of textsOfChunks(all, this.#format)) this.#guard.show(text, part);
  }

  async #guarded(batch: StreamBatch): Promise<StreamBatch> {
    let chunks: Chunk[] = [];
    for (const entry of batch.chunks) chunks.push(...(await this.#chunk(asChunk(entry))));
    if (batch.finished) chunks.push(...(await this.#rest()));
    if (this.#guard.mode === 'buffer') {
      this.#held.push(...chunks);
      chunks = batch.finished ? this.#held.filter((chunk) => this.#mayLeave(chunk)) : [];
    }
    return { ...batch, chunks: chunks.map(asEntry) };
  }

  /** A chunk as those that may leave of it, with what must leave before. */
  async #chunk(chunk: Chunk): Promise<Chunk[]> {
    this.#head = chunk;
    if (chunk.choices.length === 0) return [chunk];
    const chunks: Chunk[] = [];
    for (const choice of chunk.choices) {
      const state = this.#stateOf(choice.index);
      if (state.refused) continue;
      for (const leaving of await state.take(choice)) chunks.push({ ...chunk, choices: [leaving] });
    }
    return chunks;
  }

  async #rest(): Promise<Chunk[]> {
    const { id, object, created, model } = this.#head ?? NO_CHUNK;
    const chunks: Chunk[] = [];
    for (const state of this.#choices.values()) {
      for (const leaving of await state.end()) chunks.push({ id, object, created, model, choices: [leaving] });
    }
    return chunks;
  }

  /** In `buffer`, nothing of a refused choice has left yet: nothing of it will. What repeats changed thoughts goes as well. */
  #mayLeave(chunk: Chunk): boolean {
    const [choice] = chunk.choices;
    if (!choice) return true;
    const { refused, reasoningChanged } = this.#stateOf(choice.index);
    if (reasoningChanged) delete choice.delta?.reasoning_details;
    return !refused || choice.finish_reason === 'content_filter' || choice.delta?.role !== undefined;
  }

  #stateOf(index: number): GuardedChoice {
    let state = this.#choices.get(index);
    if (!state) {
      state = new GuardedChoice(index, this.#guard);
      this.#choices.set(index, state);
    }
    return state;
  }
}

function asChunk(entry: ChatCompletionChunk | string): Chunk {
  const chunk = (typeof entry === 'string' ? JSON.parse(entry) : entry) as Chunk;
  return Array.isArray(chunk.choices) ? chunk : { ...chunk, choices: [] };
}

/** Chunks of legacy completions are always passed on as text. */
function asEntry(chunk: Chunk): ChatCompletionChunk | string {
  return chunk.choices.some(({ text }) => text !== undefined) ? JSON.stringify(chunk) : (chunk as ChatCompletionChunk);
}
