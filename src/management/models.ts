import type { Capabilities } from '../catalog/capabilities.js';
import type { Catalog, Model } from '../catalog/catalog.js';
import type { KeyStore } from '../keys/key-store.js';
import { formatDecimal } from '../lib/money.js';
import type { Price } from '../meter/price.js';
import { readAccountId } from './management.js';

/** A model as an account sees it. */
export interface ModelInfo {
  readonly id: string;
  readonly ownedBy: string;
  /** USD per million tokens, before the plan's multiplier. */
  readonly price: Price;
  /** The plan's factor on the price, as a decimal string. */
  readonly priceMultiplier: string;
  readonly maxOutputTokens: number;
  /** In tokens; null: unknown. */
  readonly contextWindow: number | null;
  readonly capabilities: Capabilities;
  readonly displayName: string;
  readonly description: string | null;
  /** The day it is switched off, `YYYY-MM-DD`. */
  readonly deprecated: string | null;
}

/** The models that are offered. */
export interface Models {
  /** What an account's plan includes; without an account, every model. An unknown account is on the default plan. */
  list(accountId?: string): Promise<ModelInfo[]>;
}

export function modelsOf({ catalog, keys }: { readonly catalog: Catalog; readonly keys: KeyStore }): Models {
  return {
    async list(accountId) {
      const all = [...catalog.models.values()];
      if (accountId === undefined) return all.map((model) => modelInfo(model, 1_000_000n));
      const account = await keys.getAccount(readAccountId(accountId));
      const plan = catalog.plans.get(account?.plan ?? catalog.defaultPlan);
      if (!plan) return [];
      return all.filter(({ id }) => plan.models?.has(id) ?? true).map((model) => modelInfo(model, plan.multiplier));
    },
  };
}

function modelInfo(model: Model, multiplier: bigint): ModelInfo {
  const { id, ownedBy, price, maxOutputTokens, capabilities, displayName } = model;
  const { contextWindow = null, description = null, deprecated = null } = model;
  const priceMultiplier = formatDecimal(multiplier, 6);
  const facts = { contextWindow, capabilities, displayName, description, deprecated };
  return { id, ownedBy, price, priceMultiplier, maxOutputTokens, ...facts };
}
