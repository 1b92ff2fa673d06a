import type { AnswerAudio } from '../openai-api/chat-completion.js';
import type { AnswerGuard } from './answer-guard.js';
import type { Choice } from './choice-texts.js';
import { Refusal } from './hook.js';

/**
 * The sound of one choice of a stream, held back until it is complete: a hook hears it by its transcript, and sound that has
 * left can't be changed.
 */
export class HeldSound {
  readonly #guard: AnswerGuard;
  #pieces: AnswerAudio[] = [];

  constructor(guard: AnswerGuard) {
    this.#guard = guard;
  }

  /** Keeps the sound of a choice. @returns the choice without it. */
  take(choice: Choice): Choice {
    const { delta } = choice;
    if (!delta?.audio) return choice;
    const { audio, ...others } = delta;
    this.#pieces.push(audio);
    return { ...choice, delta: others };
  }

  /** The pieces as they came, or the changed transcript alone; nothing where there was no sound. */
  async release(): Promise<readonly AnswerAudio[] | Refusal> {
    const pieces = this.#pieces;
    this.#pieces = [];
    const transcript = pieces.map((piece) => piece.transcript ?? '').join('');
    const sound: AnswerAudio = Object.assign({}, ...pieces, { transcript });
    const made = await guardSound(sound, this.#guard);
    if (made instanceof Refusal) return made;
    return made === sound ? pieces : [made];
  }
}

/** Sound is heard by its transcript: where that changes, the sound would say what was removed, and so is left out. */
export async function guardSound(sound: AnswerAudio, guard: AnswerGuard): Promise<AnswerAudio | Refusal> {
  const { data: _, ...facts } = sound;
  if (typeof facts.transcript !== 'string' || facts.transcript === '') return sound;
  const transcript = await guard.ask(facts.transcript, 'text');
  if (transcript instanceof Refusal) return transcript;
  return transcript === facts.transcript ? sound : { ...facts, transcript };
}
