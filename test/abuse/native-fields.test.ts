import { afterEach, describe, expect, test } from 'vitest';
import { openaiCompatible } from '../../src/index.js';
import { fakeUpstream } from '../../src/testing/index.js';
import { png, wav } from '../helpers/media-files.js';
import { type AbuseSite, abuseSite, PRICES } from './abuse-site.js';

let site: AbuseSite;

afterEach(() => site.close());

const CHAT = { model: 'copy', max_tokens: 16, messages: [{ role: 'user', content: 'hi' }] };

describe('what a copy of the API may take for more than was paid for', () => {
  test.each([
    ['extra_body', { extra_body: { model: 'gpt-5-pro', n: 50, max_tokens: 100_000, service_tier: 'priority' } }],
    ['plugins', { plugins: [{ id: 'web' }] }],
    ['options', { options: { num_predict: 100_000 } }],
    ['service_tier', { service_tier: 'performance' }],
    ['route', { route: 'fallback' }],
    ['context_window_fallbacks', { context_window_fallbacks: [{ a: ['b'] }] }],
    ['user_config', { user_config: {} }],
    ['max_output_tokens', { max_output_tokens: 100_000 }],
    ['num_predict', { num_predict: 100_000 }],
    ['anything', { anything: { model: 'x' } }],
  ])('is left out and reported: %s', async (name, fields) => {
    site = await abuseSite({ usage: { input: 5, output: 5 } });
    const { post } = await site.attacker('1');
    expect((await post('chat/completions', { ...CHAT, ...fields })).status).toBe(200);
    expect(site.upstream.requests.at(-1)?.body).not.toHaveProperty(name);
  });

  test.each([
    ['search_parameters', { search_parameters: { mode: 'on' } }],
    ['mcp_servers', { mcp_servers: [{ url: 'x' }] }],
    ['api_base', { api_base: 'http://169.254.169.254/' }],
    ['base_url', { base_url: 'http://169.254.169.254/' }],
    ['reasoning.max_tokens', { reasoning: { effort: 'low', max_tokens: 100_000 } }],
    ['thinking.budget_tokens', { thinking: { type: 'enabled', budget_tokens: 100_000 } }],
    ['chat_template_kwargs.model', { chat_template_kwargs: { model: 'x' } }],
    ['structured_outputs.model', { structured_outputs: { json: {}, model: 'x' } }],
    ['provider_options.copy.extra_body', { provider_options: { copy: { extra_body: { model: 'x' } } } }],
    ['provider_options.copy.tools', { provider_options: { copy: { tools: [] } } }],
    ['provider_options.copy.reasoning.max_tokens', { provider_options: { copy: { reasoning: { max_tokens: 9 } } } }],
  ])('is refused by its name: %s', async (param, fields) => {
    site = await abuseSite({});
    const { post } = await site.attacker('1');
    const { status, text } = await post('chat/completions', { ...CHAT, ...fields });
    expect(status).toBe(400);
    expect(JSON.parse(text).error).toMatchObject({ code: 'unsupported_parameter', param });
    expect(site.upstream.requests).toHaveLength(0);
  });

  test('embeddings and completions carry no such fields either', async () => {
    site = await abuseSite({ usage: { input: 5, output: 5 } });
    const { post } = await site.attacker('1');
    const extra = { messages: CHAT.messages, extra_body: { model: 'x' } };
    expect((await post('embeddings', { model: 'copy', input: 'a', ...extra })).status).toBe(200);
    expect(site.upstream.requests.at(-1)?.body).toEqual({ model: 'qwen', input: 'a' });
    expect((await post('completions', { model: 'copy', prompt: 'a', max_tokens: 5, ...extra })).status).toBe(200);
    expect(site.upstream.requests.at(-1)?.body).toEqual({ model: 'qwen', prompt: 'a', max_tokens: 5 });
  });

  test('no output is not a limit', async () => {
    site = await abuseSite({});
    const { post } = await site.attacker('0.01');
    const body = { model: 'copy', prompt: 'write forever', max_tokens: 0 };
    expect((await post('completions', body)).status).toBe(400);
    expect((await post('completions', { ...body, echo: true })).status).toBe(400);
    expect((await post('completions', { ...body, model: 'mini' })).status).toBe(400);
    expect(site.upstream.requests).toHaveLength(0);
    expect((await post('completions', { ...body, model: 'mini', echo: true })).status).toBe(200);
  });

  test('passes where the operator names it and the plan lets tools run', async () => {
    const upstream = (site = await abuseSite({ usage: { input: 5, output: 5 } })).upstream;
    const copy = (extraFields: '*' | string[]) => openaiCompatible({ ...upstream.openai, name: 'copy', extraFields });
    for (const extraFields of [['plugins'], '*'] as const) {
      const other = await abuseSite(
        {},
        {
          providers: { copy: copy(extraFields === '*' ? '*' : [...extraFields]) },
          models: { copy: { provider: 'copy', price: PRICES.copy } },
        },
      );
      const { post } = await other.attacker('1', { plan: 'metered' });
      expect((await post('chat/completions', { ...CHAT, plugins: [{ id: 'web' }] })).status).toBe(200);
      expect(upstream.requests.at(-1)?.body).toMatchObject({ plugins: [{ id: 'web' }] });
      await other.close();
    }
  });
});

