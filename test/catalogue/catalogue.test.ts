import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { compile } from '../../scripts/catalogue/compile.js';
import { differences } from '../../scripts/catalogue/differences.js';
import { readFacts, wrongPrices } from '../../scripts/catalogue/facts.js';
import { checksum } from '../../scripts/catalogue/write.js';
import { catalogue } from '../../src/catalogue/index.js';
import type { Price } from '../../src/index.js';
import { readUnitPrice } from '../../src/meter/price.js';
import { sharedFolder } from '../helpers/recording-folders.js';

const shared = sharedFolder();
const facts = shared === undefined ? undefined : readFacts(join(shared, 'data'));
const NO_FACTS = 'the lists that the catalogue was made of are not beside the repository';

/** Where the price list has the models of a provider, and what it writes before their ids. */
const SECTIONS: Readonly<Record<string, readonly [string, string][]>> = {
  openai: [['openai', '']],
  anthropic: [['anthropic', '']],
  google: [
    ['gemini', 'gemini/'],
    ['gemini', ''],
  ],
  xai: [['xai', 'xai/']],
  deepseek: [
    ['deepseek', ''],
    ['deepseek', 'deepseek/'],
  ],
  mistral: [['mistral', 'mistral/']],
  groq: [['groq', 'groq/']],
  azure: [['azure', 'azure/']],
  bedrock: [
    ['bedrock_converse', ''],
    ['bedrock', ''],
  ],
  vertex: [
    ['vertex_ai-language-models', ''],
    ['vertex_ai-language-models', 'vertex_ai/'],
    ['vertex_ai-anthropic_models', 'vertex_ai/'],
  ],
};

const RATES: readonly [keyof Price, string][] = [
  ['input', 'input_cost_per_token'],
  ['output', 'output_cost_per_token'],
  ['cachedInput', 'cache_read_input_token_cost'],
  ['cacheWrite', 'cache_creation_input_token_cost'],
  ['cacheWrite1h', 'cache_creation_input_token_cost_above_1hr'],
];

const UNITS: Readonly<Record<string, readonly string[]>> = {
  input_audio_token: ['input_cost_per_audio_token'],
  output_audio_token: ['output_cost_per_audio_token'],
  input_image_token: ['input_cost_per_image_token'],
  output_image_token: ['output_cost_per_image_token'],
  input_second: ['input_cost_per_second'],
  character: ['input_cost_per_character'],
  image: ['output_cost_per_image', 'input_cost_per_image'],
  input_image: ['input_cost_per_image'],
  maps: ['google_maps_grounding_cost_per_query'],
};

function factsOf(provider: string, id: string): Record<string, unknown> {
  const found = SECTIONS[provider]?.map(([section, prefix]) => facts?.prices[section]?.[`${prefix}${id}`]) ?? [];
  return Object.assign({}, ...found.filter((line) => line !== undefined).reverse());
}

const all = Object.entries(catalogue.providers).flatMap(([provider, models]) =>
  Object.entries(models).map(([id, model]) => ({ provider, id, model })),
);

it('is what the checksum says, so that no one edits it by hand', () => {
  const written = readFileSync(new URL('catalogue.sha256', import.meta.url), 'utf8').trim();

  expect(checksum(catalogue.providers)).toBe(written);
});

