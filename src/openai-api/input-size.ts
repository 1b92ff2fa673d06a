import type { TextSize } from '../json/outline.js';
import { isObject } from './field-checks.js';

/** Tokens that one image, audio clip or document may cost at most; a provider that counts more is an overrun. */
const MEDIA_BOUND = { image_url: 3_000, input_audio: 12_000, file: 100_000 } as const;
/** What they cost typically. */
const MEDIA_ESTIMATE = { image_url: 800, input_audio: 1_000, file: 4_000 } as const;
/** Bytes of JSON per token in typical English text and code. */
const BYTES_PER_TOKEN = 4;
/** Tokens that a model may set around a text. */
const MARKS_PER_TEXT = 4;

/** In tokens: what the input may be typically and at most, and the most that a provider adds to it by itself. */
export interface BodySize {
  readonly estimatedTokens: number;
  readonly maxTokens: number;
  readonly instructionTokens: number;
}

/**
 * The size of a request body whose messages may hold media.
 *
 * A token of a byte-level tokenizer covers at least one byte, so the bytes of the JSON text are an upper bound of the
 * tokens of all that is text in it, embedded text included. Pictures, sound, video and PDFs count by their kind instead
 * of by the length of their base64 text.
 *
 * @param added the most that a provider adds by itself, in tokens.
 * @param measure maps stand-ins to the strings they replace.
 */
export function inputSize(
  bytes: number,
  messages: readonly unknown[],
  added = 0,
  measure: (text: string) => TextSize = itself,
): BodySize {
  const media: Media[] = [];
  for (const message of messages) {
    const content = isObject(message) ? message['content'] : undefined;
    if (!Array.isArray(content)) continue;
    for (const part of content) {
      const found = isObject(part) ? mediaIn(part, measure) : undefined;
      if (found) media.push(found);
    }
  }
  return sizeWithMedia(bytes, media, added);
}

/**
 * The size of a body that holds these media.
 *
 * One literal, all at once: a field that is spread in later makes a new hidden class with each request, and slow code
 * wherever sizes are read, which cost 7 µs of each. Bench case `json`.
 */
export function sizeWithMedia(bytes: number, media: readonly Media[], added: number): BodySize {
  let textBytes = bytes;
  let estimated = 0;
  let most = 0;
  for (const { kind, length } of media) {
    textBytes -= length;
    estimated += MEDIA_ESTIMATE[kind];
    most += MEDIA_BOUND[kind];
  }
  return {
    estimatedTokens: Math.ceil(Math.max(textBytes, 0) / BYTES_PER_TOKEN) + estimated,
    maxTokens: Math.max(textBytes, 0) + most,
    instructionTokens: added,
  };
}

/**
 * The most tokens of what providers write themselves to explain tools or the form of an answer to a model.
 *
 * Source: Anthropic docs, pricing of tool use, on the tokens of its system prompt; the templates of open models have less.
 */
const INSTRUCTION_TOKENS = 900;

/**
 * What a request makes a provider explain: each is a list of tools, a form that the answer must have, or true. Calls of tools
 * that a conversation holds count as tools do: some providers want them declared.
 */
export function instructionTokens(...explained: readonly unknown[]): number {
  return explained.some(isExplained) ? INSTRUCTION_TOKENS : 0;
}

function isExplained(value: unknown): boolean {
  if (value === true) return true;
  return Array.isArray(value) ? value.length > 0 : isObject(value) && value['type'] !== 'text';
}

/** Something in a request that is not text. */
export interface Media {
  readonly kind: keyof typeof MEDIA_BOUND;
  /** Characters of embedded data, which are ASCII. */
  readonly length: number;
}

function itself(text: string): TextSize {
  return { text, length: text.length };
}

/** What a part carries; undefined for text, embedded text included, whatever the part calls itself. */
function mediaIn(part: Record<string, unknown>, measure: (text: string) => TextSize): Media | undefined {
  const type = part['type'];
  if (type !== 'image_url' && type !== 'input_audio' && type !== 'file') return undefined;
  const holder = part[type];
  const data = isObject(holder) ? (holder['url'] ?? holder['data'] ?? holder['file_data']) : undefined;
  if (!isObject(holder) || typeof data !== 'string') return { kind: type, length: 0 };
  const { text, length } = measure(data);
  if (type === 'input_audio') return { kind: type, length };
  const mediaType = /^data:([^;,]{0,100})/i.exec(text)?.[1]?.toLowerCase();
  if (mediaType !== undefined) {
    const kind = kindOf(mediaType);
    return kind && { kind, length };
  }
  if (type === 'image_url') return { kind: type, length: 0 };
  const { filename } = holder;
  return typeof filename === 'string' && !/\.pdf$/i.test(measure(filename).text) ? undefined : { kind: type, length };
}

function kindOf(mediaType: string): Media['kind'] | undefined {
  if (mediaType.startsWith('image/')) return mediaType === 'image/svg+xml' ? undefined : 'image_url';
  return /^(?:audio|video)\/|^application\/pdf$/.test(mediaType) ? 'file' : undefined;
}

/** Rough token count of `letters` characters of output, at least 1. */
export function estimateOutput(letters: number): number {
  return Math.max(1, Math.ceil(letters / BYTES_PER_TOKEN));
}

/** Letters of a text for `estimateOutput`: a character outside ASCII counts as a token of its own. */
export function lettersOf(text: string, start = 0, end: number = text.length): number {
  const piece = text.slice(start, end);
  let letters = piece.length;
  for (let i = 0; i < piece.length; i += 1) if (piece.charCodeAt(i) > 0x7f) letters += BYTES_PER_TOKEN - 1;
  return letters;
}

/** A count by the operator's own counter; undefined when it is not a count, so that the gateway's estimate is used. */
export function countedSize(counted: number): { estimatedTokens: number; maxTokens: number } | undefined {
  if (!Number.isFinite(counted) || counted < 0) return undefined;
  const tokens = Math.ceil(counted);
  return { estimatedTokens: tokens, maxTokens: tokens };
}

/** The size of plain texts or tokens: tokens count exactly, a text has at most one per UTF-8 byte and a few marks. */
export function textSize(input: string | readonly (string | number | readonly number[])[]): {
  estimatedTokens: number;
  maxTokens: number;
} {
  let tokens = 0;
  let bytes = 0;
  let marks = 0;
  for (const piece of typeof input === 'string' ? [input] : input) {
    if (typeof piece === 'string') {
      bytes += Buffer.byteLength(piece);
      marks += MARKS_PER_TEXT;
    } else tokens += typeof piece === 'number' ? 1 : piece.length;
  }
  return { estimatedTokens: tokens + Math.ceil(bytes / BYTES_PER_TOKEN), maxTokens: tokens + bytes + marks };
}

/** Bytes of the JSON of all fields but these: other texts (`suffix`), native options, what only some servers know. */
export function extraSize(request: Readonly<Record<string, unknown>>, others: ReadonlySet<string>): number {
  let bytes = 0;
  for (const name in request) {
    if (others.has(name)) continue;
    const value = request[name];
    // A model reads the text and not its escapes; a long one is not written for its size alone.
    bytes += name.length + 4 + Buffer.byteLength(typeof value === 'string' ? value : (JSON.stringify(value) ?? ''));
  }
  return bytes;
}
