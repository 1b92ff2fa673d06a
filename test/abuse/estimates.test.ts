import { afterEach, describe, expect, test } from 'vitest';
import { memoryRateLimiter } from '../../src/index.js';
import { testClock } from '../../src/testing/test-clock.js';
import { mp4, pdf, png, wav } from '../helpers/media-files.js';
import { type AbuseSite, abuseSite } from './abuse-site.js';

let site: AbuseSite;
afterEach(() => site.close());

const OUTPUT = 100;
const LIMIT = 1_000_000;
const base64 = (bytes: Buffer) => bytes.toString('base64');
const file = (type: string, bytes: Buffer) => ({
  type: 'file',
  file: { file_data: `data:${type};base64,${base64(bytes)}` },
});
const picture = `data:image/png;base64,${base64(png(64, 64))}`;

/** A part, the tokens that it is estimated at, and its letters that are no text. */
const PARTS: readonly (readonly [string, object, number, number])[] = [
  ['text', { type: 'text', text: 'word '.repeat(1_000) }, 0, 0],
  ['a picture', { type: 'image_url', image_url: { url: picture } }, 800, picture.length],
  [
    'a clip of sound',
    { type: 'input_audio', input_audio: { format: 'wav', data: base64(wav(1)) } },
    1_000,
    base64(wav(1)).length,
  ],
  ['a PDF', file('application/pdf', pdf(1)), 4_000, `data:application/pdf;base64,${base64(pdf(1))}`.length],
  ['a video', file('video/mp4', mp4(1)), 4_000, `data:video/mp4;base64,${base64(mp4(1))}`.length],
];

describe('what a request is estimated at', () => {
  test.each(PARTS)('is taken from the limit of tokens: %s', async (_, part, tokens, letters) => {
    site = await abuseSite(
      { usage: { input: 1, output: 1 } },
      {
        plans: { limited: { models: '*', limits: { tokensPerMinute: LIMIT } } },
        defaultPlan: 'limited',
        // A bucket that does not fill meanwhile.
        rateLimiter: memoryRateLimiter({ now: testClock().now }),
      },
    );
    const { post } = await site.attacker('0', { plan: 'limited' });
    const body = { model: 'gemini', max_tokens: OUTPUT, messages: [{ role: 'user', content: [part] }] };
    const { status, headers } = await post('chat/completions', body);
    expect(status).toBe(200);
    const estimate = Math.ceil((JSON.stringify(body).length - letters) / 4) + tokens + OUTPUT;
    expect(LIMIT - Number(headers['x-ratelimit-remaining-tokens'])).toBe(estimate);
  });
});
