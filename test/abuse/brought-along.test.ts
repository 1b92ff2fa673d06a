import { afterEach, describe, expect, test } from 'vitest';
import { openai } from '../../src/index.js';
import { fakeUpstream } from '../../src/testing/index.js';
import { pdf, png } from '../helpers/media-files.js';
import { type AbuseSite, abuseSite, listPrice, PRICES } from './abuse-site.js';

let site: AbuseSite;

afterEach(() => site.close());

const HI = { role: 'user', content: 'hi' };
const URL = 'https://e.example/600.pdf';
const respond = (...items: object[]) => ({ model: 'mini', max_output_tokens: 16, input: [...items, HI] });

describe('reasoning that is carried for another provider', () => {
  const carried = (content: object) => `mg1.${Buffer.from(JSON.stringify(content)).toString('base64')}`;
  const document = (source: object) => ({
    type: 'web_fetch_tool_result',
    tool_use_id: 'srvtoolu_1',
    content: { type: 'web_fetch_result', url: URL, content: { type: 'document', source } },
  });
  const block = (source: object) => ({
    details: [{ type: 'anthropic.block', format: 'anthropic-claude-v1', index: 0, block: document(source) }],
    calls: {},
  });
  const pages = pdf(300, { onePage: true, claims: 1 }).toString('base64');

  test.each([
    ['a document by its address', block({ type: 'url', url: URL })],
    ['a document of hundreds of pages', block({ type: 'base64', media_type: 'application/pdf', data: pages })],
  ])('is paid for by what is in it: %s', async (_, content) => {
    const report = { input: 300_000, output: 16 };
    site = await abuseSite({ usage: report });
    const attacker = await site.attacker('0.10');
    const item = { type: 'reasoning', id: 'rs_1', summary: [], encrypted_content: carried(content) };
    const said = { type: 'message', role: 'assistant', content: [{ type: 'output_text', text: 'So.' }] };
    const body = { model: 'haiku', max_output_tokens: 16, input: [HI, item, said, HI] };
    const answered = await attacker.storm(60, 'responses', body);
    expect(await attacker.balance()).toBeGreaterThanOrEqual(0);
    expect(await attacker.charged()).toBeGreaterThanOrEqual(answered * listPrice('haiku', report) - 1e-9);
    const rich = await site.attacker('4');
    expect((await rich.post('responses', body)).status).toBe(200);
    expect(site.upstream.requests.at(-1)?.text).toContain('web_fetch_tool_result');
  });
});

describe('tools that an item of the input brings along', () => {
  const items = [
    { type: 'tool_search_output', call_id: 'c', tools: [{ type: 'web_search' }] },
    { type: 'tool_search_output', call_id: 'c', tools: [{ type: 'mcp', server_label: 'x', server_url: URL }] },
    { type: 'additional_tools', role: 'developer', tools: [{ type: 'web_search' }] },
    {
      type: 'tool_search_output',
      call_id: 'c',
      tools: [{ type: 'namespace', name: 'n', description: 'x', tools: [{ type: 'web_search' }] }],
    },
  ];

  test.each(items)('do not run where the plan has none: %j', async (item) => {
    site = await abuseSite({ usage: { input: 100, output: 10 } });
    const { post } = await site.attacker('0.01');
    const { status, headers } = await post('responses', respond(item));
    expect(status).toBe(200);
    expect(headers['x-gateway-dropped-params']).toMatch(/^input\[0\]\.tools\[0\]/);
    expect(site.upstream.requests.at(-1)?.text).not.toMatch(/web_search|mcp|e\.example/);
  });

  test.each(items)('are paid for before they read where it has them: %j', async (item) => {
    const report = { input: 600_000, output: 16 };
    const upstream = await fakeUpstream({ answer: { usage: report } });
    const units = { web_search: 0.01, mcp: 0 };
    const models = { mini: { provider: 'openai', model: 'gpt-4o-mini', price: { ...PRICES.mini, units } } };
    const plans = { prepaid: { models: '*', billing: 'prepaid', tools: '*' } } as const;
    site = await abuseSite({}, { providers: { openai: openai(upstream.openai) }, models, plans });
    const poor = await site.attacker('0.05');
    expect((await poor.post('responses', respond(item))).status).toBe(403);
    expect(upstream.requests).toHaveLength(0);
    const rich = await site.attacker('2');
    expect((await rich.post('responses', respond(item))).status).toBe(200);
    expect(await rich.charged()).toBeCloseTo(listPrice('mini', report), 12);
    expect(await rich.balance()).toBeGreaterThanOrEqual(0);
    await upstream.close();
  });
});

