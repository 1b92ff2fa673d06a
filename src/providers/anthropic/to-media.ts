import { GatewayError } from '../../lib/errors.js';
import { type DataUrl, decodeBase64, parseDataUrl, standardBase64 } from '../../media/base64.js';
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
  const data = base64In(parsed, param);
  const mediaType = imageType({ ...parsed, base64: data });
  if (mediaType === undefined) {
    const message = 'The model reads images of the types image/jpeg, image/png, image/gif and image/webp only.';
    throw new GatewayError('unsupported_value', { param, message });
  }
  return { type: 'image', source: { type: 'base64', media_type: mediaType, data } };
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
  const message = 'Send the file as `file_data`, or use a `file_id` from the same provider.';
  throw new GatewayError('unsupported_value', { param: `${param}.file_id`, message });
}

function fromData(fileData: string, title: { title?: string }, param: string): DocumentBlock | ImageBlock {
  if (/^https:\/\//i.test(fileData)) return { type: 'document', source: { type: 'url', url: fileData }, ...title };
  const url = parseDataUrl(fileData);
  const given = url ? { ...url, mediaType: url.mediaType || 'text/plain' } : { mediaType: '', base64: fileData };
  const data = given.base64 === '' ? '' : base64In(given, param);
  if (data.startsWith('JVBERi') || given.mediaType === 'application/pdf') {
    const source = { type: 'base64', media_type: 'application/pdf', data } as const;
    return { type: 'document', source, ...title };
  }
  const mediaType = imageType({ ...given, base64: data });
  if (mediaType !== undefined) {
    return { type: 'image', source: { type: 'base64', media_type: mediaType, data } };
  }
  if (isText(given.mediaType)) {
    const text = decodeBase64(data).toString();
    return { type: 'document', source: { type: 'text', media_type: 'text/plain', data: text }, ...title };
  }
  throw new GatewayError('unsupported_value', { param, message: 'The model reads PDF, text and image files only.' });
}

function base64In({ base64 }: DataUrl, param: string): string {
  const data = standardBase64(base64);
  if (data !== undefined) return data;
  throw new GatewayError('invalid_value', { param, message: `Invalid value for '${param}': its data is not base64.` });
}

function isText(mediaType: string): boolean {
  return mediaType.startsWith('text/') || mediaType === 'application/json' || mediaType === 'application/xml';
}

function imageType({ mediaType, base64 }: DataUrl): string | undefined {
  const found = IMAGE_MAGIC.find(([prefix]) => base64.startsWith(prefix))?.[1];
  if (found !== undefined) return found;
  const declared = mediaType === 'image/jpg' ? 'image/jpeg' : mediaType;
  return IMAGE_TYPES.has(declared) ? declared : undefined;
}
