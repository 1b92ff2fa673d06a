import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { azureOpenAI, google, openai, openaiCompatible } from '../../src/index.js';
import { FULL_REQUESTS } from '../helpers/full-requests.js';
import { type Listening, listen } from '../helpers/listen.js';
import { png, wav } from '../helpers/media-files.js';
import { type FakedGateway, fakedGateway, type TestGateway, testGateway } from '../helpers/test-gateway.js';
import { type Asked, askFaked, expectRefusedByName, WRONG, wrongBodies } from '../helpers/wrong-values.js';

/** As `wrong-values.slow.test.ts`, on the routes that are no conversation. */

const PICTURE = png(4, 4).toString('base64');

/** What each route of a provider answers, by the end of its path. */
const ANSWERS: readonly (readonly [end: string, answer: object])[] = [
  [':generateContent', { candidates: [{ content: { parts: [{ inlineData: { data: PICTURE } }] } }] }],
  ['/images/generations', { created: 1, data: [{ b64_json: PICTURE }] }],
  ['/images/edits', { created: 1, data: [{ b64_json: PICTURE }] }],
  ['/audio/transcriptions', { text: 'Hi.' }],
  ['/audio/translations', { text: 'Hi.' }],
  ['/moderations', { id: 'm', model: 'm', results: [{ flagged: false }] }],
  ['/audio/speech', {}],
];

let asked = 0;
let upstream: Listening;
let site: TestGateway;
beforeAll(async () => {
  upstream = await listen((request, response) => {
    asked += 1;
    const path = (request.url ?? '').split('?')[0] ?? '';
    const [, answer = {}] = ANSWERS.find(([end]) => path.endsWith(end)) ?? [];
    let text = '';
    request.setEncoding('latin1').on('data', (piece: string) => {
      text += piece;
    });
    request.on('end', () => {
      const isStream = /"stream":true|name="stream"\r\n\r\ntrue/.test(text);
      const body = isStream ? 'data: {"type":"image_generation.completed"}\n\n' : JSON.stringify(answer);
      response.writeHead(200, { 'content-type': isStream ? 'text/event-stream' : 'application/json' }).end(body);
    });
  });
  const { origin } = upstream;
  const price = { input: 1, output: 2 };
  site = await testGateway(
    {
      providers: {
        openai: openai({ apiKey: 'k', baseURL: `${origin}/v1` }),
        azure: azureOpenAI({ apiKey: 'k', baseURL: origin }),
        vllm: openaiCompatible({ apiKey: 'k', baseURL: `${origin}/v1`, name: 'vllm' }),
        google: google({ apiKey: 'k', baseURL: origin }),
      },
      models: {
        openai: { provider: 'openai', price },
        azure: { provider: 'azure', price },
        vllm: { provider: 'vllm', price },
        google: { provider: 'google', model: 'gemini-2.5-flash-image', price },
      },
      refusedPerMinute: 1_000_000,
      plans: { pro: { models: '*', billing: 'prepaid' } },
    },
    { balance: '100000' },
  );
});
afterAll(async () => {
  await site.close();
  await upstream.close();
});

/** Holds that a wrong value is refused by the name of its field and costs nothing, or is no wrong one. */
function expectClear({ status, text, wasSent }: Asked, field: string, value: unknown): void {
  const said = `${field} = ${JSON.stringify(value)}: ${status} ${text}`;
  expect([200, 400, 404], said).toContain(status);
  if (status !== 400) return;
  expect(wasSent, said).toBe(false);
  expect((JSON.parse(text) as { error: { param: string } }).error.param, said).toContain(field);
}

async function post(route: string, body: object | FormData): Promise<Asked> {
  const before = asked;
  const isForm = body instanceof FormData;
  const response = await site.gateway.fetch(
    new Request(`http://gateway/v1/${route}`, {
      method: 'POST',
      headers: { authorization: `Bearer ${site.key}`, ...(!isForm && { 'content-type': 'application/json' }) },
      body: isForm ? body : JSON.stringify(body),
    }),
  );
  return { status: response.status, text: await response.text(), wasSent: asked > before };
}

const PICTURES = {
  prompt: 'A cat.',
  n: 2,
  size: '1024x1024',
  quality: 'high',
  background: 'auto',
  moderation: 'low',
  output_format: 'png',
  output_compression: 90,
  response_format: 'b64_json',
  stream: false,
  partial_images: 0,
  style: 'vivid',
  user: 'u',
};
const JSON_ROUTES: readonly (readonly [route: string, models: readonly string[], body: object])[] = [
  ['images/generations', ['openai', 'azure', 'vllm', 'google'], PICTURES],
  [
    'audio/speech',
    ['openai', 'azure', 'vllm'],
    { input: 'Hi.', voice: 'alloy', instructions: 'Softly.', response_format: 'mp3', speed: 1, stream_format: 'audio' },
  ],
  [
    'moderations',
    ['openai', 'azure', 'vllm'],
    {
      input: [
        { type: 'text', text: 'Hi.' },
        { type: 'image_url', image_url: { url: 'https://x.test/a.png' } },
      ],
    },
  ],
];

describe.each(JSON_ROUTES)('a wrong value at %s', (route, models, body) => {
  it.each(models)(
    'is refused by its name for %s, or means what is left',
    async (model) => {
      const whole = { model, ...body };
      expect(await post(route, whole)).toMatchObject({ status: 200, wasSent: true });
      for (const { path, value, body: wrong } of wrongBodies(whole)) {
        expectClear(await post(route, wrong), String(path[0]), value);
      }
      await nothingHeld();
    },
    120_000,
  );
});

