import { describe, expect, it } from 'vitest';
import { ParsedBody } from '../../src/json/parsed-body.js';
import { GatewayError } from '../../src/lib/errors.js';
import { ChatBody } from '../../src/routes/chat-body.js';

const LONG = 'A long text, told to no end. '.repeat(1_000);
const BASE64 = 'iVBORw0KGgo/'.repeat(4_000);
const MESSAGES = [{ role: 'user', content: LONG }];
const REQUEST = { model: 'm', messages: MESSAGES };

function outlined(text: string): ChatBody {
  return ChatBody.of(ParsedBody.ofBytes(new TextEncoder().encode(text)));
}

/** What is read of the same request when it was parsed before. */
function whole(text: string): ChatBody {
  return ChatBody.of(ParsedBody.ofValue(JSON.parse(text), Buffer.byteLength(text)));
}

function refusalOf(read: () => unknown): Partial<GatewayError> {
  try {
    read();
  } catch (thrown) {
    if (!GatewayError.isInstance(thrown)) throw thrown;
    const { code, message, param, status } = thrown;
    return { code, message, param, status };
  }
  throw new Error('it was not refused');
}

describe('a large chat request', () => {
  it('is read whole only when it is asked for', () => {
    const body = outlined(JSON.stringify(REQUEST));
    expect(body.request === body.outline).toBe(false);
    expect(body.outline.messages).not.toEqual(MESSAGES);
    expect(body.request).toEqual(REQUEST);
    expect(body.request).toBe(body.request);
  });

  it('is its whole self at once where most of it is structure', () => {
    const messages = Array.from({ length: 1_000 }, () => ({ role: 'user', content: 'a short text' }));
    const body = outlined(JSON.stringify({ model: 'm', messages }));
    expect(body.request === body.outline).toBe(true);
    expect(body.outline.messages).toEqual(messages);
  });

  it('is counted by the own counter in its whole', () => {
    const seen: unknown[] = [];
    outlined(JSON.stringify(REQUEST)).size((request) => seen.push(request));
    expect(seen).toEqual([REQUEST]);
  });

  it.each([
    ['a repeated field', `{"model":"cheap",${JSON.stringify(REQUEST).slice(1)}`],
    ['a field spelled with escapes', `{"mod\\u0065l":"cheap",${JSON.stringify(REQUEST).slice(1)}`],
    ['two lists of messages', `{"messages":${JSON.stringify(MESSAGES)},${JSON.stringify(REQUEST).slice(1)}`],
    ['a null', JSON.stringify({ ...REQUEST, stop: null })],
  ])('may not be forwarded as it came with %s', (_, text) => {
    const body = outlined(text);
    expect(body.request === body.outline).toBe(false);
    expect(body.bytes).toBeUndefined();
    expect(body.request).toEqual(REQUEST);
  });

  it('may be forwarded whatever its texts quote', () => {
    const content = `${LONG}{"model":"a","model":"b"} \u00e9 ${LONG}`;
    const text = JSON.stringify({ ...REQUEST, messages: [{ role: 'user', content }] });
    expect(outlined(text.replace('\u00e9', '\\u00e9')).bytes).toBeDefined();
  });
});

describe('what a large chat request is refused for', () => {
  it.each([
    ['a long model', { model: LONG }],
    ['a long user', { user: LONG }],
    ['a user a bit too long', { user: 'x'.repeat(1_025) }],
    ['a long tier', { service_tier: LONG }],
    ['a long role', { messages: [{ role: LONG, content: 'x' }] }],
    ['a long role with escapes', { messages: [{ role: `us"er\n${LONG}`, content: 'x' }] }],
    ['a long detail', { messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { detail: LONG } }] }] }],
    ['a long type of a part', { messages: [{ role: 'user', content: [{ type: LONG }] }] }],
    ['a long tool name', { tools: [{ type: 'function', function: { name: LONG } }] }],
    ['a text for a number', { temperature: LONG }],
    ['a text for a list', { tools: LONG }],
    ['no messages', { messages: undefined, x: LONG }],
  ])('is the same as if it had been read whole: %s', (_, fields) => {
    const text = JSON.stringify({ ...REQUEST, ...fields, extra: LONG });
    expect(refusalOf(() => outlined(text))).toEqual(refusalOf(() => whole(text)));
  });

  it.each([
    ['a control character in a text', JSON.stringify(REQUEST).replace('told', 'to\u0007d')],
    ['a wrong escape in a text', JSON.stringify(REQUEST).replaceAll('told', '\\told\\q')],
    ['no end', JSON.stringify(REQUEST).slice(0, -1)],
    ['an open text', JSON.stringify(REQUEST).slice(0, -5)],
    ['a comma too many', JSON.stringify(REQUEST).replace('}]}', '},]}')],
    ['a byte order mark', `\ufeff${JSON.stringify(REQUEST)}`],
  ])('is the same for JSON that is none: %s', (_, text) => {
    expect(refusalOf(() => outlined(text)).code).toBe('invalid_json');
  });

  it.each([
    ['a lone byte', [0xff]],
    ['half a letter', [0xc3, 0x22]],
    ['half a surrogate pair', [0xed, 0xa0, 0x80]],
  ])('is the same for bytes that are no UTF-8: %s', (_, wrong) => {
    const bytes = new TextEncoder().encode(JSON.stringify(REQUEST));
    bytes.set(wrong, 20_000);
    expect(refusalOf(() => ChatBody.of(ParsedBody.ofBytes(bytes))).code).toBe('invalid_json');
  });

  it('is the same for too much nesting', () => {
    const text = JSON.stringify({ ...REQUEST, x: 0 }).replace('0', `${'['.repeat(70)}${']'.repeat(70)}`);
    expect(refusalOf(() => outlined(text)).code).toBe('json_too_deep');
  });
});

describe('the size of a large chat request', () => {
  const part = (type: string, content: object) => ({ type, [type]: content });
  it.each([
    ['a text', { type: 'text', text: LONG }],
    ['a picture', part('image_url', { url: `data:image/png;base64,${BASE64}` })],
    ['a picture by a long address', part('image_url', { url: `https://example.com/${BASE64}` })],
    ['a drawing, which is text', part('image_url', { url: `data:image/svg+xml;base64,${BASE64}` })],
    ['text that is called a picture', part('image_url', { url: `data:text/html,${LONG}` })],
    ['a picture that is none', part('image_url', { url: `data:image/png;base64,é"${BASE64}` })],
    ['sound', part('input_audio', { format: 'wav', data: BASE64 })],
    ['a PDF by its name', part('file', { filename: `${LONG}.pdf`, file_data: BASE64 })],
    ['a PDF by its name with escapes', part('file', { filename: `"${LONG}".PDF`, file_data: BASE64 })],
    ['another file by its name', part('file', { filename: `${LONG}.csv`, file_data: BASE64 })],
    ['a file', part('file', { file_data: `data:application/pdf;base64,${BASE64}` })],
  ])('is the same as if it had been read whole: %s', (_, media) => {
    const content = [{ type: 'text', text: LONG }, media, media];
    const text = JSON.stringify({ model: 'm', messages: [{ role: 'user', content }] });
    for (const spelled of [text, text.replaceAll('/', '\\/')]) {
      const body = outlined(spelled);
      expect(body.request === body.outline).toBe(false);
      expect(body.size(undefined)).toEqual(whole(spelled).size(undefined));
    }
  });
});
