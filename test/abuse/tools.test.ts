import { afterEach, describe, expect, test } from 'vitest';
import { policeTools } from '../../src/pipeline/provider-tools.js';
import { mp4 } from '../helpers/media-files.js';
import { type AbuseSite, abuseSite } from './abuse-site.js';

let site: AbuseSite | undefined;
afterEach(async () => {
  await site?.close();
  site = undefined;
});

const rules = (allowed: boolean) => ({ allows: () => allowed, maxUses: 5, unsupported: 'warn' as const });

describe('a tool that says it is used less often than it is', () => {
  const search = { type: 'web_search_20250305', name: 'web_search' };
  test.each([
    ['by a limit of another route', 'chat/completions', { tools: [search], max_tool_calls: 0 }, { web_search: 5 }],
    [
      'by a limit that nobody reads there',
      'responses',
      { tools: [{ type: 'web_search', max_uses: 0 }] },
      { web_search: 5 },
    ],
    [
      'by a limit that its kind does not have',
      'messages',
      { tools: [{ type: 'code_execution_20250522', max_uses: 0 }] },
      { code_execution: 5 },
    ],
    ['by its own limit', 'messages', { tools: [{ ...search, max_uses: 2 }] }, { web_search: 2 }],
    [
      'by the limit of its route',
      'responses',
      { tools: [{ type: 'web_search' }], max_tool_calls: 2 },
      { web_search: 2 },
    ],
  ])('%s', (_, route, body, uses) => {
    expect(policeTools(body, route, rules(true)).uses).toEqual(uses);
  });
});

describe('a tool of the provider under the name of a client’s', () => {
  test.each([
    [{ name: 'mine', googleSearch: {} }],
    [{ type: 'function', function: { name: 'f' }, google_search: {} }],
    [{ type: 'custom', name: 'mine', input_schema: {}, code_execution: true }],
    [{ functionDeclarations: [{ name: 'f' }], urlContext: [] }],
    [{ type: 'shell', environment: { type: 'container_auto' } }],
    [{ type: 'code_interpreter', container: { type: 'auto', memory_limit: '64g' } }],
  ])('does not run where the plan has none: %j', (tool) => {
    expect(policeTools({ tools: [tool] }, 'generateContent', rules(false)).dropped).toEqual(['tools[0]']);
  });

  test.each([
    [{ name: 'mine', description: 'x', input_schema: { type: 'object' }, cache_control: { type: 'ephemeral' } }],
    [{ type: 'function', function: { name: 'f' } }],
    [{ functionDeclarations: [{ name: 'google_search' }] }],
    [{ type: 'shell', environment: { type: 'local' } }],
    [{ type: 'computer_use_preview', display_width: 1, display_height: 1 }],
  ])('but a client’s does: %j', (tool) => {
    expect(policeTools({ tools: [tool] }, 'messages', rules(false))).toEqual({
      body: undefined,
      dropped: [],
      uses: undefined,
    });
  });
});

describe('what asks for a search by itself', () => {
  test.each([
    ['web_search_options', {}],
    ['search_parameters', { mode: 'on' }],
    ['search_options', { forced_search: true }],
    ['enable_search', true],
    ['web_search', { enable: true }],
    ['plugins', { id: 'web' }],
    ['mcp_servers', [{ url: 'https://e.example' }]],
  ])('is refused by its name: %s', async (name, value) => {
    site = await abuseSite({});
    const { post } = await site.attacker('1');
    for (const model of ['mini', 'copy']) {
      const body = { model, max_tokens: 16, messages: [{ role: 'user', content: 'hi' }], [name]: value };
      const { status, text } = await post('chat/completions', body);
      expect({ status, error: JSON.parse(text).error }).toMatchObject({
        status: 400,
        error: { code: 'unsupported_parameter', param: name },
      });
    }
    expect(site.upstream.requests).toHaveLength(0);
  });
});

