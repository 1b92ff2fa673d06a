import { isObject } from '../openai-api/field-checks.js';
import type { StreamBatch } from '../providers/adapter.js';
import { endReading } from '../providers/adopt.js';
import type { AnswerGuard } from './answer-guard.js';
import { textsOfChunks } from './answer-texts.js';
import { Refusal } from './hook.js';
import { withheld, withoutRepeats } from './withheld.js';

/** A streamed transcript whose hook sees all of it before the client does: its last event repeats the whole. */
export class GuardedTranscript implements AsyncIterableIterator<StreamBatch, undefined> {
  readonly #batches: AsyncIterator<StreamBatch>;
  readonly #guard: AnswerGuard;
  readonly #held: string[] = [];
  #usage: StreamBatch['usage'];
  #refusal: Refusal | undefined;

  constructor(batches: AsyncIterable<StreamBatch>, guard: AnswerGuard) {
    this.#batches = batches[Symbol.asyncIterator]();
    this.#guard = guard;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** @throws {UpstreamError} when the hook has refused the transcript; what it used was reported before. */
  async next(): Promise<IteratorResult<StreamBatch, undefined>> {
    if (this.#refusal) throw withheld(this.#refusal, this.#usage);
    for (;;) {
      const { done, value } = await this.#batches.next();
      if (done) return { done, value: undefined };
      const { chunks, ...rest } = value;
      if (this.#guard.mode === 'observe') {
        for (const { part, text } of textsOfChunks(chunks, this.#guard.texts)) this.#guard.show(text, part);
        return { done: false, value };
      }
      this.#held.push(...chunks.map((chunk) => (typeof chunk === 'string' ? chunk : JSON.stringify(chunk))));
      this.#usage = value.usage ?? this.#usage;
      if (!value.finished) continue;
      const made = await this.#whole();
      if (!(made instanceof Refusal)) return { done: false, value: { ...rest, chunks: made } };
      this.#refusal = made;
      return { done: false, value: { chunks: [], ...(this.#usage && { usage: this.#usage }) } };
    }
  }

  async return(): Promise<IteratorResult<StreamBatch, undefined>> {
    await endReading(this.#batches);
    return { done: true, value: undefined };
  }

  async #whole(): Promise<string[] | Refusal> {
    const [said] = textsOfChunks(this.#held, this.#guard.texts);
    if (!said) return this.#held;
    const made = await this.#guard.ask(said.text, 'text');
    if (made instanceof Refusal) return made;
    if (made === said.text) return this.#held;
    const events = this.#held.map((text): unknown => JSON.parse(text)).filter(isObject);
    const last = events.findLast(({ type }) => type === 'transcript.text.done');
    const changed = [
      { type: 'transcript.text.delta', delta: made },
      ...(last ? [{ ...withoutRepeats(last), text: made }] : []),
    ];
    return changed.map((event) => JSON.stringify(event));
  }
}