const MCP = [{ type: 'url', url: 'https://e.example/mcp' }];
const FILE = [{ role: 'user', content: [{ type: 'file', file: { file_id: 'file-1' } }] }];
const CALL = { id: 'c1', type: 'function', function: { name: 'f', arguments: '{}' } };
const TOOL = { type: 'function', function: { name: 'f', parameters: { type: 'object', properties: {} } } };
const TEXT = { type: 'text', text: 'hi' };
const SOUND = { type: 'input_audio', input_audio: { data: wav(1).toString('base64'), format: 'wav' } };

describe('what a copy of the API may obey inside of a message', () => {
  test.each([
    ['messages.messages', { messages: [{ role: 'user', content: 'hi', messages: FILE }] }],
    ['messages.max_tokens', { messages: [{ role: 'user', content: 'hi', max_tokens: 100_000 }] }],
    ['messages.mcp_servers', { messages: [{ role: 'system', content: 'hi', mcp_servers: MCP }, CHAT.messages[0]] }],
    ['messages.prefix', { messages: [{ role: 'user', content: 'hi', prefix: { mcp_servers: MCP } }] }],
    ['messages.content.mcp_servers', { messages: [{ role: 'user', content: [{ ...TEXT, mcp_servers: MCP }] }] }],
    ['messages.content.mcp_servers', { messages: [{ role: 'user', content: [{ ...SOUND, mcp_servers: MCP }] }] }],
    [
      'messages.content.contents',
      { messages: [{ role: 'user', content: [{ ...SOUND, input_audio: { ...SOUND.input_audio, contents: FILE } }] }] },
    ],
    [
      'messages.content.cache_control',
      { messages: [{ role: 'user', content: [{ ...TEXT, cache_control: { type: 'ephemeral', tools: MCP } }] }] },
    ],
    [
      'messages.tool_calls.contents',
      {
        messages: [
          { role: 'assistant', content: null, tool_calls: [{ ...CALL, contents: FILE }] },
          { role: 'tool', tool_call_id: 'c1', content: 'x' },
        ],
      },
    ],
    [
      'messages.tool_calls.contents',
      {
        messages: [
          {
            role: 'assistant',
            content: null,
            tool_calls: [{ ...CALL, function: { ...CALL.function, contents: FILE } }],
          },
          { role: 'tool', tool_call_id: 'c1', content: 'x' },
        ],
      },
    ],
    ['tools.mcp_servers', { tools: [{ ...TOOL, mcp_servers: MCP }] }],
    ['tools.model', { tools: [{ ...TOOL, function: { ...TOOL.function, model: 'gpt-5-pro' } }] }],
    ['tools.model', { functions: [{ ...TOOL.function, model: 'gpt-5-pro' }] }],
  ])('is left out and reported: %s', async (name, fields) => {
    site = await abuseSite({ usage: { input: 5, output: 5 } });
    const { post } = await site.attacker('1');
    const { status, headers } = await post('chat/completions', { ...CHAT, ...fields });
    expect(status).toBe(200);
    expect(headers['x-gateway-dropped-params']).toBe(name);
    expect(site.upstream.requests.at(-1)?.text).not.toMatch(/file-1|e\.example|gpt-5-pro|100000/);
  });

  test.each([
    ['an item', { role: 'user', content: 'hi', mcp_servers: MCP }],
    ['a part', { role: 'user', content: [{ type: 'input_text', text: 'hi', messages: FILE }] }],
    [
      'a result',
      { type: 'function_call_output', call_id: 'c1', output: [{ type: 'input_text', text: 'hi', tools: MCP }] },
    ],
  ])('is held at the window where responses are relayed, in %s', async (_, item) => {
    const upstream = await fakeUpstream({ answer: { usage: { input: 5, output: 5 } } });
    const copy = openaiCompatible({ ...upstream.openai, name: 'copy', routes: { responses: true } });
    const models = { copy: { provider: 'copy', price: PRICES.copy } };
    site = await abuseSite({}, { providers: { copy }, models });
    const { post } = await site.attacker('0.01');
    const input = [item, { role: 'user', content: 'hi' }];
    const { status, text } = await post('responses', { model: 'copy', max_output_tokens: 16, input });
    expect({ status, text }).toMatchObject({ status: 403 });
    expect(upstream.requests).toHaveLength(0);
    const plain = { model: 'copy', max_output_tokens: 16, input: [{ role: 'user', content: 'hi' }] };
    expect((await post('responses', plain)).status).toBe(200);
    await upstream.close();
  });

  test('what it counts is sent as it was written', async () => {
    site = await abuseSite({ usage: { input: 5, output: 5 } });
    const { post } = await site.attacker('1');
    const picture = {
      type: 'image_url',
      image_url: { url: `data:image/png;base64,${png(32, 32).toString('base64')}`, detail: 'low' },
    };
    const messages = [
      { role: 'user', name: 'ann', content: [TEXT, picture] },
      { role: 'assistant', content: null, tool_calls: [CALL] },
      { role: 'tool', tool_call_id: 'c1', content: 'x' },
    ];
    const { status, headers } = await post('chat/completions', { ...CHAT, messages, tools: [TOOL] });
    expect(status).toBe(200);
    expect(headers['x-gateway-dropped-params']).toBeUndefined();
    expect(site.upstream.requests.at(-1)?.body).toMatchObject({ messages, tools: [TOOL] });
  });
});

