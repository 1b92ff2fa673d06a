import { expect, it } from 'vitest';
import { familyFacts } from '../../src/catalog/family-facts.js';
import { catalogue } from '../../src/catalogue/index.js';

const models = ['openai', 'anthropic', 'google'].flatMap((provider) =>
  Object.entries(catalogue.providers[provider] ?? {}).map(([id, model]) => ({ id, model, known: familyFacts(id) })),
);

it('knows most chat models of the three large providers by their names', () => {
  const chat = models.filter(({ model }) => model.capabilities.output?.join() === 'text' && model.capabilities.tools);
  const unknown = chat.filter(({ known }) => known.contextWindow === undefined).map(({ id }) => id);

  expect(chat.length).toBeGreaterThan(80);
  expect(unknown.length).toBeLessThan(chat.length / 4);
});

it('never takes a window for smaller than it is', () => {
  const smaller = models.filter(
    ({ model, known }) => known.contextWindow && model.contextWindow && known.contextWindow < model.contextWindow,
  );
  expect(smaller.map(({ id, model, known }) => [id, model.contextWindow, known.contextWindow])).toEqual([]);
});

it('promises nothing that the catalogue denies', () => {
  const wrong = models.filter(({ model: { capabilities }, known: { capabilities: guess = {} } }) => {
    const inputs = (guess.input ?? []).some((modality) => !capabilities.input?.includes(modality));
    return inputs || (guess.tools && capabilities.tools === false) || (guess.reasoning && !capabilities.reasoning);
  });
  expect(wrong.map(({ id, model }) => [id, model.capabilities])).toEqual([]);
});
