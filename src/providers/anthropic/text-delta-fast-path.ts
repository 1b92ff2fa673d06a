import { SIMPLE_STRING, stringValue } from '../../json/text.js';

/** The whole of an event in Anthropic's own layout: block 0 to 9, words, and the padding that Anthropic adds. */
const WORDS_EVENT = new RegExp(
  String.raw`^\{"type":"content_block_delta","index":(\d),"delta":\{"type":"(text|thinking)_delta","\2":(${SIMPLE_STRING})\} *\}$`,
);

interface WordsEvent {
  readonly type: 'content_block_delta';
  readonly index: number;
  readonly delta: Readonly<Record<string, string>>;
}

/**
 * Reads an event that brings words and nothing else, as most of a stream does; undefined for any other. Saves 22 % of
 * reading a stream (bench:tricks `readWords`).
 */
export function readWords(data: string): WordsEvent | undefined {
  const found = WORDS_EVENT.exec(data);
  if (found === null) return undefined;
  const [, index, kind, literal = ''] = found;
  const words = stringValue(literal);
  const delta = kind === 'text' ? { type: 'text_delta', text: words } : { type: 'thinking_delta', thinking: words };
  return { type: 'content_block_delta', index: Number(index), delta };
}