/** What a form can hold in place of a value: texts alone. */
const WRONG_TEXTS = WRONG.flatMap((value) =>
  value === undefined ? [] : [typeof value === 'string' ? value.replace('\ud800', '\u0000') : JSON.stringify(value)],
);
const HEARD = { language: 'en', prompt: 'Go on.', response_format: 'json', temperature: '0' };
const FORMS: readonly (readonly [string, readonly string[], Readonly<Record<string, string>>, () => [string, File]])[] =
  [
    [
      'images/edits',
      ['openai', 'azure', 'vllm', 'google'],
      Object.fromEntries(Object.entries(PICTURES).map(([name, value]) => [name, String(value)])),
      () => ['image', new File([new Uint8Array(png(4, 4))], 'a.png', { type: 'image/png' })],
    ],
    [
      'audio/transcriptions',
      ['openai', 'azure', 'vllm'],
      {
        ...HEARD,
        stream: 'false',
        chunking_strategy: 'auto',
        'timestamp_granularities[]': 'word',
        'include[]': 'logprobs',
      },
      () => ['file', new File([new Uint8Array(wav(1))], 'a.wav', { type: 'audio/wav' })],
    ],
    [
      'audio/translations',
      ['openai', 'azure', 'vllm'],
      HEARD,
      () => ['file', new File([new Uint8Array(wav(1))], 'a.wav', { type: 'audio/wav' })],
    ],
  ];

describe.each(FORMS)('a wrong value in the form of %s', (route, models, texts, file) => {
  const form = (values: Readonly<Record<string, string>>, ...more: readonly (readonly [string, string])[]) => {
    const made = new FormData();
    for (const [name, value] of [...Object.entries(values), ...more]) made.append(name, value);
    made.append(...file());
    return made;
  };

  it.each(models)(
    'is refused by its name for %s, or means what is left',
    async (model) => {
      const whole = { model, ...texts };
      expect(await post(route, form(whole))).toMatchObject({ status: 200, wasSent: true });
      for (const name of Object.keys(whole)) {
        const { [name]: _, ...others } = whole as Record<string, string>;
        expectClear(await post(route, form(others)), name, undefined);
        for (const value of WRONG_TEXTS) {
          expectClear(await post(route, form({ ...whole, [name]: value })), name, value);
          expectClear(await post(route, form(whole, [name, value])), name, ['twice', value]);
        }
        const asFile = form(others);
        asFile.append(name, new File(['zzz'], 'zzz.txt'));
        expectClear(await post(route, asFile), name, 'a file');
      }
      const [field] = file();
      for (const value of WRONG_TEXTS) {
        const noFile = new FormData();
        for (const [name, text] of Object.entries(whole)) noFile.append(name, text);
        noFile.append(field, value);
        expectClear(await post(route, noFile), field, value);
      }
      for (const content of ['', 'zzz', '\u0000']) {
        const wrongFile = new FormData();
        for (const [name, text] of Object.entries(whole)) wrongFile.append(name, text);
        wrongFile.append(field, new File([content], 'a.png'));
        expectClear(await post(route, wrongFile), field, content);
      }
      await nothingHeld();
    },
    120_000,
  );
});

async function nothingHeld(): Promise<void> {
  expect((await site.gateway.accounts.get('user_1')).held).toBe('0');
}

describe('a wrong value', () => {
  let faked: FakedGateway;
  beforeAll(async () => {
    faked = await fakedGateway(
      (fakes) => ({
        providers: {
          openai: openai(fakes.openai),
          google: google(fakes.google),
          vllm: openaiCompatible({ ...fakes.openai, name: 'vllm' }),
        },
        models: {
          openai: { provider: 'openai', model: 'gpt-4o-mini', price: { input: 1, output: 2 } },
          google: { provider: 'google', model: 'gemini-2.5-flash', price: { input: 1, output: 2 } },
          vllm: { provider: 'vllm', model: 'qwen', price: { input: 1, output: 2 } },
        },
        refusedPerMinute: 1_000_000,
      }),
      { fake: { answer: () => ({ text: 'Yes.' }) } },
    );
  });
  afterAll(() => faked.close());

  const { stream: _, ...conversation } = FULL_REQUESTS['v1/messages'] as Record<string, unknown>;
  const ROUTES: Readonly<Record<string, object>> = {
    'v1/embeddings': {
      model: 'MODEL',
      input: ['a', 'b'],
      encoding_format: 'float',
      dimensions: 8,
      user: 'u',
    },
    'v1/completions': {
      model: 'MODEL',
      prompt: ['a'],
      suffix: 'b',
      max_tokens: 5,
      temperature: 1,
      top_p: 1,
      n: 1,
      stream: false,
      logprobs: 1,
      echo: false,
      stop: ['a'],
      presence_penalty: 0,
      frequency_penalty: 0,
      best_of: 1,
      logit_bias: { 5: 1 },
      user: 'u',
      seed: 1,
    },
    'v1/messages/count_tokens': conversation,
    'v1/responses/compact': FULL_REQUESTS['v1/responses'] as object,
    'v1beta/models/MODEL:countTokens': FULL_REQUESTS['v1beta/models/MODEL:generateContent'] as object,
  };
  const rows = Object.keys(ROUTES).flatMap((route) =>
    ['openai', 'google', 'vllm']
      .filter((model) => route !== 'v1/completions' || model !== 'google')
      .map((model) => [route, model] as const),
  );

  it.each(rows)(
    'at %s is refused by its name for %s, or means what is left',
    async (route, model) => {
      const ask = (sent: object) => askFaked(faked, route, model, sent);
      const body = ROUTES[route] as object;
      const whole = await ask(body);
      expect(whole.status, whole.text).toBe(200);
      await expectRefusedByName(ask, body);
    },
    300_000,
  );
});
