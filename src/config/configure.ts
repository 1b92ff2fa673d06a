import { type Catalog, readBudget, readModel, readPlan } from '../catalog/catalog.js';
import { LiveCatalog } from '../catalog/live-catalog.js';
import { Targets } from '../pipeline/calling/targets.js';
import { adoptAdapter } from '../providers/adopt.js';
import { checkConfiguration } from './check-options.js';
import type { ConfigureOptions, GatewayOptions } from './options.js';

/** What a gateway offers, and how that is replaced. */
export interface Configuration {
  readonly catalog: LiveCatalog;
  readonly targets: Targets;
  /** @throws {TypeError} that lists every mistake; then nothing has changed. */
  configure(change: ConfigureOptions): void;
}

/** Reads models and plans of checked options, and keeps them replaceable. */
export function configurationOf(options: GatewayOptions, now: () => number, random: () => number): Configuration {
  let inForce = options;
  const catalog = new LiveCatalog(readCatalog(options));
  const targets = new Targets(targetsOf(catalog), now, random);
  return {
    catalog,
    targets,
    configure(change) {
      const given = Object.fromEntries(Object.entries(change ?? {}).filter(([, value]) => value !== undefined));
      const next: GatewayOptions = { ...inForce, ...given };
      checkConfiguration(change, next);
      const read = readCatalog(next);
      targets.replace(targetsOf(read));
      catalog.replace(read);
      inForce = next;
    },
  };
}

function readCatalog(options: GatewayOptions): Catalog {
  const adapters = new Map(Object.entries(options.providers).map(([name, adapter]) => [name, adoptAdapter(adapter)]));
  const models = new Map(Object.entries(options.models).map(([id, model]) => [id, readModel(id, model, adapters)]));
  const plans = new Map(Object.entries(options.plans).map(([name, plan]) => [name, readPlan(name, plan)]));
  return {
    models,
    plans,
    defaultPlan: options.defaultPlan ?? [...plans.keys()][0] ?? '',
    budgets: (options.budgets ?? []).map(readBudget),
  };
}

function targetsOf({ models }: Catalog) {
  return [...models.values()].flatMap((model) => model.targets);
}
