import { expect, it } from 'vitest';
import { catalogue, pick } from '../../src/catalogue/index.js';
import { anthropic, createGateway, openai } from '../../src/index.js';

it('gives a model by its id, ready for createGateway', () => {
  const models = pick('gpt-4o-mini');

  expect(models).toEqual({
    'gpt-4o-mini': {
      provider: 'openai',
      price: { input: 0.15, cachedInput: 0.075, output: 0.6, units: { web_search: 0.025, file_search: 0.0025 } },
      contextWindow: 128_000,
      maxOutputTokens: 16_384,
      capabilities: {
        input: ['text', 'image', 'file'],
        output: ['text'],
        tools: true,
        structuredOutput: true,
        promptCache: true,
        webSearch: true,
      },
      displayName: 'GPT-4o mini',
      created: 1_721_260_800,
      ownedBy: 'openai',
    },
  });
  expect(() =>
    createGateway({ providers: { openai: openai({ apiKey: 'sk' }) }, models, plans: { free: { models: '*' } } }),
  ).not.toThrow();
});

it('knows tiers, cache lifetimes, limits and the day a model ends', () => {
  const {
    'gpt-6-sol': sol,
    'claude-opus-5-5': opus,
    'whisper-1': whisper,
  } = pick(['gpt-6-sol', 'claude-opus-5-5', 'whisper-1']);

  expect(sol?.price.tiers).toEqual([
    { aboveInputTokens: 272_000, input: 4, output: 15, cachedInput: 0.4, cacheWrite: 5 },
  ]);
  expect(sol).toMatchObject({ contextWindow: 1_050_000, maxOutputTokens: 128_000 });
  expect(opus?.price).toMatchObject({ cachedInput: 0.2, cacheWrite: 5, cacheWrite1h: 8, units: { web_search: 0.01 } });
  expect(whisper).toMatchObject({ deprecated: '2027-02-26', price: { units: { input_second: 0.0001 } } });
});

it('finds models by patterns, and takes out what another one names', () => {
  expect(Object.keys(pick(['claude-opus-5*', '!*-5-5']))).toEqual(['claude-opus-5']);
  expect(Object.keys(pick('gemini-3.8-flash*'))).toEqual(expect.arrayContaining(['gemini-3.8-flash']));
  expect(pick('openai/gpt-oss-120b')['openai/gpt-oss-120b']).toMatchObject({ provider: 'groq', ownedBy: 'openai' });
});

it('takes the clouds only by name, and keeps the name', () => {
  expect(pick('azure/gpt-6-sol')).toMatchObject({ 'azure/gpt-6-sol': { provider: 'azure', model: 'gpt-6-sol' } });
  expect(pick('gpt-6-sol', { providers: ['azure'] })).toMatchObject({ 'gpt-6-sol': { provider: 'azure' } });
  expect(pick('*claude-opus-5-5', { providers: { bedrock: 'aws' } })).toMatchObject({
    'us.anthropic.claude-opus-5-5': { provider: 'aws', price: { input: 4.4 } },
  });
  expect(Object.values(pick('claude-*')).every(({ provider }) => provider === 'anthropic')).toBe(true);
});

it('prefers the provider that is named first', () => {
  const models = pick('claude-*', { providers: ['vertex', 'anthropic'] });

  expect(models['claude-opus-5-5']?.provider).toBe('vertex');
  expect(models['claude-haiku-4-5-20251001']?.provider).toBe('anthropic');
});

it('multiplies every price by the markup, exactly', () => {
  const { price } = pick('gpt-6-luna', { markup: '1.2' })['gpt-6-luna'] ?? {};

  expect(price).toEqual({
    input: 0.12,
    cachedInput: 0.012,
    cacheWrite: 0.15,
    output: 0.6,
    tiers: [{ aboveInputTokens: 272_000, input: 0.24, output: 0.9, cachedInput: 0.024, cacheWrite: 0.3 }],
    units: { web_search: 0.012, file_search: 0.003 },
  });
  expect(pick('gpt-audio-1.5', { markup: 2 })['gpt-audio-1.5']?.price.units).toMatchObject({
    input_audio_token: { perMillion: 64 },
  });
});

it('refuses what finds nothing, and says what there is', () => {
  expect(() => pick('gpt-9')).toThrow("no model matches 'gpt-9' at openai, anthropic, google");
  expect(() => pick('claude-opus-5', { providers: ['openai'] })).toThrow('anthropic, vertex has it');
  expect(() => pick('*', { providers: ['opnai'] })).toThrow("the catalogue has no provider 'opnai'");
  expect(() => pick('*', { markup: -1 })).toThrow(
    'markup must be a number from 0 to 1000 with at most six decimals, not -1',
  );
  expect(() => pick('*', { providers: [] })).toThrow('providers must name at least one provider');
  expect(() => pick('*', { margin: 2 } as object)).toThrow("'margin' is not an option of pick");
});

it('refuses patterns that leave nothing, and what is not a pattern', () => {
  expect(() => pick(['gpt-6-sol', '!gpt-*'])).toThrow("no model is left of 'gpt-6-sol', '!gpt-*'");
  expect(() => pick('!gpt-*')).toThrow("no model is left of '!gpt-*'");
  expect(() => pick(undefined as unknown as string)).toThrow('patterns must be');
  expect(() => pick([3] as unknown as string[])).toThrow('patterns must be');
  expect(pick([])).toEqual({});
});

it('returns objects of its own, and guards the prices that all parts of an app share', () => {
  const [first, second] = [pick('gpt-6-sol'), pick('gpt-6-sol')];
  Object.assign(first['gpt-6-sol']?.price ?? {}, { input: 0 });
  Object.assign(first['gpt-6-sol']?.capabilities?.input ?? [], ['video']);

  expect(pick('gpt-6-sol')).toEqual(second);
  expect(second['gpt-6-sol']?.price.input).toBe(2);
  const listed = catalogue.providers['openai']?.['gpt-6-sol']?.price as { input: number };
  expect(() => {
    listed.input = 0;
  }).toThrow(TypeError);
});

it('passes the checks of createGateway as a whole', () => {
  const providers = Object.fromEntries(
    Object.keys(catalogue.providers).map((name) => [
      name,
      name === 'anthropic' ? anthropic({ apiKey: 'k' }) : openai({ apiKey: 'k' }),
    ]),
  );
  const models = pick(Object.keys(providers).map((name) => `${name}/*`));

  expect(() => createGateway({ providers, models, plans: { free: { models: '*' } } })).not.toThrow();
  expect(Object.keys(models).length).toBeGreaterThan(400);
});
