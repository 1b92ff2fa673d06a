import type { ChatChunkChoice, ChatCompletionChunk } from '../openai-api/chat-chunk.js';
import type { StreamBatch } from '../providers/adapter.js';
import { endReading } from '../providers/adopt.js';
import type { AnswerGuard } from './answer-guard.js';
import { textOfChunk } from './answer-texts.js';
import { Refusal } from './hook.js';
import { TextWindow } from './text-window.js';

/** A choice of a chunk: of chat with a delta, of legacy completions with a text. */
type Choice = Omit<ChatChunkChoice, 'delta'> & { delta?: ChatChunkChoice['delta']; text?: string };
type Chunk = Omit<ChatCompletionChunk, 'choices'> & { choices: Choice[] };

/** The texts of a choice that hooks see, each by itself. */
const FIELDS = ['content', 'reasoning_content', 'text'] as const;
type Field = (typeof FIELDS)[number];

const NO_CHUNK: Chunk = { id: '', object: 'chat.completion.chunk', created: 0, model: '', choices: [] };

/** What is known of one choice of a stream. */
interface ChoiceState {
  readonly windows: Map<Field, TextWindow>;
  refused: boolean;
  /** True when a hook changed what the model thought. */
  reasoningChanged: boolean;
}

/** A stream whose text its hook sees, and changes or refuses where its mode allows that. */
export class GuardedStream implements AsyncIterableIterator<StreamBatch, undefined> {
  readonly #batches: AsyncIterator<StreamBatch>;
  readonly #guard: AnswerGuard;
  readonly #choices = new Map<number, ChoiceState>();
  /** The newest chunk, after which those are made that the hook adds. */
  #head: Chunk | undefined;
  /** What is held back in `buffer`. */
  #held: Chunk[] = [];

