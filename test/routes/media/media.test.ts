import { toFile } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from '../../helpers/eventually.js';
import { wav } from '../../helpers/media-files.js';
import { ownTempFolder } from '../../helpers/own-temp-folder.js';
import { type MediaSite, mediaSite } from './media-site.js';

const FREE = { input: 0, output: 0 };
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

let site: MediaSite;
beforeAll(async () => {
  site = await mediaSite({
    'dall-e-3': { price: { ...FREE, units: { image: 0.04, 'image:1024x1024:hd': 0.08 } } },
    'dall-e-3-hd': { model: 'dall-e-3', price: { ...FREE, units: { 'image:1024x1024:hd': 0.08 } } },
    'gpt-image-1': {
      price: {
        input: 5,
        output: 0,
        units: { input_image_token: { perMillion: 10 }, output_image_token: { perMillion: 40 } },
      },
    },
    'tts-1': { price: { ...FREE, units: { character: '0.000015' } } },
    'whisper-1': { price: { ...FREE, units: { input_second: '0.0001' } } },
    'gpt-4o-transcribe': { price: { input: 2.5, output: 10, units: { input_audio_token: { perMillion: 6 } } } },
    'omni-moderation-latest': { price: FREE },
    unpriced: { price: FREE },
  });
});
afterAll(() => site.close());

let before = 0;
beforeEach(async () => {
  site.received.length = 0;
  before = Number(await site.balance());
});

async function spent(): Promise<number> {
  return Number((before - Number(await site.balance())).toFixed(9));
}

const folder = ownTempFolder();
const { uploads } = folder;
afterAll(() => folder.remove());

describe('images', () => {
  test('are charged by count, size and quality, the longest name that is priced', async () => {
    site.answer = { body: JSON.stringify({ created: 1, data: [{ url: 'https://x.test/1' }] }) };
    const answer = await site.client.images.generate({
      model: 'dall-e-3',
      prompt: 'A cat',
      size: '1024x1024',
      quality: 'hd',
    });
    expect(answer.data).toEqual([{ url: 'https://x.test/1' }]);
    expect(await spent()).toBe(0.08);
    await site.client.images.generate({ model: 'dall-e-3', prompt: 'A cat', n: 2 });
    expect(await spent()).toBe(0.16);
    expect(site.received[0]).toMatchObject({
      path: '/v1/images/generations',
      fields: { model: 'dall-e-3', prompt: 'A cat', size: '1024x1024', quality: 'hd' },
    });
  });

  test('are charged by the tokens that were reported', async () => {
    const usage = {
      input_tokens: 50,
      output_tokens: 1_000,
      total_tokens: 1_050,
      input_tokens_details: { text_tokens: 10, image_tokens: 40 },
    };
    site.answer = { body: JSON.stringify({ created: 1, data: [{ b64_json: 'AAAA' }], usage }) };
    await site.client.images.generate({ model: 'gpt-image-1', prompt: 'A cat' });
    expect(await spent()).toBe((10 * 5 + 40 * 10 + 1_000 * 40) / 1e6);
  });

  test('without a report are charged at the most they can be', async () => {
    site.answer = { body: JSON.stringify({ created: 1, data: [{ b64_json: 'AAAA' }] }) };
    await site.client.images.generate({ model: 'gpt-image-1', prompt: 'A cat' });
    expect(await spent()).toBeGreaterThan((6_240 * 40) / 1e6);
  });

  test('are edited: the files go on as they came', async () => {
    site.answer = { body: JSON.stringify({ created: 1, data: [{ b64_json: 'AAAA' }] }) };
    const image = [
      await toFile(PNG, 'a.png', { type: 'image/png' }),
      await toFile(PNG, 'b "2".png', { type: 'image/png' }),
    ];
    await site.client.images.edit({ model: 'dall-e-3', prompt: 'Two cats', image, n: 1 });
    expect(site.received[0]).toMatchObject({
      path: '/v1/images/edits',
      fields: { model: 'dall-e-3', prompt: 'Two cats', n: '1' },
      files: [
        { field: 'image[]', name: 'a.png', type: 'image/png', size: PNG.length },
        { field: 'image[]', type: 'image/png', size: PNG.length },
      ],
    });
    expect(await spent()).toBe(0.04);
  });

  test('stream as they come, and the report of the last event is charged', async () => {
    const usage = { input_tokens: 10, output_tokens: 100, input_tokens_details: { text_tokens: 10, image_tokens: 0 } };
    const events = [
      { type: 'image_generation.partial_image', b64_json: 'AA', partial_image_index: 0 },
      { type: 'image_generation.completed', b64_json: 'AAAA', usage },
    ];
    site.answer = {
      type: 'text/event-stream',
      body: events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''),
    };
    const seen: string[] = [];
    const stream = await site.client.images.generate({
      model: 'gpt-image-1',
      prompt: 'A cat',
      stream: true,
      partial_images: 1,
    });
    for await (const event of stream) seen.push(event.type);
    expect(seen).toEqual(['image_generation.partial_image', 'image_generation.completed']);
    expect(await spent()).toBe((10 * 5 + 100 * 40) / 1e6);
  });
});

