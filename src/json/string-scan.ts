/**
 * Checks on the insides of JSON strings, made on their bytes: a long text costs less to look through than to decode,
 * and needs no memory. Four bytes at a time: 200 KB with many escapes take 80 to 120 µs instead of 500 to 650 (bench:tricks
 * `endOfString`). Source: RFC 8259, section 7.
 */

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const HIGH_BITS = 0x80808080 | 0;

/** This many escapes are always read, wherever they stand. */
const FEW_ESCAPES = 64;

/** Of a longer string fewer are read: it would take too long at once. */
const LONG = 1024 * 1024;

/** Bytes of the escape that begins with a backslash and this byte; 0 if it is not an escape. */
const ESCAPE_LENGTH = new Uint8Array(256);
for (const letter of '"\\/bfnrt') ESCAPE_LENGTH[letter.charCodeAt(0)] = 2;
ESCAPE_LENGTH[0x75] = 6;

/**
 * The position of the quote that ends the string whose inside begins at `start`; -1 if the string is invalid, or has
 * an escape every few bytes, in which case parsing costs no more than scanning.
 */
export function endOfString(view: DataView, start: number): number {
  const size = view.byteLength;
  let escapes = 0;
  for (let at = nextStop(view, start); at < size; ) {
    const byte = view.getUint8(at);
    if (byte === QUOTE) return at;
    if (byte !== BACKSLASH || at + 1 === size) return -1;
    escapes += 1;
    if (escapes > FEW_ESCAPES + ((at - start) >> (at - start < LONG ? 2 : 3))) return -1;
    const length = ESCAPE_LENGTH[view.getUint8(at + 1)] as number;
    if (length === 0 || (length === 6 && !isHex4(view, at + 2))) return -1;
    at = nextStop(view, at + length);
  }
  return -1;
}

/** The position of the next quote, backslash or control character; the end when there are no more. */
function nextStop(view: DataView, from: number): number {
  const size = view.byteLength;
  let at = from;
  for (const last = size - 8; at <= last; at += 8) {
    const stops = stopsIn(view.getInt32(at, true));
    if (stops !== 0) return at + lowestByte(stops);
    const more = stopsIn(view.getInt32(at + 4, true));
    if (more !== 0) return at + 4 + lowestByte(more);
  }
  while (at < size && !isStop(view.getUint8(at))) at += 1;
  return at;
}

/** Marks quotes, backslashes and control characters; only the lowest mark is sure to be right. */
function stopsIn(word: number): number {
  // Swapping 0x20 and 0x22 puts the quote beside the control characters.
  const swapped = word ^ 0x02020202;
  const slashed = word ^ 0x5c5c5c5c;
  return (((swapped - 0x21212121) & ~swapped) | ((slashed - 0x01010101) & ~slashed)) & HIGH_BITS;
}

function isStop(byte: number): boolean {
  return byte < 0x20 || byte === QUOTE || byte === BACKSLASH;
}

function lowestByte(marks: number): number {
  return (31 - Math.clz32(marks & -marks)) >> 3;
}

function isHex4(view: DataView, at: number): boolean {
  if (at + 4 > view.byteLength) return false;
  for (let i = at; i < at + 4; i += 1) {
    const byte = view.getUint8(i);
    const letter = byte | 0x20;
    if (!((byte >= 0x30 && byte <= 0x39) || (letter >= 0x61 && letter <= 0x66))) return false;
  }
  return true;
}
