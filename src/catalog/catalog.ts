import { type NanoUsd, parseUsd } from '../lib/money.js';
import type { Limits } from '../limits/rate-limiter.js';
import { type Price, type PriceList, readMultiplier, readPrice } from '../meter/price.js';
import type { BudgetPeriod, WindowLength } from '../meter/windows.js';
import type { ProviderAdapter } from '../providers/adapter.js';
import type { Capabilities } from './capabilities.js';
import type {
  AllowanceOptions,
  BudgetOptions,
  BudgetSubject,
  ModelOptions,
  PlanOptions,
  TargetOptions,
} from './catalog-options.js';
import { type FamilyFacts, familyFacts } from './family-facts.js';

/** Output limit assumed for a model whose options set none. */
export const DEFAULT_MAX_OUTPUT_TOKENS = 16_384;

/**
 * The context window that holds assume for a model whose options set none: the largest that is common. What only the provider can
 * size (a URL, a file id, a page that a tool reads) is held for as the whole window.
 */
const DEFAULT_CONTEXT_WINDOW = 1_000_000;

/** A model with its options read. */
export interface Model {
  readonly id: string;
  readonly targets: readonly Target[];
  readonly price: Price;
  readonly maxOutputTokens: number;
  /** True when the operator set `maxOutputTokens`. */
  readonly outputLimitConfigured: boolean;
  /** In tokens; undefined: unknown. */
  readonly contextWindow: number | undefined;
  /**
   * The window that holds assume: the operator's own figure, else at least 1,000,000, since a bound must not rest on a
   * guess by name.
   */
  readonly heldWindow: number;
  readonly capabilities: Capabilities;
  readonly displayName: string;
  readonly description: string | undefined;
  /** `YYYY-MM-DD`. */
  readonly deprecated: string | undefined;
  readonly created: number;
  readonly ownedBy: string;
}

/** One place that can serve a model. */
export interface Target {
  /** `provider/model`: its name in health reports. */
  readonly id: string;
  readonly provider: string;
  readonly adapter: ProviderAdapter;
  readonly model: string;
  readonly price: PriceList;
  /** Undefined: not known. */
  readonly cost: PriceList | undefined;
  readonly weight: number | undefined;
}

/** A plan with its options read. */
export interface Plan {
  readonly name: string;
  /** Undefined: every model. */
  readonly models: ReadonlySet<string> | undefined;
  readonly limits: Limits;
  /** False: metered. */
  readonly prepaid: boolean;
  /** How far below zero the balance may go; 0 but for postpaid plans. */
  readonly creditLimit: NanoUsd;
  readonly allowances: readonly AllowanceRule[];
  readonly overflow: 'balance' | 'refuse';
  /** Undefined: depends on `billing`. */
  readonly tools: '*' | ReadonlySet<string> | undefined;
  readonly maxToolUses: number | undefined;
  /** In millionths. */
  readonly multiplier: bigint;
}

/** An allowance with its options read. */
export interface AllowanceRule {
  /** Its length, and its models where it is for some: what was used counts on in another plan's of the same id. */
  readonly id: string;
  readonly limit: NanoUsd;
  readonly per: WindowLength;
  readonly anchored: boolean;
  /** As configured; undefined: all. */
  readonly modelNames: readonly string[] | undefined;
  readonly models: readonly RegExp[] | undefined;
}

/** All models and plans, by name. */
export interface Catalog {
  readonly models: ReadonlyMap<string, Model>;
  readonly plans: ReadonlyMap<string, Plan>;
  readonly defaultPlan: string;
  /** Budgets of every account. */
  readonly budgets: readonly BudgetRule[];
}

/** A budget with its options read. */
export interface BudgetRule {
  readonly subject: BudgetSubject;
  readonly limit: NanoUsd;
  readonly period: BudgetPeriod;
}

/** Reads a budget's options; they have been checked. */
export function readBudget({ subject, amount, per }: BudgetOptions): BudgetRule {
  return { subject, limit: parseUsd(amount), period: per };
}

