import type { Limits } from '../limits/rate-limiter.js';
import type { Price } from '../meter/price.js';
import type { BudgetPeriod, WindowLength } from '../meter/windows.js';
import type { Capabilities } from './capabilities.js';

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
