import type { ModelOptions } from '../catalog/catalog-options.js';
import { isObject } from '../lib/is-object.js';
import { shown } from '../lib/shown.js';
import { PROVIDERS } from './data/index.js';
import { atMarkup, readMarkup } from './markup.js';
import type { CatalogueModel, ProviderModels } from './model.js';

/** What `pick` does with the models that it finds. */
export interface PickOptions {
  /** Factor on every price: a number from 0 to 1,000 or such a decimal string, at most six decimals. @default 1 */
  readonly markup?: number | string;
  /**
   * Providers to pick from, in order of preference; or what your gateway calls them: `{ azure: 'my-azure' }`.
   *
   * @default openai, anthropic, google, xai, deepseek, mistral, groq: those who make models before those who resell them
   */
  readonly providers?: readonly string[] | Readonly<Record<string, string>>;
}

const CATALOGUE: Readonly<Record<string, ProviderModels>> = PROVIDERS;

/** Clouds sell what others make, under ids that their makers use: they are asked only by name. */
const CLOUDS: readonly string[] = ['azure', 'bedrock', 'vertex'];
const MAKERS = Object.keys(CATALOGUE).filter((name) => !CLOUDS.includes(name));

/**
 * Models of the catalogue as options of `createGateway`, with their prices.
 *
 * A pattern is a model's id, in which `*` stands for any characters; `azure/gpt-*` names the provider, too, and keeps it
 * in the models' names; `!*-preview` excludes what other patterns found. A model that several providers have comes from
 * the first of them.
 *
 * Each call returns objects of its own, which may be changed.
 *
 * @throws {RangeError} for a pattern that finds nothing, patterns that leave nothing, an unknown provider, or a markup that
 *   is not a number ≥ 0.
 */
export function pick(patterns: string | readonly string[], options: PickOptions = {}): Record<string, ModelOptions> {
  checkNames(options);
  const markup = readMarkup(options.markup ?? 1);
  const names = providerNames(options.providers);
  const list = readPatterns(patterns);
  const picked: Record<string, ModelOptions> = {};
  for (const pattern of list.filter((text) => !text.startsWith('!'))) {
    const found = matches(pattern, names);
    if (found.length === 0) throw new RangeError(nothingFound(pattern, [...names.keys()]));
    for (const { name, provider, id, model } of found) {
      if (Object.hasOwn(picked, name)) continue;
      const { price, ...facts } = model;
      picked[name] = {
        ...structuredClone(facts),
        provider: names.get(provider) ?? provider,
        ...(name !== id && { model: id }),
        price: atMarkup(price, markup),
      };
    }
  }
  for (const pattern of list.filter((text) => text.startsWith('!'))) {
    const excluded = matcher(pattern.slice(1));
    for (const name of Object.keys(picked)) if (excluded.test(name)) delete picked[name];
  }
  if (list.length > 0 && Object.keys(picked).length === 0) {
    throw new RangeError(`no model is left of ${list.map((pattern) => `'${pattern}'`).join(', ')}`);
  }
  return picked;
}

function readPatterns(patterns: unknown): readonly string[] {
  const list = typeof patterns === 'string' ? [patterns] : patterns;
  if (Array.isArray(list) && list.every((pattern) => typeof pattern === 'string')) return list;
  throw new RangeError("patterns must be a model's id, a pattern such as 'gpt-6-*', or a list of them");
}

interface Found {
  /** What clients are to ask for. */
  readonly name: string;
  readonly provider: string;
  readonly id: string;
  readonly model: CatalogueModel;
}

/** Where nothing is found under a provider's name, the slash is taken for a part of the id: `openai/gpt-oss-120b` at Groq. */
function matches(pattern: string, names: ReadonlyMap<string, string>): Found[] {
  const slash = pattern.indexOf('/');
  const provider = pattern.slice(0, Math.max(slash, 0));
  const asked = names.has(provider) || (CLOUDS.includes(provider) && [...names.keys()].join() === MAKERS.join());
  const qualified = asked ? idsOf(provider, pattern.slice(slash + 1), `${provider}/`) : [];
  return qualified.length > 0 ? qualified : [...names.keys()].flatMap((name) => idsOf(name, pattern, ''));
}

function idsOf(provider: string, pattern: string, prefix: string): Found[] {
  const wanted = matcher(pattern);
  return Object.entries(CATALOGUE[provider] ?? {})
    .filter(([id]) => wanted.test(id))
    .map(([id, model]) => ({ name: `${prefix}${id}`, provider, id, model }));
}

function matcher(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[\\^$.|?+()[\]{}]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}

/** Names in the catalogue, and what the gateway calls them. */
function providerNames(providers: PickOptions['providers'] = MAKERS): Map<string, string> {
  if (typeof providers !== 'object' || providers === null)
    throw new RangeError("providers must be a list of names, or an object: { azure: 'my-azure' }");
  const names = new Map(
    Array.isArray(providers) ? providers.map((name: string) => [name, name]) : Object.entries(providers),
  );
  if (names.size === 0) throw new RangeError('providers must name at least one provider of the catalogue');
  for (const name of names.keys()) {
    if (typeof name !== 'string' || !Object.hasOwn(CATALOGUE, name)) {
      throw new RangeError(
        `the catalogue has no provider '${shown(name)}'; it has ${Object.keys(CATALOGUE).join(', ')}`,
      );
    }
  }
  return names;
}

function checkNames(options: PickOptions): void {
  if (!isObject(options)) throw new RangeError('the options of pick must be an object');
  const unknown = Object.keys(options).find((name) => name !== 'markup' && name !== 'providers');
  if (unknown !== undefined) throw new RangeError(`'${unknown}' is not an option of pick`);
}

/** Says where else the model is, or which ids begin alike. */
function nothingFound(pattern: string, providers: readonly string[]): string {
  const elsewhere = Object.keys(CATALOGUE).filter(
    (name) => !providers.includes(name) && idsOf(name, pattern, '').length > 0,
  );
  if (elsewhere.length > 0)
    return `no model matches '${pattern}' at ${providers.join(', ')}; ${elsewhere.join(', ')} has it`;
  const start = pattern.replace(/[*/].*$/, '').slice(0, 5);
  const alike = providers.flatMap((name) => Object.keys(CATALOGUE[name] ?? {})).filter((id) => id.startsWith(start));
  const hint = start !== '' && alike.length > 0 ? `; there are ${alike.slice(0, 5).join(', ')}` : '';
  return `no model matches '${pattern}' at ${providers.join(', ')}${hint}`;
}
