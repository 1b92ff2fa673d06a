import { closingQuote, standsAt } from '../json/text.js';
import type { ChatCompletionChunk } from './chat-chunk.js';
import type { ChatCompletion } from './chat-completion.js';
import { estimateOutput, lettersOf } from './input-size.js';

const DELTA = '"delta":{';
const CONTENT = '"delta":{"content":"';
/** Other text that a delta may hold; a quote inside a JSON string is escaped, so these can only be keys. */
const OTHER_TEXT = [
  '"content":"',
  '"arguments":"',
  '"reasoning_content":"',
  '"reasoning":"',
  '"refusal":"',
  '"input":"',
];

/** Estimates the output tokens of chunks that are relayed as JSON text, without parsing them. */
export class RelayedOutput {
  /** Where the delta began in the chunk before: the same place in most streams. */
  #delta = 0;

  estimate(chunk: string): number {
    const letters = standsAt(chunk, CONTENT, this.#delta)
      ? lettersUpToQuote(chunk, this.#delta + CONTENT.length)
      : this.#search(chunk);
    return letters === 0 ? 0 : estimateOutput(letters);
  }

  #search(chunk: string): number {
    this.#delta = Math.max(0, chunk.indexOf(DELTA));
    if (chunk.startsWith(CONTENT, this.#delta)) return lettersUpToQuote(chunk, this.#delta + CONTENT.length);
    return chunk.startsWith(DELTA, this.#delta) ? otherText(chunk, this.#delta + DELTA.length) : 0;
  }
}

/** The field that holds the text of a chunk or event that is relayed unread. */
type TextField = 'text' | 'delta' | 'thinking' | 'partial_json';

/** The same for a chunk of a legacy completion, or for an event of another API, whose text is in one field. */
export function estimateRelayedText(chunk: string, field: TextField = 'text'): number {
  const key = `"${field}":"`;
  const at = chunk.indexOf(key);
  const letters = at === -1 ? 0 : lettersUpToQuote(chunk, at + key.length);
  return letters === 0 ? 0 : estimateOutput(letters);
}

function otherText(chunk: string, from: number): number {
  let letters = 0;
  for (const field of OTHER_TEXT) {
    const at = chunk.indexOf(field, from);
    if (at !== -1) letters += lettersUpToQuote(chunk, at + field.length);
  }
  return letters;
}

/** Letters up to the closing quote of the JSON string that begins at `start`. */
function lettersUpToQuote(chunk: string, start: number): number {
  const end = closingQuote(chunk, start);
  return lettersOf(chunk, start, end === -1 ? chunk.length : end);
}

/** Output tokens of a chunk, roughly. */
export function estimateChunk({ choices }: ChatCompletionChunk): number {
  let letters = 0;
  for (const { delta } of choices) letters += lettersIn(delta);
  return letters === 0 ? 0 : estimateOutput(letters);
}

/** The same for a whole answer: what its messages say, not how they are written. */
export function estimateCompletion({ choices }: Pick<ChatCompletion, 'choices'>): number {
  let letters = 0;
  for (const { message } of choices) if (message) letters += lettersIn(message);
  return letters === 0 ? 0 : estimateOutput(letters);
}

/** Fields that hold text, in a whole message as in a piece of one. */
interface Said {
  readonly content?: string | null | undefined;
  readonly reasoning_content?: string | null | undefined;
  readonly refusal?: string | null | undefined;
  readonly tool_calls?: readonly {
    readonly function?: { readonly name?: string; readonly arguments?: string };
    readonly custom?: { readonly name?: string; readonly input?: string };
  }[];
}

function lettersIn({ content, reasoning_content: reasoning, refusal, tool_calls: calls }: Said): number {
  let letters = 0;
  if (typeof content === 'string') letters += lettersOf(content);
  if (typeof reasoning === 'string') letters += lettersOf(reasoning);
  if (typeof refusal === 'string') letters += lettersOf(refusal);
  if (calls) {
    for (const { function: called, custom } of calls) {
      letters += lettersOf(called?.arguments ?? custom?.input ?? '') + lettersOf(called?.name ?? custom?.name ?? '');
    }
  }
  return letters;
}
