import { digest } from '../../lib/digest.js';
import type { Fields } from '../openai/fields.js';
import type { UnsupportedParams } from '../unsupported-params.js';
import type { CompatibleFacts } from './facts.js';
import type { Learned } from './learned-fields.js';

/** What the translation of messages depends on. */
export interface MessageContext {
  readonly facts: CompatibleFacts;
  /** What the endpoint has put into its own messages. */
  readonly learned: Learned;
  readonly unsupported: UnsupportedParams;
  /** True where the operator lets everything pass. */
  readonly everything: boolean;
  /** True where thoughts of earlier turns may be parts of the content. */
  readonly thinkingParts: boolean;
  /** The text that stands in for lost reasoning; undefined: none is needed. */
  readonly lostReasoning: string | undefined;
  /** The reasoning that led to a tool call, where it is remembered. */
  readonly recall: (callId: string) => string | undefined;
}

/** Fields that answers put into messages and that other APIs refuse; they come back whether the client wants it or not. */
export const ANSWER_FIELDS: ReadonlySet<string> = new Set([
  'refusal',
  'reasoning',
  'reasoning_content',
  'reasoning_details',
  'thinking_blocks',
  'extra_content',
  'annotations',
  'audio',
  'images',
  'provider_specific_fields',
  'function_call',
  'citations',
  'executed_tools',
  'index',
]);

/** A message that is copied when it is first changed. */
export class MessageEdit {
  #value: Fields;
  #copied = false;

  constructor(original: Fields) {
    this.#value = original;
  }

  get value(): Fields {
    return this.#value;
  }

  set(name: string, value: unknown): void {
    this.#copy();
    this.#value[name] = value;
  }

  remove(name: string): void {
    if (!(name in this.#value)) return;
    this.#copy();
    delete this.#value[name];
  }

  #copy(): void {
    if (this.#copied) return;
    this.#value = { ...this.#value };
    this.#copied = true;
  }
}

/** The id that stands in for the name of a function in the deprecated form of calls. */
export function legacyCallId(name: string): string {
  return digest(`function ${name}`).slice(0, 9);
}