describe('speech', () => {
  test('is charged by the character, and its bytes are relayed', async () => {
    const sound = Buffer.from([0xff, 0xfb, 0x90, 0x00, 0x80]);
    site.answer = { type: 'audio/mpeg', body: sound };
    const answer = await site.client.audio.speech.create({ model: 'tts-1', voice: 'alloy', input: 'Hello, 世界!' });
    expect(answer.headers.get('content-type')).toBe('audio/mpeg');
    expect(Buffer.from(await answer.arrayBuffer())).toEqual(sound);
    expect(await spent()).toBe(Number((10 * 0.000015).toFixed(9)));
  });
});

describe('transcription', () => {
  test('is charged by the seconds of the file', async () => {
    site.answer = { body: JSON.stringify({ text: 'Hello' }) };
    const file = await toFile(wav(30), 'speech.wav', { type: 'audio/wav' });
    const answer = await site.client.audio.transcriptions.create({ model: 'whisper-1', file });
    expect(answer.text).toBe('Hello');
    expect(await spent()).toBe(30 * 0.0001);
    expect(site.received[0]).toMatchObject({
      path: '/v1/audio/transcriptions',
      fields: { model: 'whisper-1' },
      files: [{ field: 'file', name: 'speech.wav', type: 'audio/wav', size: 480_044 }],
    });
  });

  test('is charged by the seconds that were reported, or the tokens', async () => {
    site.answer = { body: JSON.stringify({ text: 'Hello', usage: { type: 'duration', seconds: 31 } }) };
    const file = () => toFile(wav(30), 'speech.wav', { type: 'audio/wav' });
    await site.client.audio.transcriptions.create({ model: 'whisper-1', file: await file() });
    expect(await spent()).toBe(0.0031);
    const usage = {
      type: 'tokens',
      input_tokens: 510,
      input_token_details: { text_tokens: 10, audio_tokens: 500 },
      output_tokens: 20,
    };
    site.answer = { body: JSON.stringify({ text: 'Hello', usage }) };
    await site.client.audio.transcriptions.create({ model: 'gpt-4o-transcribe', file: await file() });
    expect(await spent()).toBe(Number((0.0031 + (10 * 2.5 + 500 * 6 + 20 * 10) / 1e6).toFixed(9)));
  });

  test('in text formats is relayed as text', async () => {
    site.answer = { type: 'text/plain; charset=utf-8', body: 'Hello\n' };
    const file = await toFile(wav(1), 'speech.wav');
    const answer = await site.client.audio.transcriptions.create({ model: 'whisper-1', file, response_format: 'text' });
    expect(String(answer)).toContain('Hello');
  });

  test('translations take the same form', async () => {
    site.answer = { body: JSON.stringify({ text: 'Hello' }) };
    await site.client.audio.translations.create({ model: 'whisper-1', file: await toFile(wav(2), 'speech.wav') });
    expect(site.received[0]?.path).toBe('/v1/audio/translations');
    expect(await spent()).toBeCloseTo(0.0002, 6);
  });

  test('leaves no file behind, whatever the exit', async () => {
    site.answer = {
      status: 400,
      body: JSON.stringify({ error: { message: 'Bad sound', type: 'invalid_request_error' } }),
    };
    const file = await toFile(wav(1), 'speech.wav');
    await expect(site.client.audio.transcriptions.create({ model: 'whisper-1', file })).rejects.toThrow('400');
    expect(await spent()).toBe(0);
    await eventually(() => uploads().length === 0);
  });
});

