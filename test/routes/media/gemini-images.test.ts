import OpenAI, { toFile } from 'openai';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { toNodeHandler } from '../../../src/http/node.js';
import { createGateway, type Gateway, google } from '../../../src/index.js';
import { type Listening, listen } from '../../helpers/listen.js';
import { png } from '../../helpers/media-files.js';
import { testLogger } from '../../helpers/test-logger.js';

const PICTURE = png(4, 4).toString('base64');
const REPORT = {
  promptTokenCount: 20,
  candidatesTokenCount: 1_300,
  thoughtsTokenCount: 100,
  promptTokensDetails: [{ modality: 'TEXT', tokenCount: 20 }],
  candidatesTokensDetails: [{ modality: 'IMAGE', tokenCount: 1_290 }],
};
const ANSWER = {
  candidates: [
    {
      content: {
        role: 'model',
        parts: [{ text: 'Here you are.' }, { inlineData: { mimeType: 'image/png', data: PICTURE } }],
      },
      finishReason: 'STOP',
    },
  ],
  usageMetadata: REPORT,
};
/** Of one picture: 20 text tokens in; 10 of text and 100 of thoughts out; 1,290 of the picture. */
const COST = (20 * 0.3 + 110 * 2.5 + 1_290 * 30) / 1e6;

let upstream: Listening;
let app: Listening;
let gateway: Gateway;
let client: OpenAI;
let received: { readonly path: string; readonly body: Record<string, never> }[];
let answers: unknown[];

beforeEach(async () => {
  received = [];
  answers = [];
  upstream = await listen((req, res) => {
    let text = '';
    req.on('data', (piece) => {
      text += piece;
    });
    req.on('end', () => {
      received.push({ path: req.url ?? '', body: JSON.parse(text) });
      const answer = answers.length > 1 ? answers.shift() : answers[0];
      const status = (answer as { error?: { code: number } }).error?.code ?? 200;
      res.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
    });
  });
  const price = { input: 0.3, output: 2.5, units: { output_image_token: { perMillion: 30 } } };
  gateway = createGateway({
    providers: { google: google({ apiKey: 'k', baseURL: upstream.origin }) },
    models: {
      'gemini-2.5-flash-image': { provider: 'google', price },
      'gemini-3-pro-image': {
        provider: 'google',
        price: { input: 0, output: 0, units: { image: 0.1, 'image:4096x4096': 0.2 } },
      },
    },
    plans: { pro: { models: '*', billing: 'prepaid' } },
    retries: { maxAttempts: 1 },
    logger: testLogger,
  });
  await gateway.credits.topUp({ accountId: 'ada', amount: '10', idempotencyKey: 'start' });
  const { key } = await gateway.keys.create({ accountId: 'ada', name: 'k' });
  app = await listen(toNodeHandler(gateway));
  client = new OpenAI({ apiKey: key, baseURL: `${app.origin}/v1`, maxRetries: 0 });
});
afterEach(async () => {
  await app.close();
  await gateway.close({ deadlineMs: 0 });
  await upstream.close();
});

async function spent(): Promise<number> {
  return Number((10 - Number((await gateway.accounts.get('ada')).balance)).toFixed(9));
}

