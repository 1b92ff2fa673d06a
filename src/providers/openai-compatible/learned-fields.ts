import { lookUpOnce } from '../look-ups.js';
import { type Fields, isFields } from '../openai/fields.js';

/** Names of extensions. */
export interface Learned {
  readonly message: ReadonlySet<string>;
  readonly call: ReadonlySet<string>;
}

/** The extensions that one endpoint has put into its messages and calls, which therefore may go back to it. */
export class LearnedFields {
  #known: Learned = { message: new Set(), call: new Set() };

  /** What is known so far; the same for all attempts of a request. */
  knownFor(call: object): Learned {
    return lookUpOnce(call, this, '', () => this.#known);
  }

  /** Looks at a message, or a piece of one, as it came. */
  learn(message: Fields): void {
    for (const name of LEARNABLE) if (isSaid(message[name])) this.#add('message', name);
    const { tool_calls: calls } = message;
    if (!Array.isArray(calls)) return;
    for (const call of calls) if (isFields(call) && isSaid(call.extra_content)) this.#add('call', 'extra_content');
  }

  /** Makes a new list: requests that run have the one that they began with. */
  #add(place: keyof Learned, name: string): void {
    const known = this.#known[place];
    if (!known.has(name)) this.#known = { ...this.#known, [place]: new Set([...known, name]) };
  }
}

const LEARNABLE = ['reasoning', 'reasoning_content', 'reasoning_details', 'extra_content'];

function isSaid(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}
