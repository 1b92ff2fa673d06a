const NO_BYTES = Buffer.alloc(0);

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
  const base64 = isBase64 ? withoutSpace(unescaped(payload)) : Buffer.from(unescaped(payload)).toString('base64');
  return { mediaType: mediaType.trim(), base64 };
}

/** The text with percent-encoding removed; text that is not valid percent-encoding stays as it is. */
function unescaped(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Base64 without line breaks and other white space. */
export function withoutSpace(base64: string): string {
  return /\s/.test(base64) ? base64.replace(/\s+/g, '') : base64;
}

/** The bytes of base64 text, either alphabet. What is not base64 is left out, as lenient decoders do. */
export function decodeBase64(base64: string): Buffer {
  return base64 === '' ? NO_BYTES : Buffer.from(base64, 'base64');
}

/** The first bytes of base64 text, without decoding the rest. */
export function decodeHead(base64: string, bytes: number): Buffer {
  return decodeBase64(base64.slice(0, Math.ceil(bytes / 3) * 4 + 64)).subarray(0, bytes);
}
