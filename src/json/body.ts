import { GatewayError } from '../lib/errors.js';
import { repeatsKey } from './repeated-keys.js';

/** JSON nested deeper than this is refused: no request needs it, and re-serialising it can exhaust the stack. */
const MAX_DEPTH = 64;
/** Above this size brackets are counted before parsing, because parsing hostile nesting is what costs. */
const SCAN_ABOVE_BYTES = 256 * 1024;

/** A byte order mark is no JSON. Source: RFC 8259, section 8.1. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A parsed body and the text it was parsed from. */
export interface JsonBody {
  readonly value: unknown;
  readonly text: string;
}

/** Parses a request body. @throws {GatewayError} `invalid_json` or `json_too_deep`. */
export function parseJson(bytes: Uint8Array): JsonBody {
  if (bytes.byteLength > SCAN_ABOVE_BYTES) checkBrackets(bytes);
  let text: string;
  try {
    text = decoder.decode(bytes);
  } catch (cause) {
    throw invalidJson(cause);
  }
  return { value: parseText(text), text };
}

/** Parses the text of a request body. @throws {GatewayError} `invalid_json` or `json_too_deep`. */
export function parseText(text: string): unknown {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw invalidJson(cause);
  }
  checkDepth(value);
  return value;
}

/** The value of a body that is known to be sound: its outline was parsed. */
export function reparse(bytes: Uint8Array): unknown {
  return JSON.parse(decoder.decode(bytes));
}

function invalidJson(cause: unknown): GatewayError {
  const message = 'We could not parse the JSON body of your request: it must be a valid JSON object in UTF-8.';
  return new GatewayError('invalid_json', { message, cause });
}

/** @throws {GatewayError} `json_too_deep` for a value nested deeper than 64 levels. */
export function checkDepth(value: unknown, depth = 0): void {
  if (typeof value !== 'object' || value === null) return;
  if (depth >= MAX_DEPTH) throw new GatewayError('json_too_deep');
  if (Array.isArray(value)) for (const item of value) checkDepth(item, depth + 1);
  else for (const name in value) checkDepth((value as Record<string, unknown>)[name], depth + 1);
}

function checkBrackets(bytes: Uint8Array): void {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < bytes.length; i += 1) {
    const byte = bytes[i];
    if (inString) {
      if (byte === 0x5c) i += 1;
      else if (byte === 0x22) inString = false;
    } else if (byte === 0x22) inString = true;
    else if (byte === 0x7b || byte === 0x5b) {
      depth += 1;
      if (depth > MAX_DEPTH) throw new GatewayError('json_too_deep');
    } else if (byte === 0x7d || byte === 0x5d) depth -= 1;
  }
}

/**
 * Fields that decide what a request costs, and whether its usage is reported, no two of them equally long; how one can be
 * spelled differently: `"mod\\u0065l"`; and fields of media, whose neighbors decide as well.
 */
const PRICED_KEY =
  /"(?:model|messages|max_tokens|max_completion_tokens|n|stream|stream_options|service_tier|include_usage)"|\\u00|"(?:image_url|input_audio|file)"/g;
const QUOTE = 0x22;
const MEDIA_KEYS: ReadonlySet<string> = new Set(['"image_url"', '"input_audio"', '"file"']);

/**
 * True when every JSON parser reads the same priced fields out of the text: none of them can stand there twice, and no
 * field at all where there are media. Only such text may be forwarded, since a provider that takes the first of two would
 * not run what was paid for.
 */
export function isUnambiguous(text: string): boolean {
  let seen = 0;
  let hasMedia = false;
  PRICED_KEY.lastIndex = 0;
  // One pass for all names: long conversations hold thousands of quotes, and each search would stop at all of them.
  while (PRICED_KEY.test(text)) {
    const last = PRICED_KEY.lastIndex - 1;
    if (text.charCodeAt(last) !== QUOTE) return false;
    let length = 1;
    while (text.charCodeAt(last - length) !== QUOTE) length += 1;
    if (MEDIA_KEYS.has(text.slice(last - length, last + 1))) {
      hasMedia = true;
      continue;
    }
    if ((seen & (1 << length)) !== 0) return false;
    seen |= 1 << length;
  }
  return !(hasMedia && repeatsKey(text));
}
