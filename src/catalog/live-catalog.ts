import type { Catalog } from './catalog.js';

/**
 * The catalog in force, which can be replaced while the gateway runs.
 *
 * A request takes `current` once, when it comes in, and keeps to it; what looks at single fields sees the newest.
 */
export class LiveCatalog implements Catalog {
  #current: Catalog;

  constructor(first: Catalog) {
    this.#current = first;
  }

  /** Never changes itself. */
  get current(): Catalog {
    return this.#current;
  }

  get models(): Catalog['models'] {
    return this.#current.models;
  }

  get plans(): Catalog['plans'] {
    return this.#current.plans;
  }

  get defaultPlan(): string {
    return this.#current.defaultPlan;
  }

  get budgets(): Catalog['budgets'] {
    return this.#current.budgets;
  }

  replace(next: Catalog): void {
    this.#current = next;
  }
}
