import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { anthropic, google, openai, type ProviderAdapter } from '../../src/index.js';
import { fakeWires } from '../../src/testing/fake-routes.js';
import type { FakeContent } from '../../src/testing/fake-wire.js';
import { collectStream, fakeCall, fakeTransport } from '../helpers/fake-call.js';

const CASES = 10_000;
const encoder = new TextEncoder();
type TextFormat = keyof typeof fakeWires;

const target = { apiKey: 'sk-x', baseURL: 'http://provider.test' };
const adapters: Record<TextFormat, ProviderAdapter> = {
  openai: openai(target),
  anthropic: anthropic(target),
  google: google(target),
};

/** Text of one, two, three and four bytes, quotes, escapes and what separates events. */
const CONTENT: FakeContent = {
  model: 'some-model',
  pieces: ['Hello', ' wörld ', '漢字', '\u{1f600}\u{1f468}\u{200d}\u{1f469}', ' "quoted" \\ ', 'data: x\n\n\r\n', '.'],
  thinking: undefined,
  toolCalls: [{ name: 'look', arguments: { at: 'Zürich\n', n: 1 } }],
  usage: { input: 10, output: 20 },
  finish: 'stop',
  includeUsage: true,
};

/** Ways to write the same events. Source: WHATWG HTML, section "Server-sent events". */
interface Dress {
  readonly lineEnd: '\n' | '\r\n' | '\r';
  readonly comments: boolean;
  readonly byteOrderMark: boolean;
  /** The JSON of an event over two `data:` lines. */
  readonly twoLines: boolean;
  readonly space: boolean;
  /** The JSON of an event with spaces between its tokens, as no provider writes it. */
  readonly looseJson: boolean;
}

const PLAIN: Dress = {
  lineEnd: '\n',
  comments: false,
  byteOrderMark: false,
  twoLines: false,
  space: true,
  looseJson: false,
};

function dressed(provider: TextFormat, how: Dress): Uint8Array {
  const { lineEnd, comments, byteOrderMark, twoLines, space, looseJson } = how;
  const { opening, content, terminal } = fakeWires[provider].stream(CONTENT);
  let text = [...opening, ...content, ...terminal].join('');
  if (looseJson) text = text.replace(/^data: (\{.*)$/gm, (_, json: string) => `data: ${loose(json)}`);
  if (comments) text = `: hello\n\n${text.replaceAll('\n\n', '\n\n: keep-alive\n\n:\n')}`;
  if (twoLines) text = text.replace(/^data: (\{(?:"\w+":"[^"]*",)?)/gm, 'data: $1\ndata: ');
  if (!space) text = text.replace(/^data: /gm, 'data:');
  return encoder.encode((byteOrderMark ? '\ufeff' : '') + text.replaceAll('\n', lineEnd));
}

function loose(json: string): string {
  return JSON.stringify(JSON.parse(json), null, 1).replaceAll('\n', ' ');
}

/** Everything a client would learn, chunks and usage, from these pieces. */
async function outcome(adapter: ProviderAdapter, pieces: readonly Uint8Array[]): Promise<string> {
  const transport = fakeTransport({ pieces, headers: { 'content-type': 'text/event-stream' } });
  const request = { model: 'm', messages: [{ role: 'user' as const, content: 'x' }], stream: true };
  const collected = JSON.stringify(await collectStream(adapter, fakeCall({ transport, request })), inOrder);
  // an id that the adapter made up
  return collected.replace(/"id":"call_[^"]*"/g, '"id":"call"');
}

/** The order of keys says nothing. */
function inOrder(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Chunks as they would go to a client. */
async function relayed(adapter: ProviderAdapter, bytes: Uint8Array): Promise<string[]> {
  const transport = fakeTransport({ pieces: [bytes], headers: { 'content-type': 'text/event-stream' } });
  const texts: string[] = [];
  for await (const { chunks } of (await adapter.stream(fakeCall({ transport }))).batches)
    for (const chunk of chunks) texts.push(typeof chunk === 'string' ? chunk : JSON.stringify(chunk));
  return texts;
}

function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const at = [...new Set(places.map((place) => place % bytes.length))].sort((a, b) => a - b);
  return [0, ...at].map((start, i) => bytes.subarray(start, at[i] ?? bytes.length));
}

describe.each(Object.keys(adapters) as TextFormat[])('a stream of %s', (provider) => {
  const adapter = adapters[provider];

  test(`106 · however it is written and cut, it says the same (${CASES} cases)`, { timeout: 120_000 }, async () => {
    const whole = await outcome(adapter, [dressed(provider, PLAIN)]);
    expect(whole).toContain('"finished":true');
    expect(whole).toContain('漢字');
    const dress = fc.record({
      lineEnd: fc.constantFrom('\n' as const, '\r\n' as const, '\r' as const),
      comments: fc.boolean(),
      byteOrderMark: fc.boolean(),
      twoLines: fc.boolean(),
      space: fc.boolean(),
      looseJson: fc.boolean(),
    });
    const places = fc.array(fc.nat(100_000), { maxLength: 40 });
    await fc.assert(
      fc.asyncProperty(dress, places, async (how, at) => {
        expect(await outcome(adapter, cut(dressed(provider, how), at))).toBe(whole);
      }),
      { numRuns: CASES },
    );
  });

  test('an event over two lines reaches the client as one', async () => {
    const texts = await relayed(adapter, dressed(provider, { ...PLAIN, twoLines: true }));
    expect(texts.length).toBeGreaterThan(3);
    for (const text of texts) expect(text).not.toMatch(/[\r\n]/);
  });

  test('107 · cut at each single byte, and each byte alone, it says the same', async () => {
    for (const lineEnd of ['\n', '\r\n'] as const) {
      const bytes = dressed(provider, { ...PLAIN, lineEnd });
      const whole = await outcome(adapter, [bytes]);
      for (let at = 1; at < bytes.length; at += 1) expect(await outcome(adapter, cut(bytes, [at]))).toBe(whole);
      expect(await outcome(adapter, cut(bytes, [...bytes.keys()].slice(1)))).toBe(whole);
    }
  });
});
