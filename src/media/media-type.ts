/** Formats recognized by their first bytes. */
export type MediaFormat =
  | 'png'
  | 'jpeg'
  | 'gif'
  | 'webp'
  | 'pdf'
  | 'wav'
  | 'mp3'
  | 'aac'
  | 'aiff'
  | 'mp4'
  | 'ogg'
  | 'webm'
  | 'flac'
  | 'zip'
  | 'gzip';

/** What a file is to a model. */
export type MediaKind = 'image' | 'pdf' | 'audio' | 'video' | 'text' | 'other';

const KINDS: Readonly<Record<MediaFormat, MediaKind>> = {
  png: 'image',
  jpeg: 'image',
  gif: 'image',
  webp: 'image',
  pdf: 'pdf',
  wav: 'audio',
  mp3: 'audio',
  aac: 'audio',
  aiff: 'audio',
  ogg: 'audio',
  flac: 'audio',
  mp4: 'video',
  webm: 'video',
  zip: 'other',
  gzip: 'other',
};

/** Readers of PDF accept a header that begins within the first kilobyte. Source: ISO 32000-1, annex H, note 13. */
const PDF_HEADER_WITHIN = 1_024;

/** The format of a file by its first bytes; undefined for text and for what is not known here. */
export function mediaFormat(bytes: Buffer): MediaFormat | undefined {
  const head = bytes.toString('latin1', 0, 16);
  if (head.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (head.startsWith('\xff\xd8\xff')) return 'jpeg';
  if (/^GIF8[79]a/.test(head)) return 'gif';
  if (head.startsWith('RIFF'))
    return head.startsWith('WEBP', 8) ? 'webp' : head.startsWith('WAVE', 8) ? 'wav' : undefined;
  if (head.startsWith('FORM') && /^AIF[FC]/.test(head.slice(8))) return 'aiff';
  if (head.startsWith('ftyp', 4)) return 'mp4';
  if (head.startsWith('OggS')) return 'ogg';
  if (head.startsWith('fLaC')) return 'flac';
  if (head.startsWith('\x1aE\xdf\xa3')) return 'webm';
  if (head.startsWith('PK\x03\x04')) return 'zip';
  if (head.startsWith('\x1f\x8b')) return 'gzip';
  if (head.startsWith('ID3')) return 'mp3';
  if (bytes.length > 1 && bytes[0] === 0xff && ((bytes[1] as number) & 0xe0) === 0xe0) {
    return ((bytes[1] as number) & 0x06) === 0 ? 'aac' : 'mp3';
  }
  return isPdf(bytes) ? 'pdf' : undefined;
}

/** True when a reader of PDF would take the bytes for one, whatever else they are. */
export function isPdf(bytes: Buffer): boolean {
  return bytes.subarray(0, PDF_HEADER_WITHIN).includes('%PDF-');
}

/** The kind of a format. */
export function kindOfFormat(format: MediaFormat): MediaKind {
  return KINDS[format];
}

const FORMATS: Readonly<Record<string, readonly MediaFormat[]>> = {
  mp3: ['mp3', 'aac'],
  mpeg: ['mp3', 'aac'],
  mpga: ['mp3', 'aac'],
  aac: ['aac', 'mp3'],
  wav: ['wav'],
  'x-wav': ['wav'],
  wave: ['wav'],
  flac: ['flac'],
  ogg: ['ogg'],
  opus: ['ogg'],
  webm: ['webm'],
  mp4: ['mp4'],
  m4a: ['mp4'],
  'x-m4a': ['mp4'],
  mov: ['mp4'],
  quicktime: ['mp4'],
};

/** False where a media type names another format of sound than the bytes have: whoever goes by it finds other sound in them. */
export function isFormatOf(mediaType: string, format: MediaFormat | undefined): boolean {
  const [, name = ''] = mediaType.toLowerCase().split(/[/;\s]/);
  const formats = Object.hasOwn(FORMATS, name) ? FORMATS[name] : undefined;
  return formats === undefined || format === undefined || formats.includes(format);
}

/** The kind that a media type declares: `application/pdf`, `image/png`, … */
export function kindOfType(mediaType: string): MediaKind {
  const type = mediaType.toLowerCase();
  if (type === 'image/svg+xml') return 'text';
  if (type === 'application/pdf') return 'pdf';
  const [top] = type.split('/');
  if (top === 'image' || top === 'audio' || top === 'video' || top === 'text') return top;
  return /^application\/(?:.*\+)?(?:json|xml|javascript|x-javascript|yaml|x-yaml|typescript|rtf)\b/.test(type)
    ? 'text'
    : 'other';
}
