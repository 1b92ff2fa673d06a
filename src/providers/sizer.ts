import { isUtf8 } from '../json/utf8.js';
import { decodeBase64, decodeHead } from '../media/base64.js';
import { mediaSeconds } from '../media/duration.js';
import { type ImageSize, imageSize } from '../media/image-size.js';
import { isPdf, kindOfFormat, kindOfType, type MediaKind, mediaFormat } from '../media/media-type.js';
import { pdfSize } from '../media/pdf-pages.js';
import type { SentSize } from './sent-size.js';

/** How many tokens a family of models counts for media, by its provider's published rules. */
export interface MediaRules {
  /** Undefined size: of the largest image there is. Undefined result: there is no bound. */
  image(size: ImageSize | undefined, detail?: string): number | undefined;
  /** A page of a PDF as a picture; its text counts by its bytes. */
  readonly pdfPage: number;
  readonly audioSecond: number;
  readonly videoSecond: number;
}

/** Uses of a provider's tool that are expected of a request that sets no limit. */
export const DEFAULT_TOOL_USES = 5;

/** Looks at one object of a native request, tells the sizer about media in it, and names the fields that held their data. */
export type Visitor = (object: Readonly<Record<string, unknown>>, sizer: SentSizer, path: string) => readonly string[];

/** How long a cache mark asks for, on Anthropic and on Bedrock. */
const HOUR = '1h';
const NO_FIELDS: readonly string[] = [];
/** Quotes, colon and comma around a field. */
const MARKS_PER_FIELD = 4;
const SNIFFED_BYTES = 4 * 1024;
const IMAGE_HEADER_BYTES = 512 * 1024;

/** Walks a native request once. */
export class SentSizer implements SentSize {
  textBytes = 0;
  mediaTokens = 0;
  unknown: string | undefined = undefined;
  reads = 0;
  predictedTokens = 0;
  contextWindow: number | undefined = undefined;
  hourWrites = false;
  readonly #rules: MediaRules;
  readonly #visit: Visitor;

  constructor(rules: MediaRules, visit: Visitor = () => NO_FIELDS) {
    this.#rules = rules;
    this.#visit = visit;
  }

  /** Counts a value and everything in it. */
  walk(value: unknown, path: string): this {
    if (typeof value === 'string') this.textBytes += Buffer.byteLength(value) + 2;
    else if (Array.isArray(value)) this.#list(value, path);
    else if (typeof value === 'object' && value !== null) this.#object(value as Record<string, unknown>, path);
    else this.textBytes += String(value).length;
    return this;
  }

  #list(list: readonly unknown[], path: string): void {
    for (const [index, item] of list.entries()) {
      this.textBytes += 1;
      // Most items are numbers and texts, which need no path.
      this.walk(item, typeof item === 'object' ? `${path}[${index}]` : path);
    }
  }

  #object(object: Record<string, unknown>, path: string): void {
    if (object['ttl'] === HOUR) this.hourWrites = true;
    const data = this.#visit(object, this, path);
    for (const name in object) {
      this.textBytes += name.length + MARKS_PER_FIELD;
      if (!data.includes(name)) this.walk(object[name], path === '' ? name : `${path}.${name}`);
    }
  }

  /** Something whose size only the provider knows. */
  remote(path: string): void {
    this.unknown ??= path;
  }

  /**
   * An image that the provider fetches: some models bill more tokens for one than their context window takes.
   *
   * Source: OpenAI's guide to images and vision, on gpt-4o-mini.
   */
  remoteImage(path: string, detail?: string): void {
    this.remote(path);
    this.mediaTokens += this.#rules.image(undefined, detail) ?? 0;
  }

  /** A tool that the provider runs, and that reads by itself. */
  tool(uses: unknown): void {
    this.reads += typeof uses === 'number' && uses >= 0 ? Math.ceil(uses) : DEFAULT_TOOL_USES;
  }

  /**
   * Media inside the request. They count as what their bytes are and as what they are called, whichever is more: which of
   * the two a provider goes by is not known.
   */
  inline(mediaType: string, base64: string, path: string, options: { detail?: string; factor?: number } = {}): void {
    let most = 0;
    for (const kind of kindsOf(mediaType, base64)) {
      const tokens = this.#tokens(kind, base64, options.detail);
      if (tokens === undefined) {
        this.remote(path);
        return;
      }
      most = Math.max(most, Math.ceil(tokens * (options.factor ?? 1)));
    }
    this.mediaTokens += most;
  }

  #tokens(kind: MediaKind, base64: string, detail: string | undefined): number | undefined {
    const rules = this.#rules;
    switch (kind) {
      case 'image':
        return rules.image(imageSize(decodeHead(base64, IMAGE_HEADER_BYTES)), detail);
      case 'pdf': {
        const size = pdfSize(decodeBase64(base64));
        return size && size.pages * rules.pdfPage + size.textBytes;
      }
      case 'audio':
      case 'video': {
        const seconds = mediaSeconds(decodeBase64(base64));
        return seconds === undefined ? undefined : seconds * (kind === 'audio' ? rules.audioSecond : rules.videoSecond);
      }
      case 'text':
        return base64.length;
      case 'other':
        return undefined;
    }
  }
}

function kindsOf(mediaType: string, base64: string): ReadonlySet<MediaKind> {
  const head = decodeHead(base64, SNIFFED_BYTES);
  const format = mediaFormat(head);
  const kinds = new Set<MediaKind>();
  if (format !== undefined) kinds.add(kindOfFormat(format));
  if (isPdf(head)) kinds.add('pdf');
  const called = kindOfType(mediaType);
  // Sound in a container for pictures is sound when the request says so.
  if (called !== 'other') kinds.add(called);
  else if (kinds.size === 0) kinds.add(isUtf8(decodeBase64(base64)) ? 'text' : 'other');
  return kinds;
}
