import { toFile } from 'openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { catalogue } from '../../../src/catalogue/index.js';
import { wav } from '../../helpers/media-files.js';
import { type MediaSite, mediaSite } from './media-site.js';

/**
 * What the providers' own price lists say that one picture or minute costs. Sources: platform.openai.com, pricing, and the
 * guide to image generation for the tokens of a picture.
 */
const OPENAI = catalogue.providers['openai'] ?? {};
const MODELS = ['gpt-image-1.5', 'gpt-image-1-mini', 'tts-1', 'tts-1-hd', 'gpt-4o-mini-tts', 'whisper-1'] as const;

let site: MediaSite;
beforeAll(async () => {
  site = await mediaSite(
    Object.fromEntries(MODELS.map((id) => [id, { price: OPENAI[id]?.price ?? { input: 0, output: 0 } }])),
  );
});
afterAll(() => site.close());

async function costOf(work: () => Promise<unknown>): Promise<string> {
  const before = Number(await site.balance());
  await work();
  return (before - Number(await site.balance())).toFixed(3);
}

test.each([
  ['gpt-image-1.5', 'low', '1024x1024', 272, '0.009'],
  ['gpt-image-1.5', 'low', '1024x1536', 408, '0.013'],
  ['gpt-image-1.5', 'medium', '1024x1024', 1_056, '0.034'],
  ['gpt-image-1.5', 'medium', '1536x1024', 1_568, '0.050'],
  ['gpt-image-1.5', 'high', '1024x1024', 4_160, '0.133'],
  ['gpt-image-1.5', 'high', '1024x1536', 6_240, '0.200'],
  ['gpt-image-1-mini', 'low', '1024x1024', 272, '0.002'],
  ['gpt-image-1-mini', 'high', '1024x1024', 4_160, '0.033'],
] as const)('a picture of %s, %s, %s', async (model, quality, size, tokens, cost) => {
  const usage = {
    input_tokens: 4,
    output_tokens: tokens,
    total_tokens: tokens + 4,
    input_tokens_details: { text_tokens: 4, image_tokens: 0 },
  };
  site.answer = { body: JSON.stringify({ created: 1, data: [{ b64_json: 'AA' }], usage }) };
  expect(await costOf(() => site.client.images.generate({ model, prompt: 'A cat', quality, size }))).toBe(cost);
});

test.each([
  ['tts-1', '0.015'],
  ['tts-1-hd', '0.030'],
])('a thousand characters spoken by %s', async (model, cost) => {
  site.answer = { type: 'audio/mpeg', body: 'sound' };
  const input = 'x'.repeat(1_000);
  expect(
    await costOf(() => site.client.audio.speech.create({ model, voice: 'alloy', input }).then((r) => r.text())),
  ).toBe(cost);
});

test('a minute spoken by gpt-4o-mini-tts', async () => {
  const usage = { input_tokens: 0, output_tokens: 1_250, total_tokens: 1_250 };
  const events = [
    { type: 'speech.audio.delta', audio: 'AA' },
    { type: 'speech.audio.done', usage },
  ];
  site.answer = {
    type: 'text/event-stream',
    body: events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''),
  };
  const speak = () =>
    site.client.audio.speech
      .create({ model: 'gpt-4o-mini-tts', voice: 'alloy', input: 'Hello', stream_format: 'sse' })
      .then((response) => response.text());
  expect(await costOf(speak)).toBe('0.015');
});

test('a minute heard by whisper-1', async () => {
  site.answer = { body: JSON.stringify({ text: 'Hello' }) };
  const file = await toFile(wav(60), 'a.wav');
  expect(await costOf(() => site.client.audio.transcriptions.create({ model: 'whisper-1', file }))).toBe('0.006');
});