it('has the prices of the facts, one by one', (context) => {
  if (facts === undefined) context.skip(NO_FACTS);
  const wrong: string[] = [];
  let compared = 0;
  for (const { provider, id, model } of all) {
    const said = factsOf(provider, id);
    const hold = (name: string, usd: number, fact: unknown) => {
      compared += 1;
      if (typeof fact !== 'number' || Math.abs(usd - fact) > 1e-12)
        wrong.push(`${provider}/${id} ${name}: ${usd}, ${fact}`);
    };
    const rates = (price: object, suffix: string) => {
      for (const [name, fact] of RATES) {
        const usd = (price as Record<string, number>)[name];
        const listed = said[`${fact}${suffix}`] ?? said[fact];
        if (usd !== undefined && usd !== 0 && listed !== undefined) hold(`${name}${suffix}`, usd / 1e6, listed);
        if (usd === undefined && typeof listed === 'number' && listed > 0) hold(`${name}${suffix}`, 0, listed);
      }
    };
    rates(model.price, '');
    for (const tier of model.price.tiers ?? []) rates(tier, `_above_${tier.aboveInputTokens / 1_000}k_tokens`);
    for (const [unit, price] of Object.entries(model.price.units ?? {})) {
      const usd = Number(readUnitPrice(price)) / 1e12;
      const search = said['search_context_cost_per_query'] as Record<string, number> | undefined;
      if (unit === 'web_search') hold(unit, usd, search?.['search_context_size_high']);
      else if (UNITS[unit])
        hold(
          unit,
          usd,
          UNITS[unit].map((fact) => said[fact]).find((fact) => fact !== undefined),
        );
    }
  }
  expect(wrong).toEqual([]);
  expect(compared).toBeGreaterThan(1_500);
});

it('is what a rebuild makes of the facts', (context) => {
  if (facts === undefined) context.skip(NO_FACTS);
  const again = compile(facts as NonNullable<typeof facts>, catalogue.date, catalogue.providers);

  expect(differences(catalogue.providers, again).lines).toEqual([]);
});

it('holds nothing that was switched off by its date', () => {
  expect(all.filter(({ model }) => model.deprecated && model.deprecated <= catalogue.date)).toEqual([]);
});

it('knows window and output limit of nearly every chat model', () => {
  const chat = all.filter(
    ({ model }) =>
      model.capabilities.output?.join() === 'text' && model.capabilities.input?.includes('text') && model.price.input,
  );
  const unknown = chat.filter(({ model }) => !model.contextWindow || !model.maxOutputTokens);

  expect(chat.length).toBeGreaterThan(300);
  expect(unknown.length).toBeLessThan(chat.length / 20);
});

it('asks to confirm a price that moved by more than a factor of three', () => {
  const model = { price: { input: 1, output: 4, units: { image: 0.04 } }, capabilities: {}, created: 0, ownedBy: 'x' };
  const before = { x: { kept: model, gone: model, moved: model } };
  const moved = { ...model, price: { input: 3, output: 12.1, units: { image: 0.01 } } };

  expect(differences(before, { x: { kept: model, fresh: model, moved } })).toEqual({
    lines: [
      '- x/gone',
      '~ x/moved input 1 -> 3',
      '~ x/moved output 4 -> 12.1',
      '~ x/moved units.image 0.04 -> 0.01',
      '+ x/fresh',
    ],
    jumps: ['x/moved output 4 -> 12.1', 'x/moved units.image 0.04 -> 0.01'],
  });
});

it('takes no fact for a price that is not a number ≥ 0, and no chat model that is not priced both ways', () => {
  const prices = {
    openai: {
      good: { mode: 'chat', input_cost_per_token: 1e-6, output_cost_per_token: 0 },
      vectors: { mode: 'embedding', input_cost_per_token: 1e-6 },
      negative: { mode: 'chat', input_cost_per_token: -1e-6, output_cost_per_token: 1e-6 },
      text: { mode: 'chat', input_cost_per_token: '1e-6', output_cost_per_token: 1e-6 },
      half: { mode: 'responses', input_cost_per_token: 1e-6 },
      search: { mode: 'image_generation', search_context_cost_per_query: { search_context_size_high: null } },
    },
  };

  expect(wrongPrices({ prices })).toEqual([
    'openai/negative input_cost_per_token: -0.000001',
    'openai/text input_cost_per_token: "1e-6"',
    'openai/half output_cost_per_token: none',
    'openai/search search_context_cost_per_query: {"search_context_size_high":null}',
  ]);
});
