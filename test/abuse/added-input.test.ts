import { afterEach, describe, expect, test } from 'vitest';
import { openaiCompatible } from '../../src/index.js';
import { azureOpenAI } from '../../src/providers/azure/index.js';
import { type FakeUpstream, fakeUpstream } from '../../src/testing/index.js';
import { type AbuseSite, abuseSite, listPrice, type Model, PRICES, type Report } from './abuse-site.js';

let site: AbuseSite | undefined;
let other: FakeUpstream | undefined;

afterEach(async () => {
  await site?.close();
  await other?.close();
  [site, other] = [undefined, undefined];
});

const HI = [{ role: 'user', content: 'hi' }];
const GEMINI = '../v1beta/models/gemini:generateContent';
const COMPACTION = { context_management: { edits: [{ type: 'compact_20260112' }] } };
const claude = (fields: object) => ({ model: 'haiku', max_tokens: 16, messages: HI, ...fields });
const gemini = (part: object) => ({
  contents: [{ role: 'user', parts: [{ text: 'hi' }] }],
  systemInstruction: { parts: [part] },
  generationConfig: { maxOutputTokens: 16 },
});

/** Each asks for next to nothing by its letters; and what the provider bills for it, by its own price list. */
const ATTACKS: readonly (readonly [string, Model, string, object, Report])[] = [
  [
    'a video among the instructions',
    'gemini',
    GEMINI,
    gemini({ fileData: { fileUri: 'https://www.youtube.com/watch?v=abc' } }),
    { input: 300_000, output: 16 },
  ],
  [
    'a document among the instructions',
    'haiku',
    'messages',
    claude({ system: [{ type: 'document', source: { type: 'url', url: 'https://e.example/600.pdf' } }] }),
    { input: 300_000, output: 16 },
  ],
  [
    'a document in a member of a text',
    'haiku',
    'messages',
    claude({
      messages: [
        {
          role: 'user',
          content: [
            {
              type: 'text',
              text: 'hi',
              system: [{ type: 'document', source: { type: 'url', url: 'https://e.example/a' } }],
            },
          ],
        },
      ],
    }),
    { input: 300_000, output: 16 },
  ],
  ['a conversation that is read twice', 'haiku', 'messages', claude(COMPACTION), { input: 200_000, output: 16 }],
  [
    'the system prompt of a tool',
    'haiku',
    'chat/completions',
    claude({ tools: [{ type: 'function', function: { name: 'a' } }] }),
    { input: 530, output: 16 },
  ],
  [
    'descriptions of tools that the provider knows',
    'haiku',
    'messages',
    claude({
      tools: [
        { type: 'bash_20250124', name: 'bash' },
        { type: 'text_editor_20250728', name: 'str_replace_based_edit_tool' },
      ],
    }),
    { input: 346 + 245 + 700, output: 16 },
  ],
  [
    'a prediction that no answer uses',
    'gpt',
    'chat/completions',
    {
      model: 'gpt',
      max_tokens: 16,
      messages: HI,
      prediction: { type: 'content', content: [{ type: 'text', text: 'a b '.repeat(2_000) }] },
    },
    { input: 12, output: 16 + 4_000 },
  ],
];

test.each(ATTACKS)('%s is paid before it is read', async (_, model, path, body, report) => {
  site = await abuseSite({ usage: report });
  // A little less than one of them costs: either the hold knows that, or the account ends below zero.
  const attacker = await site.attacker((listPrice(model, report) * 0.99).toFixed(9));
  expect(await attacker.storm(20, path, body)).toBe(0);
  const rich = await site.attacker('40');
  expect(await rich.storm(1, path, body)).toBe(1);
  expect(await rich.charged()).toBeCloseTo(listPrice(model, report), 9);
});

