import type { FakeRequest } from '../../src/testing/fake-answer.js';
import { providerOf } from '../../src/testing/fake-request.js';
import { fakeWireOf } from '../../src/testing/fake-routes.js';
import { FAKE_SIGNATURES, type FakeToolCall } from '../../src/testing/fake-wire.js';
import type { SeededRandom } from '../../src/testing/seeded-random.js';
import { type Transport, TransportError, type UpstreamRequest } from '../../src/upstream/transport.js';
import { Reading } from './obedient-reading.js';

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
  /** What the model shows of its thoughts, and signs with as long a text. Unset: nothing. */
  readonly thinks?: string;
  /** What it calls. Unset: nothing. */
  readonly calls?: readonly FakeToolCall[];
}

/** Models whose answers have more in them than their text shows. */
const HIDES = /gemini-2\.5|haiku-4|o3-mini|reasoner/;

/** Amazon says always what was used, and the AI SDK takes no answer of Anthropic's that does not. */
const ALWAYS_REPORTS = /^\/model\/|"claude-haiku-4-5-20251001"/;

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
      // As the gateway's own transport says of what it did not send, since the client had left before.
      if (request.signal.aborted) throw new TransportError('connect', new Error('aborted'));
      const { exchange, frames, type } = answerOf(request, random, manner);
      await onAsked(exchange);
      if (request.signal.aborted) throw new TransportError('aborted', new Error('aborted'));
      return { status: 200, headers: { 'content-type': type }, body: bodyOf(frames, exchange.bill, request.signal) };
    },
  };
}

/** A piece of an answer, and the output that it bills. */
interface Frame {
  readonly bytes: Uint8Array;
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
      return [frame.bytes];
    },
    cancel() {},
    discard() {},
  };
}

function answerOf(request: UpstreamRequest, random: SeededRandom, manner: Manner) {
  const { greedy, words } = manner;
  const body = textOf(request.body);
  const { pathname } = new URL(request.url);
  const reports = manner.reports || ALWAYS_REPORTS.test(pathname + body);
  const fields = JSON.parse(body) as Record<string, unknown>;
  const read = new Reading(pathname, fields);
  const texts = read.isEmbedding ? [] : words;
  const visible = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const limit = read.outputLimit * read.choices;
  const hides = HIDES.test(request.url + body);
  const shown = Math.min(visible, limit);
  const most = hides || (read.choices > 1 && reports) ? limit : shown;
  const unused = greedy ? read.predicted : 0;
  const output = read.isEmbedding ? 0 : (greedy ? most : random.integer(shown, most)) + unused;
  const hidden = hides ? Math.max(0, output - shown) : unused;
  const input = greedy ? read.most : random.integer(1, read.most);
  const exchange: Exchange = { url: pathname, body, bill: { input, output: hidden }, objection: read.objection };
  const { whole, frames, streamType } = written(read, pathname, fields, { input, output }, { ...manner, words: texts });
  // Whole answers are made and billed whether anybody waits for them or not.
  if (whole) exchange.bill.output = output;
  // Nobody knows what vectors cost whose provider does not say it.
  if (read.isEmbedding && !(reports && frames.map(readable).join('').includes('"usage"'))) exchange.bill.input = 1;
  const kept = reports ? frames : frames.map((frame) => withoutUsage(readable(frame)));
  return {
    exchange,
    type: whole ? 'application/json' : streamType,
    frames: kept.map((frame, index) => ({
      bytes: Buffer.from(frame as string),
      // A report counts when it leaves; words count as they do.
      output:
        index === kept.length - 1 && reports
          ? output
          : hidden + spokenBy(frames.slice(0, index + 1).map(readable), texts, shown),
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
  body: Readonly<Record<string, unknown>>,
  usage: { input: number; output: number },
  { words, thinks, calls = [] }: Manner,
): { readonly whole: boolean; readonly frames: readonly (string | Uint8Array)[]; readonly streamType: string } {
  const provider = providerOf(path);
  const asked = { provider, path, body, model: 'm', prompt: '', headers: {} } as unknown as FakeRequest;
  const wire = fakeWireOf(asked);
  const content = {
    model: 'm',
    pieces: words,
    toolCalls: calls,
    thinking: thinks,
    usage,
    finish: 'stop',
    includeUsage: provider !== 'openai' || read.wantsUsage,
  } as const;
  const sign = (frame: string | Uint8Array) =>
    thinks === undefined || typeof frame !== 'string' ? frame : signed(frame, thinks);
  const { streamType = 'text/event-stream' } = wire;
  if (!read.streams) return { whole: true, frames: [sign(JSON.stringify(wire.whole(content)))], streamType };
  const { opening, content: middle, terminal } = wire.stream(content);
  return {
    whole: false,
    frames: [...opening, ...middle, ...terminal].map((frame) => sign(frame as string | Uint8Array)),
    streamType,
  };
}

/** The text of a piece, what Amazon wraps included. */
function readable(frame: string | Uint8Array): string {
  if (typeof frame === 'string') return frame;
  const unwrap = (_: string, base64: string) => Buffer.from(base64, 'base64').toString();
  return Buffer.from(frame)
    .toString()
    .replace(/\{"bytes":"([^"]+)"\}/, unwrap);
}

/** With signatures as long as what was thought. */
function signed(text: string, thought: string): string {
  const long = Buffer.from(thought).toString('base64');
  return text.replaceAll(FAKE_SIGNATURES.anthropic, long).replaceAll(FAKE_SIGNATURES.google, long);
}

/** Takes the counts out of an answer. */
function withoutUsage(text: string): string {
  return text.replace(/"(?:usage|usageMetadata)":\{(?:[^{}]|\{[^{}]*\})*\}/g, '"unsaid":0');
}

function textOf(body: UpstreamRequest['body']): string {
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  return String(body);
}