describe('another model', () => {
  test.each([
    ['by the advisor tool', { tools: [{ type: 'advisor_20260301', name: 'advisor', model: 'claude-opus-4-7' }] }],
    ['by the advisor tool without its model', { tools: [{ type: 'advisor_20260301', name: 'advisor' }] }],
    ['in a tool of any kind', { tools: [{ type: 'web_search_20250305', name: 's', model: 'claude-opus-4-7' }] }],
    ['in a container', { container: { skills: [{ model: 'claude-opus-4-7' }] } }],
    ['as a fallback', { fallbacks: [{ model: 'claude-opus-4-7' }] }],
    ['in the context management', { context_management: { edits: [{ type: 'compact_20260112', model: 'x' }] } }],
  ])('is not reached %s', async (_, anthropic) => {
    site = await abuseSite({ usage: { input: 100_000, output: 20_000 } });
    const { post, charged } = await site.attacker('50');
    const { status } = await post('chat/completions', { ...CHAT, model: 'haiku', provider_options: { anthropic } });
    expect(status).toBe(400);
    expect(await charged()).toBe(0);
    expect(site.upstream.requests).toHaveLength(0);
  });
});

test('a report that is asked for twice is not forwarded as it was written', async () => {
  site = await abuseSite({ usage: { input: 5, output: 5 } });
  const { post } = await site.attacker('1');
  const body = JSON.stringify({ ...CHAT, model: 'mini', stream: true, stream_options: { include_usage: true } });
  await post('chat/completions', body.replace('{"include_usage"', '{"include_usage":false,"include_usage"'));
  expect(site.upstream.requests.at(-1)?.text).not.toContain('false');
});
