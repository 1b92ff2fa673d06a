import { type NanoUsd, parseUsd } from '../lib/money.js';
import type { Limits } from '../limits/rate-limiter.js';
import { type Price, type PriceList, readMultiplier, readPrice } from '../meter/price.js';
import type { BudgetPeriod, WindowLength } from '../meter/windows.js';
import type { ProviderAdapter } from '../providers/adapter.js';
import type { Capabilities } from './capabilities.js';
import { type FamilyFacts, familyFacts } from './family-facts.js';

/** Output limit assumed for a model whose options set none. */
export const DEFAULT_MAX_OUTPUT_TOKENS = 16_384;

/**
 * The context window that holds assume for a model whose options set none: the largest that is common. What only the provider can
 * size (a URL, a file id, a page that a tool reads) is held for as the whole window.
 */
const DEFAULT_CONTEXT_WINDOW = 1_000_000;

/** A model as clients name it. */
export interface ModelOptions {
  /** Name of the provider that serves it; use either this or `targets`. */
  readonly provider?: string;
  /** The provider's own id of the model. @default the name of the model in these options */
  readonly model?: string;
  /** Several places that can serve it, in order of preference. */
  readonly targets?: readonly TargetOptions[];
  readonly price: Price;
  /** What the operator pays for it, where `provider` names the one target. @default unknown */
  readonly cost?: Price;
  /** The most output tokens, reasoning included, that one answer can have. @default 16,384 */
  readonly maxOutputTokens?: number;
  /**
   * The most tokens that input and output can have together. A hold takes all of it as input where a request has something
   * whose size only the provider knows: a URL, a file id, a tool that reads. @default what is known of the family, else
   * unknown; holds then take 1,000,000
   */
  readonly contextWindow?: number;
  /** What it takes and can do; shown to clients, not enforced. @default what is known of the model's family */
  readonly capabilities?: Capabilities;
  /** A name to show to people. @default the name of the model in these options */
  readonly displayName?: string;
  /** One or two sentences to show to people. */
  readonly description?: string;
  /** The day it is switched off or should no longer be used, `YYYY-MM-DD`; shown to clients, not enforced. */
  readonly deprecated?: string;
  /** Unix seconds, shown in the list of models. @default 0 */
  readonly created?: number;
  /** Shown in the list of models. @default the name of the provider */
  readonly ownedBy?: string;
}

export interface TargetOptions {
  readonly provider: string;
  /** @default the name of the model */
  readonly model?: string;
  /** The price of requests that this target serves. @default the price of the model */
  readonly price?: Price;
  /** What the operator pays for it, for reports of margins. @default what the provider reports, else unknown */
  readonly cost?: Price;
  /** Share of the requests that try this target first. Unset everywhere: the first target is always tried first. */
  readonly weight?: number;
}

/** What accounts on a plan may do. */
export interface PlanOptions {
  /** Names of models, or `'*'` for all of them. */
  readonly models: '*' | readonly string[];
  /** Shared by all keys of an account. @default none */
  readonly limits?: Limits;
  /**
   * `metered` records the cost and never refuses; `prepaid` refuses what allowances, grants and balance can't cover;
   * `postpaid` lets the balance go below zero, down to `creditLimit`. @default 'metered'
   */
  readonly billing?: 'metered' | 'prepaid' | 'postpaid';
  /** How far below zero the balance may go, in USD; needed with `postpaid`, and only there. */
  readonly creditLimit?: number | string;
  /** Usage that the plan includes. Every allowance that matches the model must have room for the request. @default none */
  readonly allowance?: AllowanceOptions | readonly AllowanceOptions[];
  /** What happens beyond the allowances: paid from grants and balance, or refused. @default 'balance' */
  readonly overflow?: 'balance' | 'refuse';
  /**
   * Tools that the provider runs and bills by the call, by the names of their units: `web_search`, `code_execution`. On
   * prepaid plans and budgets they must be priced in `units`, too. @default all on metered plans without a budget, else none
   */
  readonly tools?: '*' | readonly string[];
  /** @default the gateway's */
  readonly toolLimits?: ToolLimitOptions;
  /** Factor on all prices, from 0 to 1,000 with at most six decimals. @default 1 */
  readonly priceMultiplier?: number | string;
}

/** How often tools that the provider runs may run in one request. */
export interface ToolLimitOptions {
  /** Where the client sets no limit: held for, and sent where the provider has such a field. @default 5 */
  readonly maxUses?: number;
}

/** A cap on the use that a plan includes, in a stretch of time. */
export interface AllowanceOptions {
  /** In USD. */
  readonly amount: number | string;
  /**
   * `day`, `week` (from Monday), `month` by the UTC calendar; `5h`, `7d`: begins with the first request after the last
   * window ended.
   */
  readonly per: WindowLength;
  /** Names of models, with `*` for anything. @default all models */
  readonly models?: readonly string[];
  /** `account`: weeks and months begin on the day on which the account got the plan. @default the calendar */
  readonly anchor?: 'account';
}

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

/** A budget that every account has, for each subject of a kind. */
export interface BudgetOptions {
  /** `account`, `endUser`, `session` or `tag:NAME`. */
  readonly subject: BudgetSubject;
  /** In USD. */
  readonly amount: number | string;
  /** A UTC day, week (from Monday) or month, or for ever. */
  readonly per: BudgetPeriod;
}

/** What a budget is for, within each account. */
export type BudgetSubject = 'account' | 'endUser' | 'session' | `tag:${string}`;

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
