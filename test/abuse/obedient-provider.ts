import type { FakeRequest } from '../../src/testing/fake-answer.js';
import { fakeWireOf } from '../../src/testing/fake-routes.js';
import type { SeededRandom } from '../../src/testing/seeded-random.js';
import { type Transport, TransportError, type UpstreamRequest } from '../../src/upstream/transport.js';
import { type Counter, tokensOfFile } from './labeled-files.js';

/** What a provider bills for one exchange, in tokens. */
export interface Bill {
  input: number;
  output: number;
}

/** An exchange as it went at the provider. */
export interface Exchange {
  readonly url: string;
  readonly body: string;
  /** Grows as the answer is made. */
  readonly bill: Bill;
  /** Why the request should never have been sent; undefined: it may be. */
  readonly objection: string | undefined;
}

/** What the provider does beside obeying. */
export interface Manner {
  /** Says what it used. */
  readonly reports: boolean;
  /** Bills as much as an honest provider can, where it has a choice. */
  readonly greedy: boolean;
  /** Letters of text, in pieces; of other letters than ASCII each byte may be a token. */
  readonly words: readonly string[];
}

/** The context window of every model here: what a provider reads of what it fetches. */
const WINDOW = 1_000_000;
/** What a model writes that was given no limit. */
const ENDLESS = 40_000;
/** Models whose answers have more in them than their text shows. */
const HIDES = /gemini-2\.5|haiku-4|o3-mini|reasoner/;

/**
 * A provider that does whatever a request asks it to, wherever in the request it is asked: it fetches, looks up, runs tools, writes
 * up to the highest limit that stands anywhere, and bills all of it by its published rules.
 */
export function obedientProvider(
  random: SeededRandom,
  manner: Manner,
  onAsked: (exchange: Exchange) => Promise<void>,
): Transport {
  return {
    async send(request) {
      const { exchange, frames, type } = answerOf(request, random, manner);
      await onAsked(exchange);
      if (request.signal.aborted) throw new TransportError('aborted', new Error('aborted'));
      return { status: 200, headers: { 'content-type': type }, body: bodyOf(frames, exchange.bill, request.signal) };
    },
  };
}

/** A piece of an answer, and the output that it bills. */
interface Frame {
  readonly text: string;
  readonly output: number;
}

function bodyOf(frames: readonly Frame[], bill: Bill, signal: AbortSignal) {
  let next = 0;
  return {
    async read() {
      await Promise.resolve();
      if (signal.aborted) throw new TransportError('aborted', new Error('aborted'));
      const frame = frames[next];
      next += 1;
      if (!frame) return undefined;
      bill.output = Math.max(bill.output, frame.output);
      return [Buffer.from(frame.text)];
    },
    cancel() {},
    discard() {},
  };
}

function answerOf(request: UpstreamRequest, random: SeededRandom, { reports, greedy, words }: Manner) {
  const body = textOf(request.body);
  const { pathname } = new URL(request.url);
  const read = new Reading(pathname, JSON.parse(body) as Record<string, unknown>);
  const texts = read.isEmbedding ? [] : words;
  const visible = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const limit = read.outputLimit * read.choices;
  const hides = HIDES.test(request.url + body);
  const shown = Math.min(visible, limit);
  const most = hides || (read.choices > 1 && reports) ? limit : shown;
  const output = read.isEmbedding ? 0 : greedy ? most : random.integer(shown, most);
  const hidden = hides ? Math.max(0, output - shown) : 0;
  const input = greedy ? read.most : random.integer(1, read.most);
  const exchange: Exchange = { url: pathname, body, bill: { input, output: hidden }, objection: read.objection };
  const { whole, frames } = written(read, pathname, body, { input, output }, texts);
  // Whole answers are made and billed whether anybody waits for them or not.
  if (whole) exchange.bill.output = output;
  // Nobody knows what vectors cost whose provider does not say it.
  if (read.isEmbedding && !(reports && frames.join('').includes('"usage"'))) exchange.bill.input = 1;
  const kept = reports ? frames : frames.map(withoutUsage);
  return {
    exchange,
    type: whole ? 'application/json' : 'text/event-stream',
    frames: kept.map((text, index) => ({
      text,
      // A report counts when it leaves; words count as they do.
      output:
        index === kept.length - 1 && reports ? output : hidden + spokenBy(frames.slice(0, index + 1), texts, shown),
    })),
  };
}

/** Tokens of the words that stand in these frames. */
function spokenBy(frames: readonly string[], words: readonly string[], most: number): number {
  let [spoken, next] = [0, 0];
  for (const frame of frames) {
    const word = words[next];
    if (word === undefined || !frame.includes(JSON.stringify(word).slice(1, -1))) continue;
    spoken += Buffer.byteLength(word);
    next += 1;
  }
  return Math.min(spoken, most);
}

