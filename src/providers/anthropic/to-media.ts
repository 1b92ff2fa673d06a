import { GatewayError } from '../../lib/errors.js';
import type { FilePart } from '../../openai-api/chat-message.js';
import type { DocumentBlock, ImageBlock } from './api.js';

/** First bytes of the image formats Anthropic reads, in base64. */
const IMAGE_MAGIC: readonly (readonly [prefix: string, mediaType: string])[] = [
  ['/9j/', 'image/jpeg'],
  ['iVBORw0KGgo', 'image/png'],
  ['R0lGOD', 'image/gif'],
  ['UklGR', 'image/webp'],
];
const IMAGE_TYPES = new Set(IMAGE_MAGIC.map(([, mediaType]) => mediaType));

interface DataUrl {
  readonly mediaType: string;
  /** Base64 without white space. */
  readonly data: string;
}

/**
 * An image by https URL or data URL. The media type is read from the data itself, because Anthropic refuses a wrong one.
 *
 * @throws {GatewayError} for anything else. Source: Anthropic API reference, image blocks.
 */
export function toImage(url: string, param: string): ImageBlock {
  if (/^https:\/\//i.test(url)) return { type: 'image', source: { type: 'url', url } };
  const parsed = parseDataUrl(url);
  if (parsed === undefined) {
    throw new GatewayError('invalid_value', { param, message: 'An image must be an https URL or a data URL.' });
  }
  const mediaType = imageType(parsed);
  if (mediaType === undefined) {
    const message = 'The model reads images of the types image/jpeg, image/png, image/gif and image/webp only.';
    throw new GatewayError('unsupported_value', { param, message });
  }
  return { type: 'image', source: { type: 'base64', media_type: mediaType, data: parsed.data } };
}

/**
 * A file by data URL, https URL or Anthropic file id: PDF and text become documents, images images.
 *
 * @throws {GatewayError} for other types and for the file ids of other providers.
 */
export function toFile(file: FilePart['file'], param: string): DocumentBlock | ImageBlock {
  const title = typeof file.filename === 'string' && file.filename ? { title: file.filename } : {};
  if (typeof file.file_data === 'string') return fromData(file.file_data, title, `${param}.file_data`);
  if (typeof file.file_id === 'string' && /^file_[A-Za-z0-9]+$/.test(file.file_id)) {
    return { type: 'document', source: { type: 'file', file_id: file.file_id }, ...title };
  }
  const message = 'The model can read a file by file_data, or by the file_id of its own provider only.';
  throw new GatewayError('unsupported_value', { param: `${param}.file_id`, message });
}

function fromData(fileData: string, title: { title?: string }, param: string): DocumentBlock | ImageBlock {
  if (/^https:\/\//i.test(fileData)) return { type: 'document', source: { type: 'url', url: fileData }, ...title };
  const parsed = parseDataUrl(fileData) ?? { mediaType: '', data: withoutSpace(fileData) };
  if (parsed.data.startsWith('JVBERi') || parsed.mediaType === 'application/pdf') {
    const source = { type: 'base64', media_type: 'application/pdf', data: parsed.data } as const;
    return { type: 'document', source, ...title };
  }
  const mediaType = imageType(parsed);
  if (mediaType !== undefined) {
    return { type: 'image', source: { type: 'base64', media_type: mediaType, data: parsed.data } };
  }
  const text = isText(parsed.mediaType) ? decodeText(parsed.data) : undefined;
  if (text !== undefined) {
    return { type: 'document', source: { type: 'text', media_type: 'text/plain', data: text }, ...title };
  }
  throw new GatewayError('unsupported_value', { param, message: 'The model reads PDF, text and image files only.' });
}

function isText(mediaType: string): boolean {
  return mediaType.startsWith('text/') || mediaType === 'application/json' || mediaType === 'application/xml';
}

function imageType({ mediaType, data }: DataUrl): string | undefined {
  const found = IMAGE_MAGIC.find(([prefix]) => data.startsWith(prefix))?.[1];
  if (found !== undefined) return found;
  const declared = mediaType === 'image/jpg' ? 'image/jpeg' : mediaType;
  return IMAGE_TYPES.has(declared) ? declared : undefined;
}

/** Source: RFC 2397. Data that is not base64 is percent-encoded. */
function parseDataUrl(url: string): DataUrl | undefined {
  const comma = url.indexOf(',');
  if (comma < 0 || comma > 200 || !/^data:/i.test(url)) return undefined;
  const [mediaType = '', ...parameters] = url.slice(5, comma).toLowerCase().split(';');
  const payload = url.slice(comma + 1);
  const isBase64 = parameters.some((parameter) => parameter.trim() === 'base64');
  const data = isBase64 ? withoutSpace(payload) : encodePercentEncoded(payload);
  return data === undefined ? undefined : { mediaType: mediaType.trim() || 'text/plain', data };
}

function withoutSpace(base64: string): string {
  return /\s/.test(base64) ? base64.replace(/\s+/g, '') : base64;
}

function encodePercentEncoded(payload: string): string | undefined {
  try {
    const bytes = new TextEncoder().encode(decodeURIComponent(payload));
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  } catch {
    return undefined;
  }
}

function decodeText(base64: string): string | undefined {
  try {
    return new TextDecoder().decode(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)));
  } catch {
    return undefined;
  }
}
