import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createGateway, type Gateway, google, openai } from '../../src/index.js';
import { type Listening, listen } from '../helpers/listen.js';
import { wav } from '../helpers/media-files.js';
import { testLogger } from '../helpers/test-logger.js';

/**
 * Tokens of sound and pictures have prices of their own, also where they come with a chat: they are charged at them, and a
 * hold is made for them.
 */
const PRICE = {
  input: 1,
  output: 2,
  units: {
    input_audio_token: { perMillion: 40 },
    output_audio_token: { perMillion: 80 },
    output_image_token: { perMillion: 100 },
  },
};

let upstream: Listening;
let gateway: Gateway;
let answer: { readonly type: string; readonly body: string };

beforeAll(async () => {
  upstream = await listen((req, res) => {
    req.resume().on('end', () => res.writeHead(200, { 'content-type': answer.type }).end(answer.body));
  });
  gateway = createGateway({
    providers: {
      openai: openai({ apiKey: 'k', baseURL: `${upstream.origin}/v1` }),
      google: google({ apiKey: 'k', baseURL: upstream.origin }),
    },
    models: {
      gpt: { provider: 'openai', model: 'gpt-4o-audio-preview', price: PRICE, maxOutputTokens: 1_000 },
      gemini: { provider: 'google', model: 'gemini-2.5-flash', price: PRICE, maxOutputTokens: 1_000 },
    },
    plans: { pro: { models: '*', billing: 'prepaid' } },
    retries: { maxAttempts: 1 },
    logger: testLogger,
  });
});
afterAll(async () => {
  await gateway.close({ deadlineMs: 0 });
  await upstream.close();
});

let account = '';
let accounts = 0;
beforeEach(async () => {
  accounts += 1;
  account = `account_${accounts}`;
  await gateway.credits.topUp({ accountId: account, amount: '1', idempotencyKey: account });
});

const SOUND = { type: 'input_audio', input_audio: { data: wav(1).toString('base64'), format: 'wav' } };