function written(
  read: Reading,
  path: string,
  body: string,
  usage: { input: number; output: number },
  words: readonly string[],
): { readonly whole: boolean; readonly frames: readonly string[] } {
  const provider = path.includes('/v1beta/') ? 'google' : path.endsWith('/messages') ? 'anthropic' : 'openai';
  const parsed = JSON.parse(body) as Record<string, unknown>;
  const asked = { provider, path, body: parsed, model: 'm', prompt: '', headers: {} } as unknown as FakeRequest;
  const wire = fakeWireOf(asked);
  const content = {
    model: 'm',
    pieces: words,
    toolCalls: [],
    thinking: undefined,
    usage,
    finish: 'stop',
    includeUsage: provider !== 'openai' || read.wantsUsage,
  } as const;
  if (!read.streams) return { whole: true, frames: [JSON.stringify(wire.whole(content))] };
  const { opening, content: middle, terminal } = wire.stream(content);
  return { whole: false, frames: [...opening, ...middle, ...terminal].map(String) };
}

/** Takes the counts out of an answer. */
function withoutUsage(text: string): string {
  return text.replace(/"(?:usage|usageMetadata)":\{(?:[^{}]|\{[^{}]*\})*\}/g, '"unsaid":0');
}

function textOf(body: UpstreamRequest['body']): string {
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  return String(body);
}

/** Fields whose insides are the client's own JSON, which only the model reads. */
const FREE = new Set(
  [
    'parameters',
    'schema',
    'input_schema',
    'json_schema',
    'responseSchema',
    'responseJsonSchema',
    'parametersJsonSchema',
  ].concat(['labels', 'metadata', 'logit_bias', 'functionDeclarations', 'input', 'args', 'response_format', 'format']),
);
const ANY_LIMIT = new Set([
  'max_tokens',
  'max_completion_tokens',
  'max_output_tokens',
  'maxOutputTokens',
  'num_predict',
  'max_new_tokens',
]);
const ANY_CHOICES = new Set(['n', 'best_of', 'candidateCount', 'num_return_sequences']);
const RUN_TOOLS = /^(?:web_|code_|mcp|file_search|image_generation|advisor|tool_search|computer)/;
const RUN_TOOL_NAMES =
  /^(?:googleSearch|googleSearchRetrieval|urlContext|codeExecution|googleMaps|fileSearch|google_search|url_context)$/;
/** Fields that make a request cost what nobody has held money for, by who obeys them. */
const COSTLY: Readonly<Record<Dialect, RegExp>> = {
  openai: /^web_search_options$/,
  responses: /^(?:previous_response_id|conversation|background)$/,
  anthropic: /^(?:container|mcp_servers|fallbacks|speed|inference_geo)$/,
  google: /^(?:cachedContent|cached_content)$/,
  any: /^(?:container|mcp_servers|fallbacks|speed|api_base|base_url|plugins|models|route|user_config|web_search_options|prompt_embeds|extra_body|background|conversation)$/,
};
/** Fields that name something to fetch or look up. */
const FETCHED: Readonly<Record<Dialect, RegExp>> = {
  openai: /^(?:file_id|image_url|file_data)$/,
  responses: /^(?:file_id|file_url|image_url|file_data)$/,
  anthropic: /^(?:file_id|url)$/,
  google: /^(?:fileData|file_data|fileUri)$/,
  any: /^(?:file_id|file_url|image_url|video_url|audio_url|file_data|url)$/,
};
/** What only a server that takes everything would look for inside of what the model is given to read, tools included. */
const FOREIGN = new Set([
  ...[
    'messages',
    'contents',
    'tools',
    'mcp_servers',
    'container',
    'fallbacks',
    'extra_body',
    'prompt',
    'provider_options',
  ],
]);
/** What the model is given to read: limits and options in it are words. */
const READ = new Set(['messages', 'contents', 'input', 'prompt', 'system', 'systemInstruction']);

/** What a picture in low detail counts. Source: OpenAI's guide to images and vision. */
const LOW_DETAIL: Partial<Record<Counter, number>> = { mini: 2_833, gpt: 85, o: 75 };
/** Where each looks for what it is told: a copy of an API anywhere, OpenAI and Anthropic refuse what they do not know. */
const OWN_PLACE: Readonly<Record<Dialect, (key: string, parent: string | undefined) => boolean>> = {
  openai: (key, parent) =>
    parent === undefined && /^(?:max_tokens|max_completion_tokens|n|service_tier|web_search_options)$/.test(key),
  responses: (key, parent) =>
    parent === undefined &&
    /^(?:max_output_tokens|service_tier|previous_response_id|conversation|background)$/.test(key),
  anthropic: (_, parent) => parent === undefined,
  google: (_, parent) => parent === undefined || parent === 'generationConfig',
  any: () => true,
};

type Dialect = 'openai' | 'responses' | 'anthropic' | 'google' | 'any';

