import { afterEach, describe, expect, test } from 'vitest';
import { toCallOptions } from '../../src/ai-sdk/to-call-options.js';
import { bedrock } from '../../src/providers/bedrock/index.js';
import { converseSize, toConverse } from '../../src/providers/bedrock/to-converse.js';
import { setSizing } from '../../src/providers/sizing.js';
import { chatCall } from '../helpers/chat-call.js';
import { type AbuseSite, abuseSite } from './abuse-site.js';

let site: AbuseSite | undefined;
afterEach(async () => {
  await site?.close();
  site = undefined;
});

const withOptions = (provider_options: Record<string, unknown>) =>
  chatCall({ messages: [{ role: 'user', content: 'hi' }], provider_options }, { model: 'amazon.nova-lite-v1:0' });

describe('options of a model on Bedrock', () => {
  const model = (fields: object) => withOptions({ bedrock: { additionalModelRequestFields: fields } });

  test.each([
    ['max_new_tokens', { max_new_tokens: 9 }],
    ['textGenerationConfig', { textGenerationConfig: { maxTokenCount: 9_000 } }],
    ['inferenceConfig.maxTokens', { inferenceConfig: { maxTokens: 9_000 } }],
    ['num_generations', { num_generations: 5 }],
    ['documents', { documents: [{ text: 'word '.repeat(9_000) }] }],
    ['messages', { messages: [] }],
    ['tools', { tools: [{ type: 'web_search_20250305', name: 'web_search' }] }],
    ['anthropic_beta', { anthropic_beta: ['context-1m-2025-08-07'] }],
    ['reasoningConfig.model', { reasoningConfig: { type: 'enabled', model: 'x' } }],
  ])('are refused where they could cost more: %s', (path, fields) => {
    const param = `provider_options.bedrock.additionalModelRequestFields.${path}`;
    expect(() => toConverse(model(fields), false)).toThrow(
      expect.objectContaining({ code: 'unsupported_parameter', param }),
    );
    expect(() => converseSize(model(fields))).toThrow(expect.objectContaining({ param }));
  });

  test('are sent where they can not, and count as input', async () => {
    setSizing(await import('../../src/providers/sizes.js'));
    const schema = { type: 'object', description: 'word '.repeat(2_000) };
    const options = {
      additionalModelRequestFields: { top_k: 5, inferenceConfig: { topK: 5 } },
      outputConfig: {
        textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: JSON.stringify(schema) } } },
      },
    };
    const call = withOptions({ bedrock: options });
    expect(JSON.parse(String(toConverse(call, false).body))).toMatchObject(options);
    expect(converseSize(call).textBytes).toBeGreaterThan(10_000);
  });
});

describe('a text file on Bedrock, which gets its bytes', () => {
  const sizeOf = (text: string) => {
    const file_data = `data:text/plain;base64,${Buffer.from(text).toString('base64')}`;
    const content = [{ type: 'file' as const, file: { filename: 'a.txt', file_data } }];
    return converseSize(chatCall({ messages: [{ role: 'user', content }] }, { model: 'amazon.nova-lite-v1:0' }));
  };

  test('counts as long as it is', async () => {
    setSizing(await import('../../src/providers/sizes.js'));
    const size = sizeOf('word '.repeat(1_000));
    expect(size.unknown).toBeUndefined();
    expect(size.textBytes).toBeGreaterThan(5_000);
    expect(size.textBytes).toBeLessThan(6_000);
  });

  test('counts as large as a model can read where its bytes are those of a film', async () => {
    setSizing(await import('../../src/providers/sizes.js'));
    const box = `\0\0\0\x10ftypisom\0\0\0\0${'\0'.repeat(200)}`;
    expect(sizeOf(box).unknown).toBe('messages[0].content[0].source');
  });
});