describe('lists that are objects', () => {
  test.each([
    ['anthropic', 'haiku', 'tools', { type: 'web_search_20250305', name: 'web_search' }],
    ['google', 'gemini', 'tools', { urlContext: {} }],
    ['google', 'gemini', 'tools', { googleSearch: {} }],
    ['anthropic', 'haiku', 'context_management.edits', { type: 'compact_20260112' }],
  ])('are refused in provider_options.%s of %s: %s', async (provider, model, path, value) => {
    site = await abuseSite({ usage: { input: 5, output: 5 } });
    const { post } = await site.attacker('40');
    const [outer = '', inner] = path.split('.');
    const options = { [outer]: inner === undefined ? value : { [inner]: value } };
    const { status, text } = await post('chat/completions', {
      ...claude({}),
      model,
      provider_options: { [provider]: options },
    });
    expect(status).toBe(400);
    expect(JSON.parse(text).error.param).toBe(`provider_options.${provider}.${path}`);
    expect(site.upstream.requests).toHaveLength(0);
  });
});

test('documents that Azure looks up are searched for those alone who pay for it', async () => {
  other = await fakeUpstream({ answer: { usage: { input: 100_000, output: 16 } } });
  const azure = azureOpenAI({ apiKey: 'k', baseURL: other.openai.baseURL });
  const price = { ...PRICES.gpt, units: { data_sources: 0 } };
  const models = { gpt: { provider: 'azure', model: 'gpt-4o', price } } as const;
  const plans = {
    prepaid: { models: '*', billing: 'prepaid' },
    search: { models: '*', billing: 'prepaid', tools: ['data_sources'] },
  } as const;
  site = await abuseSite({}, { providers: { azure }, models, plans });
  const body = { model: 'gpt', max_tokens: 16, messages: HI, data_sources: [{ type: 'azure_search', parameters: {} }] };
  const { status, text } = await (await site.attacker('40')).post('chat/completions', body);
  expect(status).toBe(400);
  expect(JSON.parse(text).error.param).toBe('data_sources');
  const poor = await site.attacker('0.24', { plan: 'search' });
  expect(await poor.storm(5, 'chat/completions', body)).toBe(0);
  const rich = await site.attacker('40', { plan: 'search' });
  expect(await rich.storm(1, 'chat/completions', body)).toBe(1);
});

test.each([
  ['chat/completions', { messages: HI, stream: true, stream_options: { include_usage: true, n: 50 } }],
  ['completions', { prompt: 'hi', stream: true, stream_options: { include_usage: true, n: 50 } }],
  ['responses', { input: HI, reasoning: { effort: 'high', max_tokens: 100_000 } }],
  ['responses', { input: HI, text: { verbosity: 'low', max_tokens: 100_000 } }],
])('what a copy of the API may obey inside of options is refused on %s', async (path, body) => {
  other = await fakeUpstream({ answer: { usage: { input: 5, output: 5 } } });
  const copy = openaiCompatible({ ...other.openai, name: 'copy', routes: { responses: true } });
  site = await abuseSite({}, { providers: { copy }, models: { copy: { provider: 'copy', price: PRICES.copy } } });
  const { post } = await site.attacker('1');
  const { status, text } = await post(path, { model: 'copy', ...body });
  expect(status).toBe(400);
  expect(JSON.parse(text).error.code).toBe('unsupported_parameter');
  expect(other.requests).toHaveLength(0);
});

test('files of the provider are reached neither by the instructions nor by results', async () => {
  site = await abuseSite({ usage: { input: 5, output: 5 } });
  const { post } = await site.attacker('40');
  for (const fileUri of [
    'files/abc',
    'gs://bucket/a.txt',
    ' https://generativelanguage.googleapis.com/v1beta/files/a?x',
  ]) {
    const part = { fileData: { fileUri } };
    const result = { functionResponse: { name: 'f', response: {}, parts: [part] } };
    expect((await post(GEMINI, gemini(part))).status).toBe(400);
    expect((await post(GEMINI, { contents: [{ role: 'user', parts: [result] }] })).status).toBe(400);
  }
  expect(site.upstream.requests).toHaveLength(0);
});
