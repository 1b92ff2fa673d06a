import { GatewayError } from '../lib/errors.js';
import { checkShape, ShapeScan } from './shape.js';

/** Above this size values are counted before parsing; smaller bodies have no room for too many. */
const SCAN_ABOVE_BYTES = 256 * 1024;

/** JSON must not start with a byte order mark. Source: RFC 8259, section 8.1. */
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** A parsed body and the text it was parsed from. */
export interface JsonBody {
  readonly value: unknown;
  readonly text: string;
  /** How many values it holds. */
  readonly values: number;
}

/** Parses a request body. @throws {GatewayError} `invalid_json`, `json_too_deep` or `json_too_complex`. */
export function parseJson(bytes: Uint8Array): JsonBody {
  if (bytes.byteLength <= SCAN_ABOVE_BYTES) return parsed(decodeText(bytes));
  const scan = new ShapeScan(bytes);
  scan.advance(bytes.byteLength);
  return parsed(decodeText(bytes));
}

function parsed(text: string): JsonBody {
  const { value, values } = parseText(text);
  return { value, text, values };
}

/** The text of a request body. @throws {GatewayError} `invalid_json`. */
export function decodeText(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw invalidJson(cause);
  }
}

/** Parses the text of a request body. @throws {GatewayError} `invalid_json`, `json_too_deep` or `json_too_complex`. */
export function parseText(text: string): { readonly value: unknown; readonly values: number } {
  const value = parseCounted(text);
  return { value, values: checkShape(value) };
}

/** Parses a text whose values have been counted. @throws {GatewayError} `invalid_json`. */
export function parseCounted(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw invalidJson(cause);
  }
}

export function invalidJson(cause?: unknown): GatewayError {
  const message = 'We could not parse the JSON body of your request: it must be a valid JSON object in UTF-8.';
  return new GatewayError('invalid_json', { message, cause });
}