test.each(['24', '2.4e1', 'fast'])('frames a second that stand there as a text are counted: %s', async (fps) => {
  site = await abuseSite({ usage: { input: 79_200, output: 16 } });
  const { post } = await site.attacker('0.01');
  const video = { inlineData: { mimeType: 'video/mp4', data: mp4(10).toString('base64') }, videoMetadata: { fps } };
  const body = { contents: [{ role: 'user', parts: [video] }], generationConfig: { maxOutputTokens: 16 } };
  const { status, text } = await post('models/gemini:generateContent', body);
  expect({ status, text }).toMatchObject({ status: 403 });
  const slow = { ...body, contents: [{ role: 'user', parts: [{ ...video, videoMetadata: { fps: '0.5' } }] }] };
  expect((await post('models/gemini:generateContent', slow)).status).toBe(200);
});

test('a suffix is paid for with each prompt that it is read with', async () => {
  site = await abuseSite({ usage: { input: 200_000, output: 100 } });
  const { post } = await site.attacker('0.05');
  const body = { model: 'copy', prompt: Array(100).fill('a'), suffix: 'x'.repeat(2_000), max_tokens: 1 };
  expect((await post('completions', body)).status).toBe(403);
  expect(site.upstream.requests).toHaveLength(0);
});

describe('a server that is asked as if it were OpenAI', () => {
  const CHAT = { model: 'mini', max_tokens: 16, messages: [{ role: 'user', content: 'hi' }] };

  test.each([
    ['best_of', 8],
    ['N', 8],
    ['MAX_TOKENS', 100_000],
    ['max_new_tokens', 100_000],
    ['num_predict', 100_000],
    ['maxOutputTokens', 100_000],
    ['num_return_sequences', 8],
    ['candidateCount', 8],
    ['use_beam_search', true],
    ['models', ['gpt-5-pro']],
    ['fallbacks', ['gpt-5-pro']],
  ])('is not sent %s', async (name, value) => {
    site = await abuseSite({});
    const { post } = await site.attacker('1');
    const { status, text } = await post('chat/completions', { ...CHAT, [name]: value });
    expect({ status, error: JSON.parse(text).error }).toMatchObject({
      status: 400,
      error: { code: 'unsupported_parameter', param: name },
    });
    const vectors = await post('embeddings', { model: 'mini', input: 'a', [name]: value });
    expect(vectors.status).toBe(400);
    expect(site.upstream.requests).toHaveLength(0);
  });

  test('costs n times, and a prediction beside the limit', async () => {
    site = await abuseSite({ usage: { input: 5, output: 32 } });
    const poor = await site.attacker('0.03');
    // 8 answers of 16,000 tokens at 0.6 a million are 0.0768.
    expect((await poor.post('chat/completions', { ...CHAT, max_tokens: 16_000, n: 8 })).status).toBe(403);
    const prediction = { type: 'content', content: 'word '.repeat(20_000) };
    expect((await poor.post('chat/completions', { ...CHAT, prediction })).status).toBe(403);
    expect(site.upstream.requests).toHaveLength(0);
    expect((await poor.post('chat/completions', { ...CHAT, n: 2 })).status).toBe(200);
  });

  test('is sent what no known server makes more of', async () => {
    site = await abuseSite({ usage: { input: 5, output: 5 } });
    const { post } = await site.attacker('1');
    expect((await post('chat/completions', { ...CHAT, brand_new: { a: 1 } })).status).toBe(200);
    expect(site.upstream.requests.at(-1)?.body).toMatchObject({ brand_new: { a: 1 } });
  });

  test('is sent no tier that costs more', async () => {
    site = await abuseSite({ usage: { input: 5, output: 5 } });
    const { post } = await site.attacker('1');
    const { headers } = await post('chat/completions', { ...CHAT, service_tier: 'priority' });
    expect(headers['x-gateway-dropped-params']).toBe('service_tier');
    expect(site.upstream.requests.at(-1)?.body).not.toHaveProperty('service_tier');
  });
});
