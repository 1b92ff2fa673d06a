import type { CatalogueModel } from '../../src/catalogue/model.js';
import type { Facts, ModelFacts, PriceFacts } from './facts.js';
import { DATED, releaseDays, releasedAt } from './release-days.js';
import { LIVE, MODES, SOURCES, type Source } from './sources.js';
import { toModel } from './to-model.js';
import { toPrice } from './to-price.js';

/** The models of each provider by id. */
export type Compiled = Readonly<Record<string, Readonly<Record<string, CatalogueModel>>>>;

/**
 * Makes the catalogue of the facts.
 *
 * @param date `YYYY-MM-DD`: what was switched off by then is left out.
 * @param before the catalogue as it was: a model whose release no fact dates keeps the day on which it first appeared.
 */
export function compile(facts: Facts, date: string, before: Compiled): Compiled {
  const days = releaseDays(facts);
  const models = SOURCES.map((source) => {
    const found = Object.entries(pricesOf(source, facts)).flatMap(([id, priced]) => {
      const model = modelFacts(id, source, facts);
      if (model?.status === 'deprecated' && priced['deprecation_date'] === undefined) return [];
      const price = toPrice(priced, source.tools, sizesOf(id, source, facts));
      if (!price) return [];
      const known = before[source.provider]?.[id]?.created;
      const created = releasedAt(id, days) ?? known ?? Date.parse(date) / 1_000;
      return [[id, toModel({ id, facts: priced, model, price, provider: source.provider, created })] as const];
    });
    return [
      source.provider,
      Object.fromEntries(found.filter(([, { deprecated }]) => !(deprecated && deprecated <= date))),
    ];
  });
  return Object.fromEntries(models);
}

/** What the list of models says of one; a dated snapshot is what its model without the date is. */
function modelFacts(id: string, { models }: Source, facts: Facts): ModelFacts | undefined {
  for (const name of [id, id.replace(DATED, '')]) {
    for (const section of models) {
      const found = facts.models[section]?.[name];
      if (found) return found;
    }
  }
  return undefined;
}

/** The price list of a source by the ids of its API. What two lines say of one model is put together. */
function pricesOf({ prices, prefix = '', without, only }: Source, facts: Facts): Record<string, PriceFacts> {
  const found: Record<string, PriceFacts> = {};
  for (const section of prices) {
    for (const [name, priced] of Object.entries(facts.prices[section] ?? {})) {
      const id = name.startsWith(prefix) ? name.slice(prefix.length) : name;
      const mode = String(priced['mode']);
      const wanted = MODES.has(mode) && !LIVE.test(id) && !without?.test(id) && (only?.[section]?.test(mode) ?? true);
      if (wanted) found[id] = { ...found[id], ...priced };
    }
  }
  return found;
}

/** Lines such as `low/1024-x-1024/MODEL`, as units such as `image:1024x1024:low`. */
function sizesOf(id: string, { prices, prefix = '' }: Source, facts: Facts): Map<string, PriceFacts> {
  const sizes = new Map<string, PriceFacts>();
  for (const section of prices) {
    for (const [name, priced] of Object.entries(facts.prices[section] ?? {})) {
      const [, quality, width, height, model] = /^(\w+)\/(\d+)-x-(\d+)\/(.+)$/.exec(name.replace(prefix, '')) ?? [];
      if (model === id && quality) sizes.set(`image:${width}x${height}:${quality}`, priced);
    }
  }
  return sizes;
}
