import { afterEach, expect, it } from 'vitest';
import { createGateway, type GatewayOptions, openai } from '../../src/index.js';
import { type RoutesGateway, routesGateway } from '../helpers/routes-gateway.js';

let site: RoutesGateway;

afterEach(() => site.close());

const models: GatewayOptions['models'] = {
  'gpt-6-sol': {
    provider: 'openai',
    price: {
      input: 2,
      cachedInput: '0.2',
      output: 10,
      units: { web_search: '0.01', input_audio_token: { perMillion: 32 } },
    },
    contextWindow: 1_050_000,
    maxOutputTokens: 128_000,
    displayName: 'GPT-6 Sol',
    description: 'For everything.',
    deprecated: '2027-10-01',
    capabilities: {
      input: ['text', 'image'],
      tools: true,
      structuredOutput: true,
      reasoning: ['low', 'high'],
      webSearch: true,
      sampling: false,
    },
    created: 1_700_000_000,
    ownedBy: 'openai',
  },
  plain: { provider: 'openai', price: { input: 1, output: 2 } },
  vectors: { provider: 'openai', price: { input: '0.02', output: 0 }, capabilities: { output: ['embeddings'] } },
};

it("shows what clients of OpenRouter read, at the prices of the account's plan", async () => {
  site = await routesGateway({ models, plans: { free: { models: '*', priceMultiplier: '1.5' } }, defaultPlan: 'free' });

  const model = await site.client.models.retrieve('gpt-6-sol');

  expect(model).toEqual({
    id: 'gpt-6-sol',
    object: 'model',
    created: 1_700_000_000,
    owned_by: 'openai',
    name: 'GPT-6 Sol',
    description: 'For everything.',
    context_length: 1_050_000,
    max_output_tokens: 128_000,
    architecture: { modality: 'text+image->text', input_modalities: ['text', 'image'], output_modalities: ['text'] },
    pricing: {
      prompt: '0.000003',
      completion: '0.000015',
      input_cache_read: '0.0000003',
      web_search: '0.015',
      audio: '0.000048',
    },
    top_provider: { context_length: 1_050_000, max_completion_tokens: 128_000, is_moderated: false },
    supported_parameters: [
      ...['max_tokens', 'max_completion_tokens', 'tools', 'tool_choice', 'response_format', 'structured_outputs'],
      ...['reasoning', 'include_reasoning', 'reasoning_effort', 'web_search_options'],
    ],
    expiration_date: '2027-10-01',
  });
});

it('lists the same objects, and says null where nothing is known', async () => {
  site = await routesGateway({ models, plans: { free: { models: '*' } } });

  const { data } = await site.client.models.list();

  expect(data.map(({ id }) => id)).toEqual(['gpt-6-sol', 'plain', 'vectors']);
  expect(data[0]).toEqual(await site.client.models.retrieve('gpt-6-sol'));
  expect(data[1]).toMatchObject({
    name: 'plain',
    context_length: null,
    max_output_tokens: null,
    architecture: { input_modalities: ['text'], output_modalities: ['text'] },
    pricing: { prompt: '0.000001', completion: '0.000002' },
    supported_parameters: [
      'max_tokens',
      'max_completion_tokens',
      'temperature',
      'top_p',
      'stop',
      'tools',
      'tool_choice',
    ],
    expiration_date: null,
  });
  expect(data[2]).toMatchObject({ pricing: { prompt: '0.00000002', completion: '0' }, supported_parameters: [] });
});

it('knows the families of well-known models by the names that providers use', async () => {
  site = await routesGateway({
    models: { smart: { provider: 'openai', model: 'claude-sonnet-4-6', price: { input: 3, output: 15 } } },
    plans: { free: { models: '*' } },
  });

  expect(await site.client.models.retrieve('smart')).toMatchObject({
    context_length: 1_000_000,
    architecture: { input_modalities: ['text', 'image', 'file'] },
    supported_parameters: expect.arrayContaining(['tools', 'structured_outputs', 'reasoning']),
  });
});

it('shows the host the same facts', async () => {
  site = await routesGateway({ models, plans: { free: { models: '*' } } });

  const [sol, plain] = await site.gateway.models.list();

  expect(sol).toMatchObject({ contextWindow: 1_050_000, displayName: 'GPT-6 Sol', deprecated: '2027-10-01' });
  expect(plain).toMatchObject({ contextWindow: null, displayName: 'plain', description: null, capabilities: {} });
});

it('names every mistake in what a model is said to be', async () => {
  site = await routesGateway();
  const model = {
    provider: 'openai',
    price: { input: 1, output: 2, units: { image: -1, page: { perThousand: 2 }, web_search: '0.01' } },
    contextWindow: 0,
    capabilities: { input: ['smell'], vision: true, reasoning: 'high' },
    displayName: '',
    deprecated: 'soon',
  };

  expect(() =>
    createGateway({
      providers: { openai: openai(site.upstream.openai) },
      models: { m: model as unknown as GatewayOptions['models'][string] },
      plans: { free: { models: '*' } },
    }),
  ).toThrow(
    [
      'createGateway: 8 problem(s) in the options',
      '- models.m.contextWindow must be a positive integer',
      "- models.m.capabilities.input must be an array of 'text', 'image', 'audio', 'video', 'file', 'embeddings'",
      '- models.m.capabilities.vision is not an option',
      '- models.m.capabilities.reasoning must be true, false or an array of effort levels',
      '- models.m.displayName must be a non-empty string',
      "- models.m.deprecated must be a day such as '2027-01-31'",
      '- models.m.price.units.image: not a price in USD, from 0 to 1000000: -1',
      '- models.m.price.units.page must be USD per unit, or { perMillion } of it',
    ].join('\n'),
  );
});
