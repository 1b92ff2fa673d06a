import type { FunctionDefinition } from './chat-request.js';
import { isObject } from './field-checks.js';

/** The one field of a custom tool's stand-in. */
const INPUT = 'input';
/** The beginning of arguments up to the text of that field. */
const BEFORE_TEXT = /^\s*\{\s*"input"\s*:\s*"/;
/** Arguments that have not reached it after this many characters are something else. */
const BEFORE_TEXT_LENGTH = 100;
/** Characters of a JSON string, up to its end or an escape that is not whole yet. */
const CHARACTERS = /^(?:[^"\\]+|\\u[\da-f]{4}|\\[^u])*/i;
const ESCAPE = /\\(u[\da-f]{4}|.)/gis;
const ESCAPED: Readonly<Record<string, string>> = { b: '\b', f: '\f', n: '\n', r: '\r', t: '\t' };

/** A custom tool as its client declared it. */
export interface CustomTool {
  readonly name: string;
  readonly description?: unknown;
  /** What its input must match. */
  readonly grammar?: { readonly syntax: string; readonly definition: string } | undefined;
}

/**
 * The function that stands for a custom tool at a provider that has none: it takes the text in its one field. No such
 * provider enforces a grammar, so the description states it.
 */
export function customFunction({ name, description, grammar }: CustomTool): FunctionDefinition {
  const words = typeof description === 'string' && description ? [description] : [];
  if (grammar) words.push(`The input must match this ${grammar.syntax} grammar:\n${grammar.definition}`);
  const input = { type: 'string', description: 'The whole input of the tool, as plain text.' };
  return {
    name,
    ...(words.length > 0 && { description: words.join('\n\n') }),
    parameters: { type: 'object', properties: { [INPUT]: input }, required: [INPUT], additionalProperties: false },
  };
}

/** The grammar in a format of a custom tool; undefined where any text will do. */
export function grammarIn(format: unknown): CustomTool['grammar'] {
  if (!isObject(format) || format['type'] !== 'grammar') return undefined;
  // Chat has it in a member of its own, responses have it flat.
  const { syntax, definition } = isObject(format['grammar']) ? format['grammar'] : format;
  if (typeof definition !== 'string') return undefined;
  return { syntax: typeof syntax === 'string' ? syntax : 'formal', definition };
}

/** The arguments with which the stand-in is called. */
export function customArguments(input: unknown): string {
  return JSON.stringify({ [INPUT]: input });
}

/** The text that the stand-in was called with; what the model wrote, where it wrote something else. */
export function customInput(json: string): string {
  const reader = new CustomInputReader();
  return reader.add(json) + reader.end();
}

/** Reads the text out of arguments that arrive in pieces; what is cut off counts as far as it goes. */
export class CustomInputReader {
  /** What has not been read. */
  #unread = '';
  #begun = false;
  /** The first half of a pair of surrogates, which is no character yet. */
  #half = '';

  /** The text that a piece adds. */
  add(piece: string): string {
    const isAtStart = this.#unread.length < BEFORE_TEXT_LENGTH;
    this.#unread += piece;
    if (!this.#begun) {
      const before = isAtStart ? BEFORE_TEXT.exec(this.#unread.slice(0, BEFORE_TEXT_LENGTH)) : null;
      if (!before) return '';
      this.#begun = true;
      this.#unread = this.#unread.slice(before[0].length);
    }
    const written = CHARACTERS.exec(this.#unread)?.[0] ?? '';
    this.#unread = this.#unread.slice(written.length);
    const text = this.#half + written.replace(ESCAPE, (_, code: string) => unescaped(code));
    this.#half = /[\ud800-\udbff]$/.exec(text)?.[0] ?? '';
    return text.slice(0, text.length - this.#half.length);
  }

  /** What is left to say when no piece follows. */
  end(): string {
    if (this.#begun) return this.#half;
    const value = parsed(this.#unread);
    const input = isObject(value) ? value[INPUT] : undefined;
    return typeof input === 'string' ? input : this.#unread;
  }
}

function unescaped(code: string): string {
  if (code.length > 1) return String.fromCharCode(Number.parseInt(code.slice(1), 16));
  return ESCAPED[code] ?? code;
}

function parsed(json: string): unknown {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}