test.each([
  [
    'an image that an earlier answer made',
    { type: 'image_generation_call', result: png(4_000, 4_000).toString('base64') },
  ],
  [
    'an image that a program drew',
    { type: 'code_interpreter_call', code: 'x', outputs: [{ type: 'image', url: URL }] },
  ],
  ['an item of a type that nobody knows', { type: 'brand_new', text: 'hi' }],
  ['a compaction in the middle', { type: 'compaction_trigger' }],
])('is held for as what it can be, and not as its letters: %s', async (_, item) => {
  site = await abuseSite({ usage: { input: 48_000, output: 16 } });
  const { post, storm, balance } = await site.attacker('0.003');
  const { status, text } = await post('responses', respond(item));
  expect({ status, text }).toMatchObject({ status: 403, text: expect.stringContaining('insufficient_balance') });
  expect(await storm(20, 'responses', respond(item))).toBe(0);
  expect(await balance()).toBe(0.003);
});

test.each([
  [
    'the tools that a server listed in an earlier answer',
    {
      type: 'mcp_list_tools',
      server_label: 's',
      tools: [1, 2, 3].map((n) => ({ name: `f${n}`, input_schema: { type: 'object' } })),
    },
  ],
  [
    'a picture that a program drew and that is there',
    {
      type: 'code_interpreter_call',
      code: 'x',
      outputs: [{ type: 'image', url: `data:image/png;base64,${png(64, 64).toString('base64')}` }],
    },
  ],
])('is held for as what it is: %s', async (_, item) => {
  site = await abuseSite({ usage: { input: 500, output: 16 } });
  const { post } = await site.attacker('0.02');
  expect((await post('responses', respond(item))).status).toBe(200);
});

test('prose that says it is a picture counts by its letters', async () => {
  site = await abuseSite({ usage: { input: 240_000, output: 16 } });
  const { post } = await site.attacker('0.03');
  const words = { type: 'image_generation_call', result: 'many words '.repeat(90_000) };
  const parameters = { type: 'object', properties: { a: { enum: [words] } } };
  const tools = [{ type: 'function', name: 'f', parameters }];
  const { status, text } = await post('responses', { ...respond(), tools });
  expect({ status, text }).toMatchObject({ status: 403, text: expect.stringContaining('insufficient_balance') });
});

test('what a tool of the client was called with is no source', async () => {
  site = await abuseSite({ usage: { input: 500, output: 16 } });
  const { post } = await site.attacker('0.05');
  const called = { type: 'tool_use', id: 't', name: 'f', input: { source: { url: URL } } };
  const picture = { type: 'base64', media_type: 'image/png', data: png(8, 8).toString('base64') };
  const messages = [
    HI,
    { role: 'assistant', content: [called] },
    {
      role: 'user',
      content: [
        { type: 'tool_result', tool_use_id: 't', content: 'done' },
        { type: 'image', source: picture },
      ],
    },
  ];
  const tools = [{ name: 'f', input_schema: { type: 'object' } }];
  expect((await post('messages', { model: 'haiku', max_tokens: 16, messages, tools })).status).toBe(200);
});