test('moderations are answered, and cost what they cost', async () => {
  site.answer = {
    body: JSON.stringify({ id: 'modr-1', model: 'omni-moderation-latest', results: [{ flagged: false }] }),
  };
  const answer = await site.client.moderations.create({ input: 'Hello' });
  expect(answer.results[0]?.flagged).toBe(false);
  expect(site.received[0]?.fields).toEqual({ model: 'omni-moderation-latest', input: 'Hello' });
  expect(await spent()).toBe(0);
});

describe('what is refused costs nothing', () => {
  async function refused(path: string, body: BodyInit, headers: Record<string, string> = {}): Promise<unknown> {
    const response = await fetch(`${site.origin}/v1/${path}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${site.key}`, ...headers },
      body,
    });
    const { error } = (await response.json()) as { error: { code: string; param: string | null } };
    return [response.status, error.code, error.param];
  }
  const json = { 'content-type': 'application/json' };
  const form = (fields: Record<string, string | Blob>) => {
    const data = new FormData();
    for (const [name, value] of Object.entries(fields)) data.append(name, value);
    return data;
  };
  const sound = new Blob([new Uint8Array(wav(1))], { type: 'audio/wav' });

  test.each<[string, string, BodyInit, Record<string, string> | undefined, unknown[]]>([
    ['no prompt', 'images/generations', '{"model":"dall-e-3"}', json, [400, 'missing_required_parameter', 'prompt']],
    [
      'too many images',
      'images/generations',
      '{"model":"dall-e-3","prompt":"x","n":11}',
      json,
      [400, 'invalid_value', 'n'],
    ],
    [
      'no input',
      'audio/speech',
      '{"model":"tts-1","voice":"alloy"}',
      json,
      [400, 'missing_required_parameter', 'input'],
    ],
    [
      'no file',
      'audio/transcriptions',
      form({ model: 'whisper-1' }),
      undefined,
      [400, 'missing_required_parameter', 'file'],
    ],
    [
      'no model',
      'audio/transcriptions',
      form({ file: sound }),
      undefined,
      [400, 'missing_required_parameter', 'model'],
    ],
    [
      'a file in a wrong field',
      'audio/transcriptions',
      form({ model: 'whisper-1', audio: sound }),
      undefined,
      [400, 'unsupported_parameter', 'audio'],
    ],
    [
      'no image',
      'images/edits',
      form({ model: 'dall-e-3', prompt: 'x', image: sound }),
      undefined,
      [400, 'invalid_value', 'image'],
    ],
    [
      'a field of the wrong type',
      'images/edits',
      form({ model: 'dall-e-3', prompt: 'x', n: 'two', image: sound }),
      undefined,
      [400, 'invalid_type', 'n'],
    ],
    ['JSON where a form is needed', 'audio/transcriptions', '{}', json, [415, 'unsupported_media_type', null]],
    [
      'a form that is cut',
      'audio/transcriptions',
      '--b\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhis',
      { 'content-type': 'multipart/form-data; boundary=b' },
      [400, 'invalid_request', null],
    ],
    [
      'a model without a price',
      'images/generations',
      '{"model":"unpriced","prompt":"x"}',
      json,
      [400, 'unsupported_parameter', 'model'],
    ],
    [
      'a model whose price does not have what DALL·E makes by itself',
      'images/generations',
      '{"model":"dall-e-3-hd","prompt":"x"}',
      json,
      [400, 'unsupported_parameter', 'model'],
    ],
  ])('%s', async (_name, path, body, headers, expected) => {
    expect(await refused(path, body, headers)).toEqual(expected);
    expect(site.received).toEqual([]);
    expect(await spent()).toBe(0);
    expect(uploads()).toEqual([]);
  });

  test('a form above the limit', async () => {
    const small = await mediaSite({ 'whisper-1': { price: FREE } }, { maxUploadBytes: 1_000 });
    const response = await fetch(`${small.origin}/v1/audio/transcriptions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${small.key}` },
      body: form({ model: 'whisper-1', file: sound }),
    });
    await small.close();
    expect(response.status).toBe(413);
    expect(uploads()).toEqual([]);
  });
});