describe('a guardrail', () => {
  const body = {
    model: 'nova',
    max_tokens: 16,
    messages: [{ role: 'user', content: 'hi' }],
    provider_options: { bedrock: { guardrailConfig: { guardrailIdentifier: 'g', guardrailVersion: '1' } } },
  };

  async function start(plan: object, units: Readonly<Record<string, number>> = {}): Promise<AbuseSite> {
    site = await abuseSite(
      { usage: { input: 5, output: 5 } },
      {
        models: {
          nova: { provider: 'aws', model: 'amazon.nova-lite-v1:0', price: { input: 0.06, output: 0.24, units } },
        },
        plans: { prepaid: { models: '*', billing: 'prepaid', ...plan }, metered: { models: '*' } } as never,
        providersAt: ({ bedrock: place }) => ({ aws: bedrock(place) }),
      },
    );
    return site;
  }

  test('that a client names is refused where nobody holds for what it costs', async () => {
    const { attacker, upstream } = await start({});
    const { post } = await attacker('1');
    const { status, text } = await post('chat/completions', body);
    expect({ status, error: JSON.parse(text).error }).toMatchObject({
      status: 400,
      error: { code: 'unsupported_parameter', param: 'provider_options.bedrock.guardrailConfig' },
    });
    expect(upstream.requests).toHaveLength(0);
  });

  test.each([
    ['where the plan has it and it is priced', 'prepaid'],
    ['on a metered plan', 'metered'],
  ])('is sent %s', async (_, plan) => {
    const { attacker, upstream } = await start({ tools: ['guardrail'] }, { guardrail: 0 });
    const { post } = await attacker('1', { plan });
    expect((await post('chat/completions', body)).status).toBe(200);
    expect(upstream.requests[0]?.text).toContain('guardrailIdentifier');
  });
});

describe('options of a provider of the AI SDK', () => {
  test.each([
    ['openai', 'serviceTier', 'priority'],
    ['openai', 'previousResponseId', 'resp_1'],
    ['openai', 'maxCompletionTokens', 100_000],
    ['openai', 'prediction', { type: 'content', content: 'x' }],
    ['anthropic', 'mcpServers', [{ type: 'url', url: 'https://e.example' }]],
    ['anthropic', 'container', { skills: [] }],
    ['anthropic', 'speed', 'fast'],
    ['google', 'cachedContent', 'cachedContents/abc'],
    ['google', 'responseModalities', ['AUDIO']],
    ['xai', 'searchParameters', { mode: 'on' }],
    ['gateway', 'models', ['openai/gpt-5-pro']],
  ])('are refused where they could cost more: %s.%s', (provider, name, value) => {
    const param = `provider_options.${provider}.${name}`;
    const call = withOptions({ [provider]: { [name]: value } });
    expect(() => toCallOptions(call)).toThrow(expect.objectContaining({ code: 'unsupported_parameter', param }));
    expect(toCallOptions(call, [name]).options.providerOptions).toEqual({ [provider]: { [name]: value } });
    expect(toCallOptions(call, '*').options.providerOptions).toEqual({ [provider]: { [name]: value } });
  });

  test('are passed on where they can not', () => {
    const options = {
      openai: { reasoningEffort: 'low', store: false, strictJsonSchema: true },
      anthropic: { thinking: { type: 'enabled', budgetTokens: 1_024 }, sendReasoning: true },
      google: { thinkingConfig: { includeThoughts: true }, safetySettings: [{ category: 'c', threshold: 't' }] },
    };
    expect(toCallOptions(withOptions(options)).options.providerOptions).toEqual(options);
  });
});

test.each([
  ['openai', { logprobs: true, top_logprobs: 20 }],
  ['google', { generationConfig: { responseLogprobs: true, logprobs: 20 } }],
  ['google', { generation_config: { response_logprobs: true, logprobs: 20 } }],
])('alternatives of each token count in the size of the answer: %s %j', async (provider, options) => {
  site = await abuseSite({});
  const { post } = await site.attacker('50');
  const model = provider === 'google' ? 'gemini' : 'mini';
  const ask = { model, max_tokens: 16_000, messages: [{ role: 'user', content: 'hi' }] };
  const { status, text } = await post('chat/completions', { ...ask, provider_options: { [provider]: options } });
  expect({ status, text }).toMatchObject({
    status: 400,
    text: expect.stringContaining('larger than can be passed on'),
  });
  expect(site.upstream.requests).toHaveLength(0);
});
