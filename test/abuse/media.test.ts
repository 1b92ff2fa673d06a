import { afterEach, describe, expect, test } from 'vitest';
import { openaiCompatible } from '../../src/index.js';
import { flac, mp3, wav, webm } from '../helpers/media-files.js';
import { type MediaSite, mediaSite } from '../routes/media/media-site.js';
import { type AbuseSite, abuseSite } from './abuse-site.js';

const FREE = { input: 0, output: 0 };
const MODELS = {
  pictures: { price: { ...FREE, units: { image: 0.04, 'image:1024x1024:low': 0.01, 'image:1024x1024:hd': 0.08 } } },
  'dall-e-3': { price: { ...FREE, units: { image: 0.04, 'image:1024x1024:hd': 0.08 } } },
  'gpt-image-1': {
    price: {
      input: 5,
      output: 0,
      units: { input_image_token: { perMillion: 10 }, output_image_token: { perMillion: 40 } },
    },
  },
  'gpt-4o-mini-tts': { price: { input: 0.6, output: 0, units: { output_audio_token: { perMillion: 12 } } } },
  'whisper-1': { price: { ...FREE, units: { input_second: '0.0001' } } },
  checker: { price: { input: 1, output: 0 } },
};

let site: MediaSite;
let chats: AbuseSite | undefined;
afterEach(async () => {
  await site.close();
  await chats?.close();
  chats = undefined;
});

