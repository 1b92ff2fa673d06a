import { GatewayError } from '../../lib/errors.js';
import { isBase64, parseDataUrl, withoutSpace } from '../../media/base64.js';
import type { AudioPart, FilePart, ImagePart } from '../../openai-api/chat-message.js';
import type { Part } from './api.js';

const TYPES: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  heif: 'image/heif',
  bmp: 'image/bmp',
  svg: 'image/svg+xml',
  avif: 'image/avif',
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
  xml: 'text/xml',
  mp3: 'audio/mp3',
  wav: 'audio/wav',
  mp4: 'video/mp4',
  mov: 'video/mov',
  webm: 'video/webm',
};

/** Audio formats the Gemini API documents; OpenAI's own list is wav and mp3. */
const AUDIO_FORMATS: ReadonlySet<string> = new Set(['wav', 'mp3', 'aiff', 'aac', 'ogg', 'flac']);

const GEMINI_FILE = /^https:\/\/[\w.-]+\.googleapis\.com\/(?:download\/)?v1\w*\/files\/[\w-]+$/;

/**
 * An image as a part: a data URL inline, an https or gs URL by reference.
 *
 * The provider fetches a referenced image itself and may refuse to. Its type is guessed from the ending of the path,
 * `image/jpeg` where that says nothing, because the API wants one.
 */
export function toImagePart(part: ImagePart, path: string): Part {
  const url = part.image_url.url;
  const param = `${path}.image_url.url`;
  if (/^data:/i.test(url)) return inlineData(url, param);
  if (GEMINI_FILE.test(url)) return { fileData: { fileUri: url } };
  if (!/^(?:https|gs):\/\//i.test(url)) throw invalid(param, 'An image must be an https URL or a data URL.');
  return { fileData: { fileUri: url, mimeType: typeByName(url.replace(/[?#].*$/s, '')) ?? 'image/jpeg' } };
}

/** Recorded sound as a part. */
export function toAudioPart(part: AudioPart, path: string): Part {
  const { data, format } = part.input_audio;
  if (!AUDIO_FORMATS.has(format)) throw invalid(`${path}.input_audio.format`, 'The audio format is not supported.');
  const base64 = base64In(data, `${path}.input_audio.data`, 'The audio is not valid base64.');
  return { inlineData: { mimeType: `audio/${format}`, data: base64 } };
}

/** A file as a part: its data inline, or a file that was uploaded to the Gemini API, by its URI. */
export function toFilePart(part: FilePart, path: string): Part {
  const { file_data: data, file_id: id, filename } = part.file;
  if (data != null) {
    if (/^data:/i.test(data)) return inlineData(data, `${path}.file.file_data`);
    if (/^(?:https|gs):\/\//i.test(data)) return referenced(data, filename);
    const param = `${path}.file.file_data`;
    const mimeType = typeByName(filename ?? '');
    if (mimeType === undefined) throw invalid(param, 'File data must be a data URL.');
    const base64 = base64In(data, param, 'File data must be base64, a data URL or an https URL.');
    return { inlineData: { mimeType, data: base64 } };
  }
  const param = `${path}.file.file_id`;
  if (id == null) throw invalid(param, 'A file needs file_data or file_id.');
  if (GEMINI_FILE.test(id) || id.startsWith('gs://')) {
    const mimeType = typeByName(filename ?? id);
    return { fileData: { fileUri: id, ...(mimeType !== undefined && { mimeType }) } };
  }
  throw new GatewayError('unsupported_value', { param, message: 'The file was not uploaded to the Gemini API.' });
}

/** A file that the provider fetches itself. Source: ai.google.dev, API reference, `FileData`. */
function referenced(url: string, filename: string | undefined): Part {
  const mimeType = typeByName(filename ?? '') ?? typeByName(url.replace(/[?#].*$/s, ''));
  return { fileData: { fileUri: url, ...(mimeType !== undefined && { mimeType }) } };
}

function inlineData(url: string, param: string): Part {
  const parsed = parseDataUrl(url);
  if (!parsed?.mediaType.includes('/')) throw invalid(param, 'The data URL is not valid.');
  const { mediaType, base64: data } = parsed;
  if (!isBase64(data)) throw invalid(param, 'The data URL is not valid base64.');
  return { inlineData: { mimeType: mediaType === 'image/jpg' ? 'image/jpeg' : mediaType, data } };
}

function base64In(data: string, param: string, message: string): string {
  const base64 = withoutSpace(data);
  if (!isBase64(base64)) throw invalid(param, message);
  return base64;
}

function typeByName(name: string): string | undefined {
  const ending = /\.(\w+)$/.exec(name)?.[1]?.toLowerCase();
  return ending === undefined || !Object.hasOwn(TYPES, ending) ? undefined : TYPES[ending];
}

function invalid(param: string, message: string): GatewayError {
  return new GatewayError('invalid_value', { param, message });
}
