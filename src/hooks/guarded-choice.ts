import type { AnswerGuard } from './answer-guard.js';
import {
  begunPlace,
  type Choice,
  choiceWith,
  isCall,
  oneByOne,
  type Place,
  partOf,
  saysSomething,
  textsIn,
  withTexts,
} from './choice-texts.js';
import { HeldSound } from './held-sound.js';
import { Refusal } from './hook.js';
import { TextWindow } from './text-window.js';

/** One choice of a stream while a hook changes it: what may leave of it, and when. */
export class GuardedChoice {
  /** True when a hook changed what the model thought. */
  reasoningChanged = false;
  refused = false;
  readonly #index: number;
  readonly #guard: AnswerGuard;
  readonly #windows = new Map<Place, TextWindow>();
  readonly #sound: HeldSound;
  /** A legacy completion. */
  #isText = false;

  constructor(index: number, guard: AnswerGuard) {
    this.#index = index;
    this.#guard = guard;
    this.#sound = new HeldSound(guard);
  }

  /** Takes what has arrived, and returns what may leave, in order. */
  async take(choice: Choice): Promise<Choice[]> {
    this.#isText ||= choice.text !== undefined;
    const leaving: Choice[] = [];
    for (const single of oneByOne(this.#sound.take(choice))) {
      if (this.refused) break;
      await this.#single(single, leaving);
    }
    return leaving.filter(saysSomething);
  }

  /** What is still held when a stream ends without a finish reason. */
  async end(): Promise<Choice[]> {
    const leaving: Choice[] = [];
    if (this.refused) return leaving;
    const refusal = await this.#flushAll(leaving);
    if (refusal) this.#refuse(refusal, leaving);
    return leaving;
  }

  /** @param choice has one text at most. */
  async #single(choice: Choice, leaving: Choice[]): Promise<void> {
    const [said] = textsIn(choice);
    const ends = choice.finish_reason !== null && choice.finish_reason !== undefined;
    const earlier = ends ? await this.#flushAll(leaving) : await this.#before(choice, leaving);
    if (earlier) return this.#refuse(earlier, leaving);
    const texts = new Map<Place, string>();
    if (said) {
      const made = await this.#add(said.place, said.text);
      if (made instanceof Refusal) return this.#refuse(made, leaving);
      texts.set(said.place, made);
    }
    const own = withTexts(choice, texts);
    if (this.reasoningChanged) delete own.delta?.reasoning_details;
    leaving.push(own);
  }

  /** Lets go what stands before a choice: the texts that ended when another begins, and the thoughts before what repeats them. */
  async #before(choice: Choice, leaving: Choice[]): Promise<Refusal | undefined> {
    const begun = begunPlace(choice);
    if (begun !== undefined) return this.#flush(leaving, begun);
    const thoughts = this.#windows.get('reasoning_content');
    if (!thoughts || choice.delta?.reasoning_details === undefined) return undefined;
    return this.#release('reasoning_content', thoughts, leaving);
  }

  /** Takes a text, and returns what may leave. */
  async #add(place: Place, text: string): Promise<string | Refusal> {
    let window = this.#windows.get(place);
    if (!window) {
      window = new TextWindow(this.#guard.lookBehind);
      this.#windows.set(place, window);
    }
    window.add(text);
    if (this.#guard.mode === 'buffer') return '';
    const made = await this.#ask(place, window);
    if (made instanceof Refusal) return made;
    const left = window.release(made);
    return left === '' && window.isLong ? this.#cut(place, window, made) : left;
  }

  /** What becomes of all that is held; what the hook looks for may look at what stands before it. */
  async #ask(place: Place, window: TextWindow): Promise<string | Refusal> {
    const { before, held } = window;
    let made = before === '' ? undefined : await this.#guard.ask(before + held, partOf(place));
    if (made instanceof Refusal) return made;
    if (made?.startsWith(before)) made = made.slice(before.length);
    else made = await this.#guard.ask(held, partOf(place));
    if (place === 'reasoning_content' && made !== held) this.reasoningChanged = true;
    return made;
  }

  /** A hook that changes every letter holds back all of them, unless the parts of the text become the parts of what it makes. */
  async #cut(place: Place, window: TextWindow, made: string): Promise<string | Refusal> {
    const [head, tail] = window.parts();
    const begin = await this.#guard.ask(head, partOf(place));
    const rest = begin instanceof Refusal ? begin : await this.#guard.ask(tail, partOf(place));
    if (begin instanceof Refusal || rest instanceof Refusal || begin + rest !== made) return '';
    window.keep(tail);
    return begin;
  }

  /** Lets everything go that is held, the sound last. */
  async #flushAll(leaving: Choice[]): Promise<Refusal | undefined> {
    const refusal = await this.#flush(leaving, undefined);
    if (refusal) return refusal;
    const sound = await this.#sound.release();
    if (sound instanceof Refusal) return sound;
    for (const audio of sound)
      leaving.push({ index: this.#index, logprobs: null, finish_reason: null, delta: { audio } });
    return undefined;
  }

  /**
   * Lets everything go that is held.
   *
   * @param begun a text that goes on: the others have ended, so that they leave before it. In `buffer` the thoughts and the
   * text stay until a call begins or the answer ends, and calls until another text begins.
   */
  async #flush(leaving: Choice[], begun: Place | undefined): Promise<Refusal | undefined> {
    for (const [place, window] of this.#windows) {
      if (place === begun) continue;
      const stays = this.#guard.mode === 'buffer' && begun !== undefined && !isCall(begun) && !isCall(place);
      if (stays) continue;
      const refusal = await this.#release(place, window, leaving);
      if (refusal) return refusal;
    }
    return undefined;
  }

  async #release(place: Place, window: TextWindow, leaving: Choice[]): Promise<Refusal | undefined> {
    if (window.held === '') return undefined;
    const made = await this.#ask(place, window);
    if (made instanceof Refusal) return made;
    window.clear();
    if (made !== '') leaving.push(choiceWith(this.#index, place, made));
    return undefined;
  }

  /** Ends the choice. The rest of the stream is still read, because its usage is charged. */
  #refuse(refusal: Refusal, leaving: Choice[]): void {
    this.refused = true;
    this.#windows.clear();
    const said = this.#isText ? { text: '' } : { delta: { refusal: refusal.message } };
    leaving.push({ index: this.#index, logprobs: null, finish_reason: 'content_filter', ...said });
  }
}
