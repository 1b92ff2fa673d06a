const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const SPACE = 0x20;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;

/**
 * True when every JSON parser reads the same out of a text: no object in it, at any depth, has a key twice. Only such text
 * may be forwarded, since a provider that takes the first of two equal keys would not run what was paid for.
 *
 * A parser keeps one member for equal keys, however they are spelled, so that the text then has more values than what was
 * parsed out of it. A key with an escape counts as repeated in any case: parsers may differ on what it is.
 *
 * @param text valid JSON.
 * @param values how many values were parsed out of it.
 */
export function isUnambiguous(text: string, values: number): boolean {
  let found = 1;
  let backslash = indexOrEnd(text, '\\', 0);
  let escaped = false;
  for (let at = 0; at < text.length; at += 1) {
    switch (text.charCodeAt(at)) {
      case QUOTE: {
        const start = at + 1;
        at = indexOrEnd(text, '"', start);
        if (backslash < start) backslash = indexOrEnd(text, '\\', start);
        escaped = backslash < at;
        while (isEscaped(text, at)) at = indexOrEnd(text, '"', at + 1);
        break;
      }
      case COLON:
        if (escaped) return false;
        break;
      case COMMA:
        found += 1;
        break;
      case OPEN_BRACE:
      case OPEN_BRACKET:
        if (!closesAfter(text, at)) found += 1;
        break;
      default:
    }
  }
  return found === values;
}

function indexOrEnd(text: string, wanted: string, from: number): number {
  const index = text.indexOf(wanted, from);
  return index === -1 ? text.length : index;
}

function isEscaped(text: string, quote: number): boolean {
  let slashes = 0;
  while (text.charCodeAt(quote - 1 - slashes) === BACKSLASH) slashes += 1;
  return slashes % 2 === 1;
}

/** True when the object or list that opens here is empty. */
function closesAfter(text: string, open: number): boolean {
  let next = open + 1;
  while (text.charCodeAt(next) <= SPACE) next += 1;
  const code = text.charCodeAt(next);
  return code === CLOSE_BRACE || code === CLOSE_BRACKET;
}
