import { DATE, PROVIDERS } from './data/index.js';
import type { ProviderModels } from './model.js';

export type { CatalogueModel, ProviderModels } from './model.js';
export { type PickOptions, pick } from './pick.js';

/** Known models and their prices. */
export interface Catalogue {
  /** `YYYY-MM-DD`: the day up to which prices and models were followed. */
  readonly date: string;
  /** The models of each provider by its own ids. */
  readonly providers: Readonly<Record<string, ProviderModels>>;
}

/** All that `pick` can pick from. It is frozen, so that no part of an app changes the prices of another. */
export const catalogue: Catalogue = /* @__PURE__ */ frozen({ date: DATE, providers: PROVIDERS });

function frozen<T extends object>(value: T): T {
  for (const inner of Object.values(value)) if (typeof inner === 'object') frozen(inner);
  return Object.freeze(value);
}