async function post(path: string, body: object | FormData, key = site.key) {
  const form = body instanceof FormData;
  const response = await fetch(`${site.origin}/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, ...(!form && { 'content-type': 'application/json' }) },
    body: form ? body : JSON.stringify(body),
  });
  const text = await response.text();
  return { status: response.status, dropped: response.headers.get('x-gateway-dropped-params'), text };
}

async function costOf(path: string, body: object | FormData): Promise<number> {
  const before = Number(await site.balance());
  const { status, text } = await post(path, body);
  expect({ status, text }).toMatchObject({ status: 200 });
  return Number((before - Number(await site.balance())).toFixed(9));
}

/** The key of an account with this many dollars. */
async function keyWith(dollars: string): Promise<string> {
  const accountId = `poor_${dollars}`;
  await site.gateway.accounts.setPlan(accountId, 'pro');
  await site.gateway.credits.topUp({ accountId, amount: dollars, idempotencyKey: accountId });
  return (await site.gateway.keys.create({ accountId, name: 'attack' })).key;
}

function form(fields: Readonly<Record<string, string | Blob>>): FormData {
  const data = new FormData();
  for (const [name, value] of Object.entries(fields)) data.append(name, value);
  return data;
}

const PICTURES = { created: 1, data: [{ b64_json: 'AAAA' }] };

describe('pictures', () => {
  test.each([
    ['size and quality that are priced', { size: '1024x1024', quality: 'low' }, 0.01],
    ['a quality without a size: the most expensive of that quality', { quality: 'hd' }, 0.08],
    ['neither: the most expensive of all', {}, 0.08],
    ['a quality of the provider’s choice', { size: '1024x1024', quality: 'auto' }, 0.08],
    ['a size that says more than its size', { size: '1024x1024:low', quality: 'hd' }, 0.04],
  ])('cost what the provider may make of %s', async (_, wish, cost) => {
    site = await mediaSite(MODELS);
    site.answer = { body: JSON.stringify(PICTURES) };
    expect(await costOf('images/generations', { model: 'pictures', prompt: 'A cat', ...wish })).toBe(cost);
  });

  test('what is not there is not spent, whatever is left unsaid', async () => {
    site = await mediaSite(MODELS);
    site.answer = { body: JSON.stringify(PICTURES) };
    const poor = await keyWith('0.05');
    const ask = { model: 'pictures', prompt: 'A cat', quality: 'hd' };
    const answers = await Promise.all(Array.from({ length: 50 }, () => post('images/generations', ask, poor)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));
    expect(site.received).toEqual([]);
  });

  test('have the defaults that their model is known for', async () => {
    site = await mediaSite(MODELS);
    site.answer = { body: JSON.stringify(PICTURES) };
    expect(await costOf('images/generations', { model: 'dall-e-3', prompt: 'A cat' })).toBe(0.04);
    expect(await costOf('images/generations', { model: 'dall-e-3', prompt: 'A cat', quality: 'hd' })).toBe(0.08);
  });

  test('read the prompt once for each of them', async () => {
    site = await mediaSite(MODELS);
    site.answer = { body: JSON.stringify(PICTURES) };
    const prompt = 'x'.repeat(996);
    const one = (1_000 * 5 + 6_240 * 40) / 1e6;
    expect(await costOf('images/generations', { model: 'gpt-image-1', prompt, n: 3 })).toBeCloseTo(3 * one, 9);
  });

  test.each(['10e-1', ' 2', '0x2', '２', '+2', '2,9'])('are as many as everybody reads: %s', async (n) => {
    site = await mediaSite(MODELS);
    const picture = new Blob([new Uint8Array(PNG)], { type: 'image/png' });
    const { status, text } = await post('images/edits', form({ model: 'pictures', prompt: 'x', n, image: picture }));
    expect({ status, text }).toMatchObject({ status: 400, text: expect.stringContaining("'n'") });
    expect(site.received).toEqual([]);
  });
});

const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

describe('fields that ask for more', () => {
  test.each([
    ['N', { N: 10 }],
    ['n[]', { 'n[]': '10' }],
    ['best_of', { best_of: 10 }],
    ['models', { models: ['x'] }],
    ['api_base', { api_base: 'http://169.254.169.254' }],
    ['MODEL', { MODEL: 'other' }],
  ])('are refused by their names: %s', async (param, fields) => {
    site = await mediaSite(MODELS);
    const asked = { model: 'pictures', prompt: 'A cat', ...fields };
    const { status, text } = await post('images/generations', asked);
    expect({ status, error: JSON.parse(text).error }).toMatchObject({
      status: 400,
      error: { code: 'unsupported_parameter', param },
    });
    expect(site.received).toEqual([]);
  });

  test('do not reach a server that copies the API', async () => {
    chats = await abuseSite({});
    const copy = openaiCompatible({ ...chats.upstream.openai, name: 'copy' });
    site = await mediaSite(
      { pictures: { ...MODELS.pictures, provider: 'copy' } as never },
      { providers: { copy } as never },
    );
    const asked = { model: 'pictures', prompt: 'A cat', steps: 100, width: 4_096, num_images: 10, n: 1 };
    const { dropped } = await post('images/generations', asked);
    expect(dropped).toBe('steps, width, num_images');
    expect(chats.upstream.requests.at(-1)?.body).toEqual({ model: 'pictures', prompt: 'A cat', n: 1 });
  });
});

test('the shortest speech has a breath', async () => {
  site = await mediaSite(MODELS);
  site.answer = { type: 'audio/mpeg', body: 'sound' };
  const cost = await costOf('audio/speech', { model: 'gpt-4o-mini-tts', voice: 'alloy', input: 'x' });
  expect(cost).toBeCloseTo((5 * 0.6 + 47 * 12) / 1e6, 9);
});

describe('speech with instructions', () => {
  const ask = {
    model: 'gpt-4o-mini-tts',
    voice: 'alloy',
    input: 'a b c',
    instructions: 'Pause for a minute at each letter.',
  };
  /** 10,000 frames of 1,152 samples at 44.1 kHz: more than four minutes. */
  const minutes = mp3(10_000);
  const seconds = (10_000 * 1_152) / 44_100;
  const price = (audioTokens: number) =>
    (Buffer.byteLength(ask.input + ask.instructions) * 0.6 + audioTokens * 12) / 1e6;

  test('costs what was spoken, and not what its few letters would take', async () => {
    site = await mediaSite(MODELS);
    site.answer = { type: 'audio/mpeg', body: minutes };
    const cost = await costOf('audio/speech', ask);
    // 1,250 tokens a minute
    expect(cost).toBeGreaterThanOrEqual((seconds * (1_250 / 60) * 12) / 1e6);
    expect(cost).toBeLessThanOrEqual(price(Math.ceil(seconds * 21) + 4));
  });

  test('costs a short answer as little as it is', async () => {
    site = await mediaSite(MODELS);
    site.answer = { type: 'audio/mpeg', body: mp3(100) };
    expect(await costOf('audio/speech', ask)).toBeLessThan(price(100));
  });

  test('is refused where the account can’t pay for a long one, however many ask', async () => {
    site = await mediaSite(MODELS);
    site.answer = { type: 'audio/mpeg', body: minutes };
    const poor = await keyWith('0.10');
    const answers = await Promise.all(Array.from({ length: 50 }, () => post('audio/speech', ask, poor)));
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));
    expect(site.received).toEqual([]);
  });

  test('of a length that can’t be read costs the most that was held', async () => {
    site = await mediaSite(MODELS);
    site.answer = { type: 'audio/ogg', body: 'sound' };
    expect(await costOf('audio/speech', { ...ask, response_format: 'opus' })).toBeCloseTo(16_384 * 12e-6, 3);
  });
});

describe('sound', () => {
  const heard = (bytes: Buffer) =>
    form({ model: 'whisper-1', file: new Blob([new Uint8Array(bytes)], { type: 'audio/flac' }) });

  test.each([
    ['a FLAC of silence whose head claims nothing', flac(1_000, 0), 1_000 * (65_536 / 44_100)],
    ['a recording of a browser, which says no length', webm(500, { sized: false }), 32.767],
    ['a WAV', wav(30), 30],
  ])('is as long as it plays: %s', async (_, bytes, seconds) => {
    site = await mediaSite(MODELS);
    site.answer = { body: JSON.stringify({ text: '' }) };
    expect(await costOf('audio/transcriptions', heard(bytes))).toBeCloseTo(seconds * 0.0001, 6);
  });

  test.each([
    ['a WebM with Vorbis, of which silence takes two bytes a second', webm(500, { sized: true, codec: 'A_VORBIS' })],
    ['a file of no known format', Buffer.from('no sound at all')],
    ['a WAV of a codec whose rate nothing bounds', Buffer.from(wav(1)).fill(2, 20, 21)],
  ])('whose length nothing proves is not heard on credit: %s', async (_, bytes) => {
    site = await mediaSite(MODELS);
    const { status, text } = await post('audio/transcriptions', heard(bytes));
    expect({ status, error: JSON.parse(text).error }).toMatchObject({
      status: 400,
      error: { code: 'unsupported_value', param: 'file' },
    });
    expect(site.received).toEqual([]);
  });

  test('that is not paid for is not heard', async () => {
    site = await mediaSite(MODELS);
    const poor = await keyWith('0.1');
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => post('audio/transcriptions', heard(flac(1_000, 0)), poor)),
    );
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([403]));
    expect(site.received).toEqual([]);
  });
});

test('pictures to be checked are held for, wherever they are', async () => {
  site = await mediaSite(MODELS);
  site.answer = { body: JSON.stringify({ id: 'modr-1', model: 'm', results: [{ flagged: false }] }) };
  const picture = { type: 'image_url', image_url: { url: 'https://e.example/a.png' } };
  const poor = await keyWith('0.01');
  expect((await post('moderations', { model: 'checker', input: [picture] }, poor)).status).toBe(403);
  expect((await post('moderations', { model: 'checker', input: [{ type: 'text', text: 'hi' }] }, poor)).status).toBe(
    200,
  );
});
