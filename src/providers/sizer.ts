import { atOnce, inSteps, type Steps } from '../lib/steps.js';
import { highestTokens, type Inline, type MediaRules } from './media-size.js';
import type { SentSize } from './sent-size.js';

/** Uses of a provider's tool that are expected of a request that sets no limit. */
export const DEFAULT_TOOL_USES = 5;

/** Looks at one object of a native request, tells the sizer about media in it, and names the fields that held their data. */
export type Visitor = (object: Readonly<Record<string, unknown>>, sizer: SentSizer, path: string) => readonly string[];

/** How long a cache mark asks for, on Anthropic and on Bedrock. */
const HOUR = '1h';
const NO_FIELDS: readonly string[] = [];
/** Quotes, colon and comma around a field. */
const MARKS_PER_FIELD = 4;

/** Walks a native request once. */
export class SentSizer implements SentSize {
  textBytes = 0;
  reads = 0;
  predictedTokens = 0;
  contextWindow: number | undefined = undefined;
  hourWrites = false;
  readonly #rules: MediaRules;
  /** Not measured yet. */
  readonly #media: Inline[] = [];
  #mediaTokens = 0;
  #unknown: string | undefined = undefined;
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
    this.#unknown ??= path;
  }

  /**
   * An image that the provider fetches: some models bill more tokens for one than their context window takes.
   *
   * Source: OpenAI's guide to images and vision, on gpt-4o-mini.
   */
  remoteImage(path: string, detail?: string): void {
    this.remote(path);
    this.#mediaTokens += this.#rules.image(undefined, detail) ?? 0;
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
    this.#media.push({ mediaType, base64, path, ...options });
  }

  get mediaTokens(): number {
    atOnce(this.#measuring());
    return this.#mediaTokens;
  }

  get unknown(): string | undefined {
    atOnce(this.#measuring());
    return this.#unknown;
  }

  measure(): Promise<void> {
    return inSteps(this.#measuring());
  }

  *#measuring(): Steps<void> {
    for (let media = this.#media.pop(); media; media = this.#media.pop()) {
      const tokens = yield* highestTokens(media, this.#rules);
      if (tokens === undefined) this.remote(media.path);
      else this.#mediaTokens += tokens;
      yield;
    }
  }
}
