const BACKSLASH = 0x5c;

/** Where the JSON string ends whose content begins at `start`: the place of its closing quote, or -1. */
export function closingQuote(json: string, start: number): number {
  let quote = json.indexOf('"', start);
  while (quote !== -1 && isEscaped(json, quote)) quote = json.indexOf('"', quote + 1);
  return quote;
}

/** True for a quote behind an odd number of backslashes. */
function isEscaped(json: string, quote: number): boolean {
  let at = quote - 1;
  while (json.charCodeAt(at) === BACKSLASH) at -= 1;
  return (quote - at) % 2 === 0;
}

/** True when `part` stands at `start`. As a slice: 40 ns for 150 letters instead of 77 by `startsWith` (bench:tricks `standsAt`). */
export function standsAt(text: string, part: string, start: number): boolean {
  return text.slice(start, start + part.length) === part;
}

/**
 * A pattern for one JSON string without `\u` escapes. What it matches is valid JSON, and since each character matches
 * in one way alone, it fails in linear time.
 */
export const SIMPLE_STRING = String.raw`"(?:[ !#-[\]-\uffff]|\\["\\/bfnrt])*"`;

/** The value of a text that `SIMPLE_STRING` matches. */
export function stringValue(literal: string): string {
  return literal.includes('\\') ? (JSON.parse(literal) as string) : literal.slice(1, -1);
}