/** Reads a model's options; they have been checked. */
export function readModel(id: string, options: ModelOptions, adapters: ReadonlyMap<string, ProviderAdapter>): Model {
  const targets = options.targets ?? [
    {
      provider: options.provider ?? '',
      ...(options.model && { model: options.model }),
      ...(options.cost && { cost: options.cost }),
    },
  ];
  const families = targets.map((target) => familyFacts(target.model ?? id));
  return {
    id,
    targets: targets.map((target) => readTarget(id, target, options, adapters)),
    price: options.price,
    maxOutputTokens: options.maxOutputTokens ?? DEFAULT_MAX_OUTPUT_TOKENS,
    outputLimitConfigured: options.maxOutputTokens !== undefined,
    contextWindow: options.contextWindow ?? largestWindow(families),
    heldWindow: options.contextWindow ?? Math.max(DEFAULT_CONTEXT_WINDOW, largestWindow(families) ?? 0),
    capabilities: options.capabilities ?? families[0]?.capabilities ?? {},
    displayName: options.displayName ?? id,
    description: options.description,
    deprecated: options.deprecated,
    created: options.created ?? 0,
    ownedBy: options.ownedBy ?? targets[0]?.provider ?? '',
  };
}

/** The largest of all targets, so that no request is held for less than it can become; undefined if one is not known. */
function largestWindow(families: readonly FamilyFacts[]): number | undefined {
  const windows = families.map(({ contextWindow }) => contextWindow);
  return windows.some((window) => window === undefined) ? undefined : Math.max(...windows.map(Number));
}

function readTarget(
  id: string,
  target: TargetOptions,
  options: ModelOptions,
  adapters: ReadonlyMap<string, ProviderAdapter>,
): Target {
  const adapter = adapters.get(target.provider);
  if (!adapter) throw new Error(`unknown provider ${target.provider}`);
  const model = target.model ?? id;
  return {
    id: `${target.provider}/${model}`,
    provider: target.provider,
    adapter,
    model,
    price: readPrice(target.price ?? options.price),
    cost: target.cost && readPrice(target.cost),
    weight: target.weight,
  };
}

/** Reads a plan's options; they have been checked. */
export function readPlan(name: string, options: PlanOptions): Plan {
  return {
    name,
    models: options.models === '*' ? undefined : new Set(options.models),
    limits: options.limits ?? {},
    prepaid: options.billing === 'prepaid' || options.billing === 'postpaid',
    creditLimit: parseUsd(options.creditLimit ?? 0),
    allowances: allowanceList(options).map(readAllowance),
    overflow: options.overflow ?? 'balance',
    tools: Array.isArray(options.tools) ? new Set(options.tools) : (options.tools as '*' | undefined),
    maxToolUses: options.toolLimits?.maxUses,
    multiplier: readMultiplier(options.priceMultiplier ?? 1),
  };
}

/** The allowances of a plan's options. */
export function allowanceList({ allowance = [] }: Pick<PlanOptions, 'allowance'>): readonly AllowanceOptions[] {
  return Array.isArray(allowance) ? (allowance as readonly AllowanceOptions[]) : [allowance as AllowanceOptions];
}

/** Names an allowance by what it counts. */
export function allowanceId({ per, models }: Pick<AllowanceOptions, 'per' | 'models'>): string {
  return models === undefined ? per : `${per}:${[...models].sort().join(',')}`;
}

function readAllowance(options: AllowanceOptions): AllowanceRule {
  const { amount, per, models, anchor } = options;
  return {
    id: allowanceId(options),
    limit: parseUsd(amount),
    per,
    anchored: anchor === 'account',
    modelNames: models,
    models: models?.map(modelPattern),
  };
}

/** A model name in which `*` stands for anything. */
export function modelPattern(pattern: string): RegExp {
  const parts = pattern.split('*').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`);
}

/** True when the plan, and the key where it narrows the plan, includes the model. */
export function includesModel(plan: Plan, keyModels: readonly string[] | undefined, model: string): boolean {
  return (
    (plan.models === undefined || plan.models.has(model)) && (keyModels === undefined || keyModels.includes(model))
  );
}