function post(path: string, body: object): Promise<Response> {
  const ask = gateway.fetchFor({ accountId: account });
  return ask(`http://app/v1/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

const json = (body: object) => ({ type: 'application/json', body: JSON.stringify(body) });
const events = (...list: readonly object[]) => ({
  type: 'text/event-stream',
  body: `${list.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`,
});

async function charged() {
  const [event] = await gateway.usage.events({ accountId: account });
  return event;
}

const CHAT_USAGE = {
  prompt_tokens: 110,
  completion_tokens: 60,
  total_tokens: 170,
  prompt_tokens_details: { cached_tokens: 20, audio_tokens: 50, cached_tokens_details: { audio_tokens: 10 } },
  completion_tokens_details: { reasoning_tokens: 10, audio_tokens: 30 },
};
/** 50 text in (110 - 20 cached - 40 of sound), 20 cached, 20 text out, 10 of reasoning. */
const CHAT_COST = (50 + 20 + 40 * 40 + (20 + 10) * 2 + 30 * 80) / 1e6;

const GEMINI_USAGE = {
  promptTokenCount: 110,
  cachedContentTokenCount: 20,
  candidatesTokenCount: 1_310,
  thoughtsTokenCount: 10,
  promptTokensDetails: [
    { modality: 'TEXT', tokenCount: 60 },
    { modality: 'AUDIO', tokenCount: 50 },
  ],
  cacheTokensDetails: [{ modality: 'AUDIO', tokenCount: 20 }],
  candidatesTokensDetails: [
    { modality: 'IMAGE', tokenCount: 1_290 },
    { modality: 'TEXT', tokenCount: 20 },
  ],
};
/** 60 text in, 30 of sound, 20 cached; 20 text out, 10 of thoughts, 1,290 of a picture. */
const GEMINI_COST = (60 + 20 + 30 * 40 + (20 + 10) * 2 + 1_290 * 100) / 1e6;
const GEMINI_ANSWER = {
  candidates: [{ content: { role: 'model', parts: [{ text: 'Hi' }] }, finishReason: 'STOP' }],
  usageMetadata: GEMINI_USAGE,
};

describe('what is charged', () => {
  const messages = [{ role: 'user', content: [{ type: 'text', text: 'Hello' }, SOUND] }];
  const choice = { index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' };
  const chunk = { id: 'c', object: 'chat.completion.chunk', created: 1, model: 'gpt', choices: [] as object[] };

  test.each([
    [
      'JSON',
      false,
      json({ id: 'c', object: 'chat.completion', created: 1, model: 'g', choices: [choice], usage: CHAT_USAGE }),
    ],
    [
      'a stream',
      true,
      events(
        { ...chunk, choices: [{ index: 0, delta: { role: 'assistant', content: 'Hi' }, finish_reason: null }] },
        { ...chunk, choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] },
        { ...chunk, usage: CHAT_USAGE },
      ),
    ],
  ])('at OpenAI, %s', async (_, stream, scripted) => {
    answer = scripted;
    const response = await post('chat/completions', { model: 'gpt', messages, stream });
    const text = await response.text();
    expect(response.status).toBe(200);
    if (!stream) expect(JSON.parse(text).usage).toMatchObject({ prompt_tokens: 110, completion_tokens: 60 });
    const event = await charged();
    expect(event?.usage.units).toEqual({ input_audio_token: 40, output_audio_token: 30 });
    expect(Number(event?.cost)).toBeCloseTo(CHAT_COST, 9);
  });

  test.each([
    ['JSON', false, json(GEMINI_ANSWER)],
    ['a stream', true, { ...events(GEMINI_ANSWER), body: `data: ${JSON.stringify(GEMINI_ANSWER)}\n\n` }],
    [
      'a stream whose events differ in their counts alone',
      true,
      {
        type: 'text/event-stream',
        body: [0.25, 0.5, 0.75, 1].map((part) => `data: ${JSON.stringify(partOf(part))}\n\n`).join(''),
      },
    ],
  ])('at Gemini, %s', async (_, stream, scripted) => {
    answer = scripted;
    const response = await post('chat/completions', { model: 'gemini', messages, stream });
    await response.text();
    expect(response.status).toBe(200);
    const event = await charged();
    expect(event?.usage.units).toEqual({ input_audio_token: 30, output_image_token: 1_290 });
    expect(Number(event?.cost)).toBeCloseTo(GEMINI_COST, 9);
  });

  test('at Gemini in its own format', async () => {
    answer = json(GEMINI_ANSWER);
    const contents = [{ role: 'user', parts: [{ text: 'Hello' }] }];
    const response = await post('models/gemini:generateContent', { contents });
    await response.text();
    expect(response.status).toBe(200);
    expect(Number((await charged())?.cost)).toBeCloseTo(GEMINI_COST, 9);
  });

  test('by the Responses API', async () => {
    const usage = {
      input_tokens: 100,
      output_tokens: 50,
      total_tokens: 150,
      input_tokens_details: { cached_tokens: 0, audio_tokens: 60 },
      output_tokens_details: { reasoning_tokens: 0, image_tokens: 40 },
    };
    const content = [{ type: 'output_text', text: 'Hi', annotations: [] }];
    const message = { type: 'message', id: 'm', role: 'assistant', status: 'completed', content };
    answer = json({ id: 'r', object: 'response', status: 'completed', model: 'g', output: [message], usage });
    const response = await post('responses', { model: 'gpt', input: 'Hello' });
    await response.text();
    expect(response.status).toBe(200);
    expect(Number((await charged())?.cost)).toBeCloseTo((40 + 60 * 40 + 10 * 2 + 40 * 100) / 1e6, 9);
  });
});

describe('what is held', () => {
  const text = [{ role: 'user', content: 'Hello' }];

  test('for an answer covers sound and pictures at their price', async () => {
    expect(await most({ messages: text, max_tokens: 100 })).toBeGreaterThanOrEqual((100 * 100) / 1e6);
  });

  test('for sound covers its tokens at their price, and text at its own', async () => {
    const ask = (content: object[]) => most({ messages: [{ role: 'user', content }], max_tokens: 1 });
    expect(await ask([{ type: 'text', text: 'x'.repeat(1_000) }])).toBeLessThan(0.0015);
    const data = wav(60).toString('base64');
    const heard = await ask([{ type: 'input_audio', input_audio: { data, format: 'wav' } }]);
    // A minute is 20 tokens a second at most.
    expect(heard).toBeGreaterThanOrEqual((60 * 20 * 40) / 1e6);
    expect(heard).toBeLessThan(0.06);
  });

  async function most(body: object): Promise<number> {
    return Number((await gateway.quote({ model: 'gpt', ...body }, { accountId: account })).most);
  }
});

function partOf(part: number): object {
  const tokens = Math.round(1_290 * part);
  return {
    candidates: [{ content: { role: 'model', parts: [{ text: 'Hi' }] }, ...(part === 1 && { finishReason: 'STOP' }) }],
    usageMetadata: {
      ...GEMINI_USAGE,
      candidatesTokenCount: 20 + tokens,
      candidatesTokensDetails: [
        { modality: 'IMAGE', tokenCount: tokens },
        { modality: 'TEXT', tokenCount: 20 },
      ],
    },
  };
}