describe('pictures of Gemini models', () => {
  test('come in the form of the Images API, charged by kinds of tokens', async () => {
    answers = [ANSWER];
    const { data, usage, created } = await client.images.generate({
      model: 'gemini-2.5-flash-image',
      prompt: 'A cat',
      size: '1536x1024',
      user: 'someone',
    });
    expect(data).toEqual([{ b64_json: PICTURE }]);
    expect(created).toBeGreaterThan(1_700_000_000);
    expect(usage).toEqual({
      input_tokens: 20,
      output_tokens: 1_400,
      total_tokens: 1_420,
      input_tokens_details: { text_tokens: 20, image_tokens: 0 },
      output_tokens_details: { text_tokens: 110, image_tokens: 1_290 },
    });
    expect(await spent()).toBeCloseTo(COST, 9);
    expect(received).toEqual([
      {
        path: '/v1beta/models/gemini-2.5-flash-image:generateContent',
        body: {
          contents: [{ role: 'user', parts: [{ text: 'A cat' }] }],
          generationConfig: {
            responseModalities: ['TEXT', 'IMAGE'],
            maxOutputTokens: 6_240,
            imageConfig: { aspectRatio: '3:2' },
          },
        },
      },
    ]);
  });

  test('are asked for one by one; what some requests made is the answer, and what is charged', async () => {
    answers = [ANSWER, { error: { code: 503, message: 'overloaded' } }, ANSWER];
    const { data } = await client.images.generate({ model: 'gemini-2.5-flash-image', prompt: 'A cat', n: 3 });
    expect(data).toHaveLength(2);
    expect(received).toHaveLength(3);
    expect(await spent()).toBeCloseTo(2 * COST, 9);
  });

  test('are charged by the picture where that is priced, for as many as were made', async () => {
    answers = [ANSWER, { error: { code: 503, message: 'overloaded' } }];
    await client.images.generate({
      model: 'gemini-3-pro-image',
      prompt: 'A cat',
      n: 2,
      size: '4096x4096' as '1024x1024',
    });
    expect(await spent()).toBe(0.2);
    expect(received[0]?.body['generationConfig']).toMatchObject({
      imageConfig: { aspectRatio: '1:1', imageSize: '4K' },
    });
  });

  test('are edited: the pictures go along as what they are', async () => {
    answers = [ANSWER];
    await client.images.edit({
      model: 'gemini-2.5-flash-image',
      image: [await toFile(png(2, 2), 'a.bin', { type: 'application/octet-stream' })],
      prompt: 'A hat on it',
    });
    expect(received[0]?.body['contents']).toEqual([
      {
        role: 'user',
        parts: [{ inlineData: { mimeType: 'image/png', data: png(2, 2).toString('base64') } }, { text: 'A hat on it' }],
      },
    ]);
  });

  test('as a stream are one event each, with the report on the last', async () => {
    answers = [ANSWER];
    const stream = await client.images.generate({ model: 'gemini-2.5-flash-image', prompt: 'A cat', stream: true });
    const events = [];
    for await (const event of stream) events.push(event);
    expect(events).toMatchObject([
      { type: 'image_generation.completed', b64_json: PICTURE, usage: { output_tokens: 1_400 } },
    ]);
    expect(await spent()).toBeCloseTo(COST, 9);
  });

  test('fields without a meaning are named; a mask is refused, and costs nothing', async () => {
    answers = [ANSWER];
    const { response } = await client.images
      .generate({ model: 'gemini-2.5-flash-image', prompt: 'A cat', quality: 'high', background: 'transparent' })
      .withResponse();
    expect(response.headers.get('x-gateway-dropped-params')).toBe('quality, background');
    const before = await spent();
    const edit = client.images.edit({
      model: 'gemini-2.5-flash-image',
      image: await toFile(png(2, 2), 'a.png'),
      mask: await toFile(png(2, 2), 'b.png'),
      prompt: 'A hat',
    });
    await expect(edit).rejects.toMatchObject({ status: 400, param: 'mask' });
    expect(await spent()).toBe(before);
  });

  test.each([
    ['IMAGE_SAFETY', 400, 'content_policy_violation'],
    ['NO_IMAGE', 502, 'upstream_error'],
  ])('that were not made: %s is an error, charged for what was reported', async (finishReason, status, code) => {
    answers = [{ candidates: [{ finishReason }], usageMetadata: { promptTokenCount: 20, thoughtsTokenCount: 100 } }];
    const asked = client.images.generate({ model: 'gemini-2.5-flash-image', prompt: 'A cat' });
    await expect(asked).rejects.toMatchObject({ status, code });
    expect(received).toHaveLength(1);
    expect(await spent()).toBeCloseTo((20 * 0.3 + 100 * 2.5) / 1e6, 9);
  });

  test('other media are refused by name', async () => {
    const speech = client.audio.speech.create({ model: 'gemini-2.5-flash-image', voice: 'alloy', input: 'Hi' });
    await expect(speech).rejects.toMatchObject({ status: 400, message: expect.stringContaining('audio/speech') });
    expect(await spent()).toBe(0);
  });
});
