import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonOutline, LONGEST_KEPT } from '../../src/json/outline.js';

const encoder = new TextEncoder();
const LONG = 'a long text, '.repeat(400);

function outlineOf(text: string): JsonOutline | undefined {
  return JsonOutline.of(encoder.encode(text));
}

/** A body with this JSON text as its only content, quotes included. */
function around(content: string): string {
  return `{"model":"m","messages":[{"role":"user","content":${content}}]}`;
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Compares what an outline says with the truth, down to the last string. */
function expectToDescribe(outline: JsonOutline, outlined: unknown, truth: unknown): void {
  if (typeof truth === 'string') {
    const { text, length } = outline.measure(outlined as string);
    expect(length).toBe(truth.length);
    if (text === truth) return;
    expect(text.length).toBeGreaterThan(LONGEST_KEPT);
    expect(text.slice(0, 512)).toBe(truth.slice(0, 512));
    expect(text.slice(-512)).toBe(truth.slice(-512));
  } else if (typeof truth === 'object' && truth !== null) {
    expect(Object.keys(outlined as object)).toEqual(Object.keys(truth));
    for (const [name, value] of Object.entries(truth)) {
      expectToDescribe(outline, (outlined as Record<string, unknown>)[name], value);
    }
  } else expect(outlined).toBe(truth);
}

describe('the outline of a large body', () => {
  it('is short, and has everything but the insides of long strings', () => {
    const body = { model: 'm', messages: [{ role: 'user', content: LONG }], n: 2, user: 'ann' };
    const outline = outlineOf(JSON.stringify(body)) as JsonOutline;
    expect(outline.text.length).toBeLessThan(2_000);
    const { messages, ...rest } = JSON.parse(outline.text);
    expect(rest).toEqual({ model: 'm', n: 2, user: 'ann' });
    expect(messages[0].content).not.toBe(LONG);
    expect(outline.measure(messages[0].content).length).toBe(LONG.length);
  });

  it('cannot be confused by a text that looks like a stand-in', () => {
    const standIn = JSON.parse((outlineOf(around(JSON.stringify(LONG))) as JsonOutline).text).messages[0].content;
    const outline = outlineOf(JSON.stringify([standIn, LONG, standIn])) as JsonOutline;
    expect(JSON.parse(outline.text).map((text: string) => outline.measure(text).length)).toEqual([
      standIn.length,
      LONG.length,
      standIn.length,
    ]);
  });

  it('keeps ends of strings, by which files are told apart', () => {
    const outline = outlineOf(JSON.stringify([`data:image/png;base64,${LONG}.pdf`])) as JsonOutline;
    const [text] = JSON.parse(outline.text);
    expect(text).toMatch(/^data:image\/png;.*\.pdf$/);
  });

  it.each([
    ['escapes', `line\n\t"${LONG}"\\ \u2028`],
    ['letters beyond ASCII', `é${LONG}日本語 😀`],
    ['an escaped slash', `data:image/png;base64,${LONG}`],
  ])('measures a string with %s', (name, text) => {
    const json = JSON.stringify(text);
    const outline = outlineOf(around(name === 'an escaped slash' ? json.replaceAll('/', '\\/') : json)) as JsonOutline;
    expect(outline.measure(JSON.parse(outline.text).messages[0].content)).toEqual({ text, length: text.length });
  });

  it.each([
    ['without long strings', around('"short"')],
    ['with a long key', `{"${LONG}" : 1}`],
    ['of many short strings', JSON.stringify([LONG, ...Array.from({ length: 5_000 }, () => 'short')])],
    ['of nearly nothing but escapes', around(JSON.stringify('\n'.repeat(9_000)))],
    ['of more brackets than text', `["${LONG}",${'['.repeat(600_000)}`],
  ])('is not made of a body %s', (_, text) => expect(outlineOf(text)).toBeUndefined());
});

describe('a string that JSON does not allow', () => {
  it.each([
    ['a control character', `${LONG}\u0001${LONG}`],
    ['a line break', `${LONG}\n${LONG}`],
    ['a control character after escapes', `\\n${LONG}\u001f${LONG}`],
    ['a control character at its end', `${LONG}\t`],
    ['an unknown escape', `${LONG}\\x41${LONG}`],
    ['half a unicode escape', `${LONG}\\u12`],
    ['a unicode escape that is no number', `${LONG}\\u12g4${LONG}`],
  ])('has no outline: %s', (_, inside) => {
    expect(parses(around(`"${inside}"`))).toBe(false);
    expect(outlineOf(around(`"${inside}"`))).toBeUndefined();
  });

  it.each([
    ['no end', `{"model":"m","content":"${LONG}`],
    ['an escape for its end', `{"model":"m","content":"${LONG}\\`],
    ['text behind it', `["${LONG}" x]`],
    ['a comma too many', `["${LONG}",]`],
    ['another value behind it', `["${LONG}"]["${LONG}"]`],
    ['a byte order mark before it', `\ufeff["${LONG}"]`],
  ])('is found in any case: %s', (_, text) => {
    expect(parses(text)).toBe(false);
    const outline = outlineOf(text);
    expect(outline === undefined || !parses(outline.text)).toBe(true);
  });
});

describe('whatever the body', () => {
  const pieces = ['x', 'word ', '\n', '"', '\\', '/', 'é', '日', '😀', '\u2028', '\u007f', '\ud800', '.pdf', 'data:'];
  const string = fc
    .tuple(fc.array(fc.constantFrom(...pieces), { maxLength: 12 }), fc.nat(300), fc.nat(40))
    .map(([parts, times, at]) => 'plain '.repeat(at) + parts.join('').repeat(times));
  const value = fc.letrec((tie) => ({
    any: fc.oneof({ depthSize: 'small' }, string, fc.integer(), fc.constant(null), tie('list'), tie('object')),
    list: fc.array(tie('any'), { maxLength: 5 }),
    object: fc.dictionary(fc.oneof(fc.constantFrom('content', 'text', 'url'), string), tie('any'), { maxKeys: 4 }),
  })).list;
  const space = fc.constantFrom(0, 2);

  it('its outline says the same', () => {
    fc.assert(
      fc.property(value, space, (truth, indent) => {
        const outline = outlineOf(JSON.stringify([LONG + LONG, truth], null, indent));
        if (!outline) return;
        expectToDescribe(outline, JSON.parse(outline.text), [LONG + LONG, truth]);
      }),
    );
  });

  it('a wrong byte in it is found', () => {
    const bytes = fc.tuple(value, fc.array(fc.tuple(fc.nat(), fc.nat(127)), { minLength: 1, maxLength: 2 }));
    fc.assert(
      fc.property(bytes, ([truth, changes]) => {
        const body = encoder.encode(`["${LONG}",${JSON.stringify(truth)},"${LONG}\\n${LONG}"]`);
        for (const [at, byte] of changes) body[at % body.length] = byte;
        const text = new TextDecoder('utf-8', { ignoreBOM: true }).decode(body);
        const outline = JsonOutline.of(body);
        if (outline) expect(parses(outline.text)).toBe(parses(text));
      }),
      { numRuns: 2_000 },
    );
  });
});
