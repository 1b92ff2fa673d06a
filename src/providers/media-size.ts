import { isUtf8 } from '../json/utf8.js';
import type { Steps } from '../lib/steps.js';
import { decodeHead, decodeInSteps } from '../media/base64.js';
import { mediaTime } from '../media/duration.js';
import { hasFrames, imageFrames } from '../media/image-frames.js';
import { type ImageSize, imageSize } from '../media/image-size.js';
import { isFormatOf, isPdf, kindOfFormat, kindOfType, type MediaKind, mediaFormat } from '../media/media-type.js';
import { LARGEST_PDF, pdfSteps } from '../media/pdf-pages.js';

/** How many tokens a family of models counts for media, by its provider's published rules. */
export interface MediaRules {
  /** Undefined size: of the largest image there is. Undefined result: there is no bound. */
  image(size: ImageSize | undefined, detail?: string): number | undefined;
  /** A page of a PDF as a picture; its text counts by its bytes. */
  readonly pdfPage: number;
  readonly audioSecond: number;
  readonly videoSecond: number;
}

/** Media inside a request, with what the part around them says. */
export interface Inline {
  readonly mediaType: string;
  readonly base64: string;
  readonly path: string;
  readonly detail?: string;
  /** How many times as much they count. */
  readonly factor?: number;
}

const SNIFFED_BYTES = 4 * 1024;
/** A JPEG has its size behind its metadata; nearly all have it in the first piece. */
const IMAGE_HEADS = [4 * 1024, 64 * 1024, 512 * 1024] as const;

/** The most tokens that media can be billed as; undefined where there is no bound. */
export function* highestTokens(media: Inline, rules: MediaRules): Steps<number | undefined> {
  let most = 0;
  for (const kind of yield* kindsOf(media)) {
    const tokens = yield* tokensOf(kind, media, rules);
    if (tokens === undefined) return undefined;
    most = Math.max(most, Math.ceil(tokens * (media.factor ?? 1)));
  }
  return most;
}

function* kindsOf({ mediaType, base64 }: Inline): Steps<ReadonlySet<MediaKind>> {
  const head = decodeHead(base64, SNIFFED_BYTES);
  const format = mediaFormat(head);
  const kinds = new Set<MediaKind>();
  if (format !== undefined) kinds.add(kindOfFormat(format));
  if (isPdf(head)) kinds.add('pdf');
  const called = kindOfType(mediaType);
  // Sound in a container for pictures is sound when the request says so.
  if (called !== 'other') kinds.add(called);
  else if (kinds.size === 0) kinds.add(isUtf8(yield* decodeInSteps(base64)) ? 'text' : 'other');
  return kinds;
}

function* tokensOf(
  kind: MediaKind,
  { mediaType, base64, detail }: Inline,
  rules: MediaRules,
): Steps<number | undefined> {
  switch (kind) {
    case 'image':
      return yield* imageTokens(base64, detail, rules);
    case 'pdf': {
      const size = base64.length > LARGEST_PDF * 2 ? undefined : yield* pdfSteps(yield* decodeInSteps(base64));
      return size && size.pages * rules.pdfPage + size.textBytes;
    }
    case 'audio':
    case 'video': {
      if (!isFormatOf(mediaType, mediaFormat(decodeHead(base64, SNIFFED_BYTES)))) return undefined;
      const seconds = yield* mediaTime(yield* decodeInSteps(base64));
      return seconds === undefined ? undefined : seconds * (kind === 'audio' ? rules.audioSecond : rules.videoSecond);
    }
    case 'text':
      return base64.length;
    case 'other':
      return undefined;
  }
}

/** Each picture of an animation counts: some servers read them one by one. */
function* imageTokens(base64: string, detail: string | undefined, rules: MediaRules): Steps<number | undefined> {
  let size: ImageSize | undefined;
  let head: Buffer = Buffer.alloc(0);
  for (const bytes of IMAGE_HEADS) {
    head = decodeHead(base64, bytes);
    size = imageSize(head);
    if (size || head.length < bytes) break;
  }
  const one = rules.image(size, detail);
  if (one === undefined || !hasFrames(head)) return one;
  const frames = yield* imageFrames(yield* decodeInSteps(base64));
  const each = frames && rules.image(frames.size, detail);
  return each && Math.max(one, each * frames.count);
}