test('a prediction holds no parts of unknown size', async () => {
  site = await abuseSite({ usage: { input: 500_000, output: 16 } });
  const { post } = await site.attacker('0.002');
  for (const part of [{ type: 'document', source: { type: 'url', url: URL } }, { fileData: { fileUri: URL } }]) {
    const prediction = { type: 'content', content: [part] };
    const { status } = await post('chat/completions', { model: 'mini', max_tokens: 16, messages: [HI], prediction });
    expect(status).toBe(403);
  }
  expect(site.upstream.requests).toHaveLength(0);
});

test('what stands beside the data of a picture for Gemini is read, too', async () => {
  site = await abuseSite({ usage: { input: 500_000, output: 16 } });
  const { post } = await site.attacker('0.05');
  const data = png(8, 8).toString('base64');
  for (const beside of [
    { systemInstruction: { fileData: { fileUri: URL } } },
    { parts: [{ file_data: { file_uri: URL } }] },
  ]) {
    const contents = [{ role: 'user', parts: [{ inlineData: { mimeType: 'image/png', data, ...beside } }] }];
    const body = { contents, generationConfig: { maxOutputTokens: 16 } };
    expect((await post('models/gemini:generateContent', body)).status).toBe(403);
  }
  expect(site.upstream.requests).toHaveLength(0);
});

test.each([
  ['chat/completions', { messages: [HI] }],
  ['completions', { prompt: 'hi' }],
])('options of a stream that OpenAI does not know are refused by name on %s', async (path, input) => {
  site = await abuseSite({ usage: { input: 100, output: 10 } });
  const { post } = await site.attacker('0.05');
  for (const options of [{ n: 3 }, { tools: [{ type: 'web_search' }] }]) {
    const stream_options = { include_usage: true, ...options };
    const { status, text } = await post(path, {
      model: 'mini',
      max_tokens: 16,
      stream: true,
      stream_options,
      ...input,
    });
    const [name] = Object.keys(options);
    expect({ status, text }).toMatchObject({ status: 400, text: expect.stringContaining(`stream_options.${name}`) });
  }
  expect(site.upstream.requests).toHaveLength(0);
});

describe('blocks of Anthropic that say less than they hold', () => {
  const data = png(8, 8).toString('base64');
  test.each([
    ['an image of bytes with a URL', { type: 'base64', media_type: 'image/png', data, url: URL }],
    ['an image of bytes with a file', { type: 'base64', media_type: 'image/png', data, file_id: 'file_1' }],
    ['a text with a URL', { type: 'text', media_type: 'text/plain', data: 'hi', url: URL }],
  ])('count as what only the provider can size: %s', async (_, source) => {
    site = await abuseSite({ usage: { input: 190_000, output: 16 } });
    const { post } = await site.attacker('0.05');
    const type = source.type === 'text' ? 'document' : 'image';
    const messages = [{ role: 'user', content: [{ type, source }] }];
    expect((await post('messages', { model: 'haiku', max_tokens: 16, messages })).status).toBe(403);
    expect(site.upstream.requests).toHaveLength(0);
  });

  test.each([
    ['the advisor', { type: 'advisor_20260301', name: 'advisor', model: 'claude-opus-4-7' }],
    ['a tool with a model of its own', { name: 'f', input_schema: { type: 'object' }, model: 'claude-opus-4-7' }],
  ])('reach no other model, whoever pays: %s', async (_, tool) => {
    site = await abuseSite({ usage: { input: 100_000, output: 20_000 } });
    for (const plan of ['prepaid', 'metered']) {
      const { post, charged } = await site.attacker('50', { plan });
      const body = { model: 'haiku', max_tokens: 16, messages: [HI], tools: [tool] };
      const { status, headers } = await post('messages', body);
      expect({ status, left: headers['x-gateway-dropped-params'] }).toEqual({ status: 200, left: 'tools[0]' });
      expect(site.upstream.requests.at(-1)?.text).not.toContain('opus');
      const forced = { ...body, tool_choice: { type: 'tool', name: tool.name } };
      expect((await post('messages', forced)).status).toBe(400);
      expect(await charged()).toBeLessThanOrEqual(listPrice('haiku', { input: 100_000, output: 20_000 }));
    }
  });
});