  constructor(batches: AsyncIterable<StreamBatch>, guard: AnswerGuard) {
    this.#batches = batches[Symbol.asyncIterator]();
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
        this.#guard.show(value.chunks.map(textOfChunk).join(''));
        return { done: false, value };
      }
      const guarded = await this.#guarded(value);
      if (guarded.finished || guarded.chunks.length > 0 || guarded.usage) return { done: false, value: guarded };
    }
  }

  async return(): Promise<IteratorResult<StreamBatch, undefined>> {
    await endReading(this.#batches);
    return { done: true, value: undefined };
  }

  async #guarded(batch: StreamBatch): Promise<StreamBatch> {
    let chunks: Chunk[] = [];
    for (const entry of batch.chunks) chunks.push(...(await this.#chunk(asChunk(entry))));
    if (batch.finished) chunks.push(...(await this.#rest()));
    if (this.#guard.mode === 'buffer') {
      this.#held.push(...chunks);
      chunks = batch.finished ? this.#held : [];
    }
    const sent = chunks.map((chunk) => this.#withoutRefused(chunk)).filter((chunk) => chunk !== undefined);
    return { ...batch, chunks: sent.map(asEntry) };
  }

  /** What may leave of a chunk, and what must leave before it. */
  async #chunk(chunk: Chunk): Promise<Chunk[]> {
    this.#head = chunk;
    const before: Chunk[] = [];
    const choices: Choice[] = [];
    for (const choice of chunk.choices) {
      const state = this.#stateOf(choice.index);
      if (state.refused) continue;
      const guarded = await this.#choice(choice, state, before);
      if (guarded) choices.push(guarded);
    }
    if (choices.length === 0 && chunk.choices.length > 0) return before;
    return [...before, { ...chunk, choices }];
  }

  async #choice(choice: Choice, state: ChoiceState, before: Chunk[]): Promise<Choice | undefined> {
    const ends = choice.finish_reason !== null && choice.finish_reason !== undefined;
    const guarded: Choice = { ...choice, logprobs: null, ...(choice.delta && { delta: { ...choice.delta } }) };
    for (const field of FIELDS) {
      const text = textIn(choice, field);
      if (text === undefined || text === '') continue;
      const earlier = await this.#flush(choice.index, state, before, field);
      if (earlier) return this.#refuse(choice.index, state, earlier, before);
      const made = await this.#add(state, field, text);
      if (made instanceof Refusal) return this.#refuse(choice.index, state, made, before);
      setText(guarded, field, made);
    }
    if (ends || guarded.delta?.tool_calls !== undefined) {
      this.#moveTexts(choice.index, guarded, before);
      const refusal = await this.#flush(choice.index, state, before);
      if (refusal) return this.#refuse(choice.index, state, refusal, before);
    }
    if (state.reasoningChanged) delete guarded.delta?.reasoning_details;
    return ends || saysSomething(guarded) ? guarded : undefined;
  }

  /** Takes a text, and returns what may leave. */
  async #add(state: ChoiceState, field: Field, text: string): Promise<string | Refusal> {
    let window = state.windows.get(field);
    if (!window) {
      window = new TextWindow(this.#guard.lookBehind);
      state.windows.set(field, window);
    }
    const held = window.add(text);
    if (this.#guard.mode === 'buffer') return '';
    const made = await this.#guard.ask(held);
    if (made instanceof Refusal) return made;
    if (field === 'reasoning_content' && made !== held) state.reasoningChanged = true;
    return window.release(made);
  }

  /** Texts leave before what is held after them does. */
  #moveTexts(index: number, choice: Choice, before: Chunk[]): void {
    for (const field of FIELDS) {
      const text = textIn(choice, field);
      if (text === undefined) continue;
      if (text !== '') before.push(this.#made(index, field, text));
      setText(choice, field, '');
    }
  }

  /**
   * Lets everything go that is held of a choice.
   *
   * @param begun a text that goes on: the others have ended, so that they leave before it. In `buffer` nothing leaves early.
   */
  async #flush(index: number, state: ChoiceState, before: Chunk[], begun?: Field): Promise<Refusal | undefined> {
    if (begun !== undefined && this.#guard.mode === 'buffer') return undefined;
    for (const [field, window] of state.windows) {
      if (window.held === '' || field === begun) continue;
      const made = await this.#guard.ask(window.held);
      if (made instanceof Refusal) return made;
      if (field === 'reasoning_content' && made !== window.held) state.reasoningChanged = true;
      window.clear();
      if (made !== '') before.push(this.#made(index, field, made));
    }
    return undefined;
  }

  /** Ends a choice. The rest of the stream is read all the same, because its usage is charged. */
  #refuse(index: number, state: ChoiceState, refusal: Refusal, before: Chunk[]): undefined {
    state.refused = true;
    state.windows.clear();
    const choice: Choice = { index, logprobs: null, finish_reason: 'content_filter' };
    if (this.#head?.choices.some((other) => other.text !== undefined)) choice.text = '';
    else choice.delta = { refusal: refusal.message };
    before.push({ ...this.#chunkHead(), choices: [choice] });
    return undefined;
  }

  /** What is still held when a stream ends without a finish reason. */
  async #rest(): Promise<Chunk[]> {
    const chunks: Chunk[] = [];
    for (const [index, state] of this.#choices) {
      const refusal = await this.#flush(index, state, chunks);
      if (refusal) this.#refuse(index, state, refusal, chunks);
    }
    return chunks;
  }

  #made(index: number, field: Field, text: string): Chunk {
    const choice: Choice = { index, logprobs: null, finish_reason: null };
    if (field === 'text') choice.text = text;
    else choice.delta = { [field]: text };
    return { ...this.#chunkHead(), choices: [choice] };
  }

  #chunkHead(): Chunk {
    const { id, object, created, model } = this.#head ?? NO_CHUNK;
    return { id, object, created, model, choices: [] };
  }

  /** In `buffer`, nothing of a refused choice has left yet: nothing of it will. */
  #withoutRefused(chunk: Chunk): Chunk | undefined {
    if (this.#guard.mode !== 'buffer') return chunk;
    const choices = chunk.choices.filter(
      (choice) =>
        !this.#stateOf(choice.index).refused ||
        choice.finish_reason === 'content_filter' ||
        choice.delta?.role !== undefined,
    );
    return choices.length === 0 && chunk.choices.length > 0 ? undefined : { ...chunk, choices };
  }

  #stateOf(index: number): ChoiceState {
    let state = this.#choices.get(index);
    if (!state) {
      state = { windows: new Map(), refused: false, reasoningChanged: false };
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

function textIn(choice: Choice, field: Field): string | undefined {
  const text = field === 'text' ? choice.text : choice.delta?.[field];
  return typeof text === 'string' ? text : undefined;
}

function setText(choice: Choice, field: Field, text: string): void {
  if (field === 'text') choice.text = text;
  else if (choice.delta) choice.delta[field] = text;
}

/** True for a choice that would not be missed: one that says nothing but what is held back. */
function saysSomething({ delta, text }: Choice): boolean {
  if (text !== undefined) return text !== '';
  return Object.values(delta ?? {}).some((value) => value !== '' && value !== undefined && value !== null);
}
