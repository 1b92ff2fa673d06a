import type { NativeEvent } from './api.js';

/**
 * The whole of an event in Anthropic's own layout: block 0 to 9, one JSON string without `\u` escapes, and the padding
 * that Anthropic adds. What it matches is valid JSON; each character matches in one way, so that it fails in linear time.
 */
const WORDS_EVENT =
  /^\{"type":"content_block_delta","index":(\d),"delta":\{"type":"(text|thinking)_delta","\2":("(?:[ !#-[\]-\uffff]|\\["\\/bfnrt])*")\} *\}$/;

/**
 * Reads an event that brings words and nothing else, as most of a stream does, in a fraction of the time that a JSON
 * parser takes for it; undefined for any other.
 */
export function readWords(data: string): NativeEvent | undefined {
  const found = WORDS_EVENT.exec(data);
  if (found === null) return undefined;
  const words = decoded(found[3] ?? '');
  const delta = found[2] === 'text' ? { type: 'text_delta', text: words } : { type: 'thinking_delta', thinking: words };
  return { type: 'content_block_delta', index: Number(found[1]), delta };
}

function decoded(literal: string): string {
  return literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1);
}
