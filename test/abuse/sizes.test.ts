import { afterEach, expect, test } from 'vitest';
import { mp3, pdf, png, wav } from '../helpers/media-files.js';
import { type AbuseSite, abuseSite, listPrice, type Model, PRICES, type Report } from './abuse-site.js';

let site: AbuseSite;

afterEach(() => site.close());

async function start(usage: Report): Promise<AbuseSite> {
  site = await abuseSite({ usage });
  return site;
}

const chat = (model: Model, ...parts: object[]) => ({
  model,
  max_tokens: 16,
  messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }, ...parts] }],
});
const image = (url: string, detail?: string) => ({ type: 'image_url', image_url: { url, ...(detail && { detail }) } });
const file = (fields: object) => ({ type: 'file', file: fields });
const dataUrl = (type: string, bytes: Uint8Array) => `data:${type};base64,${Buffer.from(bytes).toString('base64')}`;
const junkPdf = Buffer.from(`%PDF-1.7\n${'x'.repeat(3_000)}`);

/** What a provider reads for each of these: a long video, hundreds of pages, a page of the web. */
const LARGE: Report = { input: 300_000, output: 16 };

/** Each is small by its name and large by what it is. */
const ATTACKS: readonly (readonly [string, Model, string, object])[] = [
  ['a video behind a picture link', 'gemini', 'chat/completions', chat('gemini', image('https://e.example/1hour.mp4'))],
  ['a PDF behind a picture link', 'gemini', 'chat/completions', chat('gemini', image('https://e.example/600.pdf'))],
  ['a text behind a picture link', 'gemini', 'chat/completions', chat('gemini', image('gs://bucket/book.txt'))],
  [
    'native contents with a video',
    'gemini',
    'chat/completions',
    {
      ...chat('gemini'),
      provider_options: {
        google: {
          contents: [{ role: 'user', parts: [{ fileData: { fileUri: 'https://www.youtube.com/watch?v=abc' } }] }],
        },
      },
    },
  ],
  [
    'native cached content',
    'gemini',
    'chat/completions',
    { ...chat('gemini'), provider_options: { google: { cachedContent: 'cachedContents/abc' } } },
  ],
  [
    'an uploaded file',
    'gemini',
    'chat/completions',
    chat('gemini', file({ file_id: 'https://generativelanguage.googleapis.com/v1beta/files/abc', filename: 'a.txt' })),
  ],
  [
    'a PDF by its address, called a text',
    'haiku',
    'chat/completions',
    chat('haiku', file({ filename: 'a.txt', file_data: 'https://e.example/600pages.pdf' })),
  ],
  [
    'a PDF that is called a picture',
    'haiku',
    'chat/completions',
    chat('haiku', file({ file_data: dataUrl('image/png', junkPdf) })),
  ],
  [
    'a PDF that is called a text',
    'haiku',
    'chat/completions',
    chat('haiku', file({ filename: 'a.txt', file_data: dataUrl('text/plain', junkPdf) })),
  ],
  [
    'many pages that are one object',
    'haiku',
    'chat/completions',
    chat('haiku', file({ file_data: dataUrl('application/pdf', pdf(300, { onePage: true, claims: 1 })) })),
  ],
  [
    'an uploaded file of Anthropic',
    'haiku',
    'chat/completions',
    chat('haiku', file({ file_id: 'file_011CNha8iCJcU1wXNR6q4V8w' })),
  ],
  [
    'a tool that fetches',
    'haiku',
    'chat/completions',
    {
      ...chat('haiku'),
      provider_options: {
        anthropic: { tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }], betas: ['web-fetch-2025-09-10'] },
      },
    },
  ],
  ['a picture by its address', 'mini', 'chat/completions', chat('mini', image('https://e.example/a.png', 'low'))],
  ['a file of OpenAI', 'gpt', 'chat/completions', chat('gpt', file({ file_id: 'file-1' }))],
  [
    'a PDF by its address',
    'gpt',
    'responses',
    {
      model: 'gpt',
      max_output_tokens: 16,
      input: [
        { role: 'user', content: [{ type: 'input_file', file_url: 'https://e.example/x.pdf', filename: 'a.txt' }] },
      ],
    },
  ],
  [
    'a picture by its id',
    'gpt',
    'responses',
    {
      model: 'gpt',
      max_output_tokens: 16,
      input: [{ role: 'user', content: [{ type: 'input_image', file_id: 'file-1' }] }],
    },
  ],
  [
    'a file in the result of a call, behind empty contents',
    'gpt',
    'responses',
    {
      model: 'gpt',
      max_output_tokens: 16,
      input: [
        { role: 'user', content: 'hi' },
        { type: 'function_call', call_id: 'c', name: 'f', arguments: '{}' },
        {
          type: 'function_call_output',
          call_id: 'c',
          content: [],
          output: [{ type: 'input_file', file_url: 'https://e.example/x.pdf' }],
        },
      ],
    },
  ],
  [
    'a picture by its address at any server',
    'copy',
    'chat/completions',
    chat('copy', image('https://e.example/a.png')),
  ],
];

test.each(ATTACKS)('%s spends nothing that is not there', async (_, model, path, body) => {
  await start(LARGE);
  const attacker = await site.attacker('0.10');
  const answered = await attacker.storm(60, path, body);
  expect(await attacker.balance()).toBeGreaterThanOrEqual(0);
  expect(await attacker.charged()).toBeGreaterThanOrEqual(answered * listPrice(model, LARGE) - 1e-9);
});

