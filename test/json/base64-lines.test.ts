import { describe, expect, test } from 'vitest';
import { ParsedBody } from '../../src/json/parsed-body.js';

const LONG = 2 * 1024 * 1024;
const BASE64 = Buffer.alloc(LONG, 'some picture').toString('base64').replace(/=+$/, '');
const inLines = (text: string, end = '\n') => text.replaceAll(/.{76}/g, `$&${end}`);
const part = (url: string) => ({ type: 'image_url', image_url: { url } });
const ask = (content: unknown, fields: object = {}) => ({
  model: 'm',
  ...fields,
  messages: [{ role: 'user', content }],
});
const read = async (body: object | string, owned = true) => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return ParsedBody.read(Buffer.from(text), owned);
};
const textOf = (bytes: Uint8Array | undefined) => bytes && Buffer.from(bytes).toString();
/** As many that the body is not outlined, but parsed. */
const MANY = 600;

describe.each([
  ['one picture', 1],
  ['many pictures', MANY],
])('line breaks in the base64 of %s', (_, count) => {
  const letters = BASE64.slice(0, Math.floor(BASE64.length / count / 4) * 4);
  const body = (url: string) => ask(Array.from({ length: count }, () => part(url)));

  test.each([
    ['line feeds', '\n', ''],
    ['both', '\r\n', ''],
    ['blanks', ' ', ''],
    ['padding, and a line feed behind it', '\n', '=\n'],
  ])('are taken out: %s', async (_name, end, last) => {
    const url = `data:image/png;base64,${inLines(letters, end)}${last}`;
    const parsed = await read(body(url));
    const whole = body(`data:image/png;base64,${letters}${last.trim()}`);
    expect(parsed.value).toEqual(whole);
    expect(parsed.size / JSON.stringify(whole).length).toBeCloseTo(1, 1);
    // An outlined body is still the client's own, and is relayed as such.
    if (count === MANY) expect(parsed.relayed).toBeUndefined();
    else expect(textOf(parsed.relayed)).toBe(JSON.stringify(whole));
  });

  test.each([
    ['none', letters],
    ['in what is not base64', `${inLines(letters)}?`],
    ['in an address', `https://example.com/${inLines(letters)}`],
    ['with more behind the padding', `${inLines(letters)}=QUJD`],
  ])('stay: %s', async (_name, text) => {
    const asked = ask(Array.from({ length: count }, () => part(text)));
    expect((await read({ ...asked, filler: BASE64 })).value).toEqual({ ...asked, filler: BASE64 });
  });
});

test('what stands between, before and behind texts that become shorter moves with them', async () => {
  const some = BASE64.slice(0, 400_000);
  const url = (text: string) => `data:image/png;base64,${text}`;
  const note = { type: 'text', text: `A note \\ "quoted" \n ${'é'.repeat(2_000)}` };
  const parts = (text: string) => [
    note,
    part(url(text)),
    note,
    part(url(some)),
    part(url(text)),
    { type: 'text', text: 'end' },
  ];
  const given = ask(parts(inLines(some)), { user: 'u'.repeat(1_500) });
  const whole = ask(parts(some), { user: 'u'.repeat(1_500) });
  const parsed = await read(given);
  const { value, measure } = parsed.outline();
  expect(textOf(parsed.relayed)).toBe(JSON.stringify(whole));
  expect(textOf(parsed.bytes)).toBe(JSON.stringify(whole));
  expect(parsed.size).toBe(JSON.stringify(whole).length + 2 * 2_000);
  expect(parsed.value).toEqual(whole);
  const outlined = (value as ReturnType<typeof ask>).messages[0]?.content as ReturnType<typeof part>[];
  expect(measure?.(outlined[1]?.image_url.url ?? '').length).toBe(url(some).length);
});

test('line breaks of other texts stay', async () => {
  const text = inLines(BASE64);
  const call = { id: 'c', function: { name: 'f', arguments: text } };
  const body = ask([{ type: 'text', text }], {
    tools: [{ input_schema: { data: text } }],
    calls: [call],
    input: { data: text },
  });
  expect((await read(body)).value).toEqual(body);
});

test('the bytes of somebody else are not changed', async () => {
  const text = JSON.stringify(ask([part(inLines(BASE64))]));
  const bytes = Buffer.from(text);
  const parsed = await ParsedBody.read(bytes);
  expect(parsed.value).toEqual(ask([part(BASE64)]));
  expect(bytes.toString()).toBe(text);
});

test('escapes of JSON in base64 are read', async () => {
  const url = `${BASE64}\\/AA\\tAA`;
  const parsed = await read(`{"model":"m","messages":[{"role":"user","content":[{"file_data":"${url}"}]}]}`);
  expect(parsed.value).toEqual(ask([{ file_data: `${BASE64}/AAAA` }]));
});

test.each([
  ['is not base64', 'data:image/png,'],
  ['is not base64, among other parameters', 'data:image/png;charset=x,'],
])('a data URL of megabytes that %s is refused', async (_, head) => {
  await expect(read(ask([part(head + BASE64)]))).rejects.toMatchObject({ code: 'invalid_value', param: 'url' });
  const shorter = ask([part(head + BASE64.slice(0, 100_000))], { filler: BASE64 });
  expect((await read(shorter)).value).toEqual(shorter);
});
