import type { Steps } from '../lib/steps.js';
import { hasWhiteSpace } from '../lib/white-space.js';

const NO_BYTES = Buffer.alloc(0);
/** Letters that are decoded in one turn: whole groups of four. */
const LETTERS_AT_ONCE = 1024 * 1024;

/** A data URL in its parts. */
export interface DataUrl {
  /** Lower case, without parameters; empty where none is named. */
  readonly mediaType: string;
  /** The data as base64 without white space. */
  readonly base64: string;
}

/**
 * Reads a data URL; undefined when it is not one. Data that is percent-encoded is written as base64.
 *
 * Source: RFC 2397.
 */
export function parseDataUrl(url: string): DataUrl | undefined {
  if (!/^data:/i.test(url)) return undefined;
  const comma = url.indexOf(',');
  if (comma < 0 || comma > 200) return undefined;
  const [mediaType = '', ...parameters] = url.slice(5, comma).toLowerCase().split(';');
  const payload = url.slice(comma + 1);
  const isBase64 = parameters.some((parameter) => parameter.trim() === 'base64');
  const base64 = isBase64 ? withoutSpace(unescaped(payload)) : unescapedBytes(payload).toString('base64');
  return { mediaType: mediaType.trim(), base64 };
}

/** Base64 may be percent-encoded as well; it is ASCII, so that its bytes are its characters. */
function unescaped(text: string): string {
  return text.includes('%') ? unescapedBytes(text).toString('latin1') : text;
}

const PERCENT = 0x25;

/**
 * The octets of a percent-encoded text, which need not be UTF-8; a percent sign that begins no octet stays.
 *
 * Source: RFC 3986, section 2.1.
 */
function unescapedBytes(text: string): Buffer {
  const bytes = Buffer.from(text);
  let at = bytes.indexOf(PERCENT);
  if (at < 0) return bytes;
  let length = at;
  for (; at < bytes.length; at += 1) {
    const octet = bytes[at] === PERCENT ? hexDigit(bytes[at + 1]) * 16 + hexDigit(bytes[at + 2]) : Number.NaN;
    bytes[length] = Number.isNaN(octet) ? (bytes[at] as number) : octet;
    if (!Number.isNaN(octet)) at += 2;
    length += 1;
  }
  return bytes.subarray(0, length);
}

/** The value of an ASCII digit of base 16; NaN for anything else. */
function hexDigit(byte: number | undefined): number {
  if (byte === undefined) return Number.NaN;
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = byte | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : Number.NaN;
}

const PADDING = /^=\s*(?:=\s*)?$/;

/**
 * Base64 without line breaks and other white space, however much of it there is: decoded and encoded again, which takes a fifth
 * of the time of looking at each letter. What is not base64 as a whole stays as it is, so that its reader refuses it.
 */
export function withoutSpace(base64: string): string {
  if (!hasWhiteSpace(base64)) return base64;
  const padding = base64.indexOf('=');
  const letters = padding < 0 ? base64 : base64.slice(0, padding);
  // Decoding would leave out what is no letter, and all that follows padding.
  if (/[^A-Za-z0-9+/_\-\s]/.test(letters)) return base64;
  if (padding >= 0 && !PADDING.test(base64.slice(padding))) return base64;
  const written = decodeBase64(letters).toString('base64');
  // Base64 without its padding stays so.
  const added = written.indexOf('=', written.length - 2);
  return padding < 0 && added >= 0 ? written.slice(0, added) : written;
}

/** Letters that are looked at together: the bytes that they stand for stay in the processor's cache. */
const LETTERS_TO_CHECK = 4_096;
/** What these decode to; nobody reads it. */
const ROOM = Buffer.allocUnsafeSlow((LETTERS_TO_CHECK / 4) * 3);
const EITHER = /^[A-Za-z0-9+/_-]+={0,2}$/;

/**
 * True for a text of the letters of base64 alone, of either alphabet, that may end with padding. Decoding finds what is no
 * letter, since it leaves that out: 20 MiB take 3 ms, by a pattern 19.
 */
export function isBase64(text: string): boolean {
  let at = 0;
  while (text.length - at > 2 * LETTERS_TO_CHECK) {
    if (!isLetters(text.slice(at, at + LETTERS_TO_CHECK))) return false;
    at += LETTERS_TO_CHECK;
  }
  return EITHER.test(text.slice(at));
}

/** Node's decoder looks at the lower byte of a letter alone: what is not ASCII could pass for something else. */
function isLetters(piece: string): boolean {
  return Buffer.byteLength(piece) === piece.length && ROOM.write(piece, 'base64') === ROOM.length;
}

/**
 * Base64 of either alphabet as the standard one with its padding and without white space, which is all that most APIs take;
 * undefined for a text that is not base64. Python's client of Gemini writes the other alphabet.
 */
export function standardBase64(text: string): string | undefined {
  if (text.length % 4 === 0 && !text.includes('-') && !text.includes('_') && isBase64(text)) return text;
  const compact = withoutSpace(text);
  if (!isBase64(compact)) return undefined;
  const letters = compact.length - (compact.slice(-2).match(/=+$/)?.[0].length ?? 0);
  return letters % 4 === 1 ? undefined : decodeBase64(compact).toString('base64');
}

/** Text or bytes as base64. */
export function encodeBase64(content: string | Uint8Array): string {
  const bytes =
    typeof content === 'string'
      ? Buffer.from(content)
      : Buffer.from(content.buffer, content.byteOffset, content.byteLength);
  return bytes.toString('base64');
}

/** The text that base64 stands for, of either alphabet, with or without lines; undefined for what is not base64. */
export function decodeBase64Text(base64: string): string | undefined {
  if (base64 === '') return '';
  const standard = standardBase64(base64);
  return standard === undefined ? undefined : decodeBase64(standard).toString();
}

/** The bytes of base64 text, either alphabet. What is not base64 is left out, as lenient decoders do. */
export function decodeBase64(base64: string): Buffer {
  return base64 === '' ? NO_BYTES : Buffer.from(base64, 'base64');
}

/** `decodeBase64` in steps, since a large file takes long. What is no letter is left out, padding in the middle included. */
export function* decodeInSteps(base64: string): Steps<Buffer> {
  if (base64.length <= LETTERS_AT_ONCE) return decodeBase64(base64);
  const bytes = Buffer.allocUnsafeSlow(Math.ceil((base64.length * 3) / 4));
  let length = 0;
  let rest = '';
  for (let at = 0; at < base64.length; at += LETTERS_AT_ONCE) {
    let piece = rest + base64.slice(at, at + LETTERS_AT_ONCE);
    let written = rest === '' ? bytes.write(piece, length, 'base64') : 0;
    rest = '';
    if (written !== (LETTERS_AT_ONCE / 4) * 3) {
      piece = piece.replace(NO_LETTERS, '');
      const whole = at + LETTERS_AT_ONCE < base64.length ? piece.length - (piece.length % 4) : piece.length;
      written = bytes.write(piece.slice(0, whole), length, 'base64');
      rest = piece.slice(whole);
    }
    length += written;
    yield;
  }
  return bytes.subarray(0, length);
}

const NO_LETTERS = /[^A-Za-z0-9+/_-]+/g;

/** The first bytes of base64 text, without decoding the rest. */
export function decodeHead(base64: string, bytes: number): Buffer {
  return decodeBase64(base64.slice(0, Math.ceil(bytes / 3) * 4 + 64)).subarray(0, bytes);
}
