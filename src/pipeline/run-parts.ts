import type { Target } from '../catalog/catalog.js';
import type { RouteTexts } from '../hooks/route-texts.js';
import type { NanoUsd } from '../lib/money.js';
import type { UnitCounts } from '../lib/usage.js';
import type { LimitState } from '../limits/rate-limiter.js';
import type { TokenBounds } from '../meter/bounds.js';
import type { PaymentTerms } from '../meter/meter.js';
import type { SentSize } from '../providers/sent-size.js';
import type { Operation } from './operation.js';
import type { Principal } from './principal.js';
import type { Resolution } from './resolve.js';

/** Money set aside for one request, and the output limit it pays for. */
export interface Hold {
  /** True when the meter holds something under the request's id. */
  readonly open: boolean;
  /** How much. */
  readonly held: NanoUsd;
  /** How it is paid for. */
  readonly terms: PaymentTerms;
  /** What the hold was made for; a provider that reports more is an overrun. Undefined: nothing was held. */
  readonly bounds: TokenBounds | undefined;
  /** Output limit per answer to send to the provider; undefined: the provider's own. */
  readonly maxOutputTokens: number | undefined;
  /** True when the client set no limit and `maxOutputTokens` is the gateway's. */
  readonly outputLimitAdded: boolean;
}

/** The tools of a request that its provider runs. */
export interface RunTools {
  /** Paths of tools that may not run and were dropped. */
  readonly dropped: readonly string[];
  /** The most uses of each that may. */
  readonly uses: UnitCounts | undefined;
}

/** That a request may run, and what it took from its limits. */
export interface AdmissionGrant {
  /** Estimated input and output tokens. */
  readonly tokens: number;
  /** True when the limiter has something under the request's id. */
  readonly open: boolean;
  readonly states: readonly LimitState[];
}

/** What a large request comes to at each of its targets. */
export type MeasuredSizes = ReadonlyMap<Target, SentSize>;

/** What the first five stages find out, in this order; undefined: not yet. */
export interface RunParts {
  principal: Principal | undefined;
  operation: Operation | undefined;
  resolution: Resolution | undefined;
  /** Undefined: there are no hooks. */
  texts: RouteTexts | undefined;
  /** Undefined: not looked at, because none has to be. */
  tools: RunTools | undefined;
  admission: AdmissionGrant | undefined;
  /** Undefined: not measured before they are asked for. */
  sizes: MeasuredSizes | undefined;
  hold: Hold | undefined;
}