test.each(ATTACKS)(
  '%s is served, and charged, where the balance covers all that a model reads',
  async (_, model, path, body) => {
    await start(LARGE);
    const rich = await site.attacker('40');
    const { status, text } = await rich.post(path, body);
    if (status === 400) expect(text).toContain('provider_options');
    else {
      expect(status).toBe(200);
      expect(await rich.charged()).toBeCloseTo(listPrice(model, LARGE), 6);
    }
  },
);

test('a budget on a metered plan is a bound as well', async () => {
  await start(LARGE);
  const attacker = await site.attacker('0', { plan: 'metered', budget: '0.10' });
  await attacker.storm(60, 'chat/completions', chat('gemini', image('https://e.example/1hour.mp4')));
  expect(await attacker.charged()).toBeLessThanOrEqual(0.1);
});

test('pictures hold what their pixels cost at the model', async () => {
  // 2,833 tokens and 5,667 for each of eight tiles
  await start({ input: 5 * 48_169, output: 16 });
  const attacker = await site.attacker('0.10');
  const large = image(dataUrl('image/png', png(4_096, 1_536)), 'high');
  await attacker.storm(60, 'chat/completions', chat('mini', large, large, large, large, large));
  expect(await attacker.balance()).toBeGreaterThanOrEqual(0);
  expect(await attacker.charged()).toBeGreaterThan(0);
});

test('a smaller context window that the operator names is held instead', async () => {
  site = await abuseSite(
    { usage: { input: 100_000, output: 16 } },
    {
      models: {
        haiku: { provider: 'anthropic', model: 'claude-haiku-4-5', price: PRICES.haiku, contextWindow: 200_000 },
      },
    },
  );
  const customer = await site.attacker('0.21');
  expect((await customer.post('chat/completions', chat('haiku', image('https://e.example/a.png')))).status).toBe(200);
  expect(await customer.balance()).toBeCloseTo(0.21 - 0.1 - 16 * 0.000005, 6);
  expect((await customer.post('chat/completions', chat('haiku', image('https://e.example/a.png')))).status).toBe(403);
});

test('options that are sent with each input count with each', async () => {
  await start({ input: 1, output: 0 });
  const customer = await site.attacker('5');
  const title = 'x'.repeat(1_900);
  const input = Array.from({ length: 2_048 }, () => 'a');
  const body = { model: 'embed', input, provider_options: { google: { title } } };
  expect((await customer.post('embeddings', body)).status).toBe(200);
  const tokens = (2_048 * title.length) / 4;
  expect(await customer.charged()).toBeGreaterThanOrEqual((tokens * 0.15) / 1_000_000);
  const poor = await site.attacker('0.10');
  expect((await poor.post('embeddings', body)).status).toBe(403);
});

/** What honest clients send, what the provider reports for it, and a balance that suffices. */
const HONEST: readonly (readonly [string, Model, string, object, Report, string])[] = [
  [
    'a text file',
    'haiku',
    'chat/completions',
    chat('haiku', file({ filename: 'a.csv', file_data: dataUrl('text/csv', Buffer.from('a,b\n1,2\n'.repeat(200))) })),
    { input: 700, output: 5 },
    '0.01',
  ],
  [
    'a small picture',
    'mini',
    'chat/completions',
    chat('mini', image(dataUrl('image/png', png(500, 400)))),
    { input: 8_500, output: 5 },
    '0.01',
  ],
  [
    'a large picture',
    'haiku',
    'chat/completions',
    chat('haiku', image(dataUrl('image/png', png(3_000, 2_000)))),
    { input: 1_600, output: 5 },
    '0.01',
  ],
  [
    'a picture for Gemini',
    'gemini',
    'chat/completions',
    chat('gemini', image(dataUrl('image/jpeg', png(1_024, 768)))),
    { input: 1_032, output: 5 },
    '0.01',
  ],
  [
    'a PDF of ten pages',
    'haiku',
    'chat/completions',
    chat(
      'haiku',
      file({ filename: 'a.pdf', file_data: dataUrl('application/pdf', pdf(10, { text: 'word '.repeat(400) })) }),
    ),
    { input: 25_000, output: 5 },
    '0.10',
  ],
  [
    'a PDF for Gemini',
    'gemini',
    'chat/completions',
    chat('gemini', file({ file_data: dataUrl('application/pdf', pdf(20)) })),
    { input: 5_160, output: 5 },
    '0.02',
  ],
  [
    'a minute of sound',
    'gemini',
    'chat/completions',
    chat('gemini', { type: 'input_audio', input_audio: { format: 'wav', data: wav(60).toString('base64') } }),
    { input: 1_930, output: 5 },
    '0.01',
  ],
  [
    'a song',
    'gemini',
    'chat/completions',
    chat('gemini', { type: 'input_audio', input_audio: { format: 'mp3', data: mp3(4_000).toString('base64') } }),
    { input: 3_400, output: 5 },
    '0.01',
  ],
  [
    'a long conversation of an agent',
    'haiku',
    'chat/completions',
    { ...chat('haiku'), messages: [{ role: 'user', content: 'word '.repeat(80_000) }] },
    { input: 90_000, output: 5 },
    '0.50',
  ],
];

test.each(HONEST)('%s costs what it should', async (_, model, path, body, report, dollars) => {
  await start(report);
  const customer = await site.attacker(dollars);
  const { status } = await customer.post(path, body);
  expect(status).toBe(200);
  expect(await customer.charged()).toBeCloseTo(listPrice(model, report), 9);
});