function dialectOf(counter: Counter, path: string): Dialect {
  if (counter === 'gemini') return 'google';
  if (counter === 'claude') return 'anthropic';
  if (path.endsWith('/responses')) return 'responses';
  return counter === 'any' ? 'any' : 'openai';
}

/** By whose rules media count. */
function counterOf(path: string, model: string): Counter {
  if (path.includes('/v1beta/')) return 'gemini';
  if (path.endsWith('/messages')) return 'claude';
  if (/4o-mini/.test(model)) return 'mini';
  if (/^o\d/.test(model)) return 'o';
  return /^gpt/.test(model) ? 'gpt' : 'any';
}

/** A native request as a provider reads it that does what it is told. */
class Reading {
  readonly streams: boolean;
  readonly wantsUsage: boolean;
  readonly isEmbedding: boolean;
  objection: string | undefined;
  outputLimit = 0;
  choices = 1;
  #text = 0;
  #media = 0;
  #fetches = false;
  readonly #counter: Counter;
  readonly #dialect: Dialect;
  /** True within a picture that is wanted in low detail. */
  #isLow = false;

  constructor(path: string, fields: Readonly<Record<string, unknown>>) {
    this.#counter = counterOf(path, String(fields['model']));
    this.isEmbedding = /embed/i.test(path);
    this.streams = fields['stream'] === true || path.includes(':streamGenerateContent');
    const options = fields['stream_options'] as { include_usage?: boolean } | undefined;
    this.wantsUsage = options?.include_usage === true;
    this.#dialect = dialectOf(this.#counter, path);
    this.#walk(fields, false, undefined);
    if (this.outputLimit === 0) this.outputLimit = ENDLESS;
  }

  /** The most that the request can be billed as input. */
  get most(): number {
    return this.#fetches ? WINDOW : Math.min(WINDOW, Math.max(1, this.#text + this.#media));
  }

  /** @param isRead true: what the model is given to read. @param parent the field that holds it; undefined: the request itself. */
  #walk(value: unknown, isRead: boolean, parent: string | undefined): void {
    if (typeof value === 'string') this.#string(value);
    else if (Array.isArray(value)) for (const item of value) this.#walk(item, isRead, parent ?? '');
    else if (typeof value === 'object' && value !== null) {
      this.#isLow = 'detail' in value && value.detail === 'low';
      for (const [key, inner] of Object.entries(value)) {
        if (parent === undefined && key === 'model') continue;
        const isDefinition = parent === 'tools' || parent === 'function';
        const isForeign = (isRead || isDefinition) && this.#dialect !== 'any' && FOREIGN.has(key);
        if (isForeign || (parent !== undefined && FREE.has(key))) {
          this.#text += Buffer.byteLength(JSON.stringify(inner) ?? '');
          continue;
        }
        this.#obey(key, inner, isRead, parent);
        this.#walk(inner, isRead || (parent === undefined && READ.has(key)), key);
      }
    }
  }

  #obey(key: string, value: unknown, isRead: boolean, parent: string | undefined): void {
    if (value === null || value === undefined || value === false) return;
    const isNested = parent !== undefined;
    if (isRead) {
      if (FETCHED[this.#dialect].test(key) && isRemote(value)) this.#fetches = true;
      return;
    }
    const isOwn = OWN_PLACE[this.#dialect](key, parent);
    if (isOwn && ANY_LIMIT.has(key) && typeof value === 'number') this.outputLimit = Math.max(this.outputLimit, value);
    if (isOwn && ANY_CHOICES.has(key) && typeof value === 'number') this.choices = Math.max(this.choices, value);
    if (isOwn && COSTLY[this.#dialect].test(key)) this.objection ??= `${key} was sent`;
    if (isOwn && key === 'service_tier' && /priority|performance/.test(String(value)))
      this.objection ??= 'a costly tier was sent';
    if (key === 'model' && isNested && !this.isEmbedding && this.#dialect !== 'openai')
      this.objection ??= 'a nested model was sent';
    if (key === 'type' && parent === 'tools' && typeof value === 'string' && RUN_TOOLS.test(value))
      this.objection ??= `${value} was sent`;
    if (RUN_TOOL_NAMES.test(key)) this.objection ??= `${key} was sent`;
  }

  #string(value: string): void {
    const file = tokensOfFile(value, this.#counter);
    if (file === undefined) this.#text += Buffer.byteLength(value);
    else this.#media += this.#isLow ? Math.min(file, LOW_DETAIL[this.#counter] ?? file) : file;
  }
}

/** True of an address or an id; false of data, and of what holds either. */
function isRemote(value: unknown): boolean {
  if (typeof value === 'string') return /^\s*(?:https?|gs|file):|^file[-_]/i.test(value);
  return (
    typeof value === 'object' &&
    value !== null &&
    ('fileUri' in value || 'file_uri' in value || ('url' in value && isRemote(value.url)))
  );
}
