import type { ModelOptions } from '../catalog/catalog-options.js';

/** A model of the catalogue: the options of a model, except for the provider that serves it. */
export type CatalogueModel = Omit<ModelOptions, 'provider' | 'model' | 'targets' | 'description'> &
  Required<Pick<ModelOptions, 'capabilities' | 'created' | 'ownedBy'>>;

/** The models of one provider by its own ids, in the order of its price list. */
export type ProviderModels = Readonly<Record<string, CatalogueModel>>;
