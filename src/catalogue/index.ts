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

/** All that `pick` can pick from. */
export const catalogue: Catalogue = { date: DATE, providers: PROVIDERS };
