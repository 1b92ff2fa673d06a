import type { Target } from '../../catalog/catalog.js';
import {
  addCounts,
  BUCKET_NAMES,
  completionTokens,
  countsOf,
  NO_USAGE,
  promptTokens,
  reportedCost,
  tokenCount,
  type UnitCounts,
  type Usage,
  unitCount,
  unitsOf,
} from '../../lib/usage.js';
import type { TokenBounds } from '../../meter/bounds.js';
import { highestUsage } from '../../meter/highest-usage.js';
import { mayHideOutput } from '../../providers/hidden-output.js';
import { certainUnits } from '../certain-units.js';
import { inputBound } from '../input-bound.js';
import type { Measurable } from '../measured-bound.js';
import type { Hold } from '../run-parts.js';

/** The part of a run that its charge depends on. */
export type Chargeable = Measurable & { readonly hold: Hold };

/** Letters per token of the gateway's estimates: a token covers at least one, so that this many times an estimate bounds it. */
const LETTERS_PER_TOKEN = 4;

/** What has come of an answer. */
export interface DeliveredOutput {
  /** What the provider has reported so far. */
  readonly reported: Usage | undefined;
  /** Output tokens of all that came, by the gateway's estimate. */
  readonly estimated: number;
  /** Output tokens of what may have come after that report was made. */
  readonly unreported: number;
  /** True when the report covers what is not shown, too, up to the last word that came. */
  readonly current: boolean;
}

export const NOTHING_DELIVERED: DeliveredOutput = { reported: undefined, estimated: 0, unreported: 0, current: false };

/**
 * The most that an answer can have used whose report will not come: the input that was sent, and the output that was delivered.
 *
 * @param options.hidden true: with all that the model may have thought without showing it.
 */
export function usageSoFar(
  run: Chargeable,
  target: Target,
  delivered: DeliveredOutput,
  options: { hidden: boolean },
): Usage {
  const { reported, estimated, unreported, current } = delivered;
  const limit = outputLimit(run);
  const used = reported ? completionTokens(reported) : 0;
  const text = Math.max(0, Math.min(LETTERS_PER_TOKEN * (reported ? unreported : estimated), limit - used));
  const hidden = options.hidden && !current && hidesOutput(run, target) ? Math.max(0, limit - used - text) : 0;
  if (!reported) {
    const most = highestUsage({ ...sentBounds(run), outputTokens: text }, target.price, hidden);
    return withUnits(most, certainUnits(run.operation, [target]));
  }
  if (text + hidden === 0) return reported;
  // A tool that reads makes input that is reported at the end.
  const reads = run.parts.tools?.uses !== undefined;
  const sent = reads ? sentBounds(run) : { inputTokens: 0 };
  const inputTokens = Math.max(0, sent.inputTokens - promptTokens(reported));
  const missing = highestUsage(
    { inputTokens, outputTokens: text, ...(sent.units && { units: sent.units }) },
    target.price,
    hidden,
  );
  return { ...addCounts(reported, missing), source: 'estimated' };
}

/**
 * A report that can be charged; undefined for none and for invalid counts, which any adapter may send. What
 * is above every limit is lowered to it and charged.
 */
export function credible(usage: Usage | undefined): Usage | undefined {
  if (usage === undefined) return undefined;
  let exact = usage.units === undefined && usage.reportedCost === undefined;
  for (const name of BUCKET_NAMES) {
    const count = tokenCount(usage[name]);
    if (count === undefined) return undefined;
    if (count !== usage[name]) exact = false;
  }
  return exact ? usage : cleaned(usage);
}

function cleaned({ units = {}, reportedCost: reported, source, ...counts }: Usage): Usage {
  const cost = reportedCost(reported);
  return {
    ...countsOf((name) => tokenCount(counts[name]) ?? 0),
    source,
    ...unitsOf(Object.fromEntries(Object.entries(units).map(([name, count]) => [name, unitCount(count)]))),
    ...(cost !== undefined && { reportedCost: cost }),
  };
}

/** What is charged at a target for a whole answer, or for what was delivered of one that was cut. */
export function chargedAt(
  { operation }: Pick<Chargeable, 'operation'>,
  target: Target,
  reported: Usage | undefined,
  unreported: () => Usage,
): Usage {
  return operation.pricedUse ? operation.pricedUse(target).charged(reported) : (reported ?? unreported());
}

/**
 * What is charged for a complete answer without a report: the most that it can have used where money was held for that, else
 * the gateway's estimate.
 */
export function unreportedUsage(run: Chargeable, target: Target, estimatedOutput: number): Usage {
  const { hold, operation } = run;
  if (hold.open) {
    return usageSoFar(run, target, { ...NOTHING_DELIVERED, estimated: estimatedOutput }, { hidden: true });
  }
  const estimated = estimatedUsage(operation.input.estimatedTokens, Math.min(estimatedOutput, outputLimit(run)));
  return withUnits(estimated, certainUnits(operation, [target]));
}

function withUnits(usage: Usage, units: UnitCounts | undefined): Usage {
  return units ? { ...usage, units: { ...units, ...usage.units } } : usage;
}

/**
 * The most that a whole answer can have used: what is charged where it was made, or may have been, and no report of it can be
 * read.
 */
export function wholeUsage(run: Chargeable, target: Target): Usage {
  return highestUsage({ ...sentBounds(run), outputTokens: 0 }, target.price, outputLimit(run));
}

/**
 * What is charged for a request whose client left before its answer began: with a hold the most that a whole answer can have
 * used, since many providers make and bill it anyway; of a stream, what had come of it.
 */
export function unansweredUsage(run: Chargeable, target: Target): Usage {
  if (run.hold.open && !run.operation.stream) return wholeUsage(run, target);
  return usageSoFar(run, target, NOTHING_DELIVERED, { hidden: true });
}

/** Counts that no provider has reported. */
export function estimatedUsage(inputTokens: number, outputTokens: number): Usage {
  return { ...NO_USAGE, inputTokens, outputTokens, source: 'estimated' };
}

/** What was sent: what the hold was made for; where nothing was held, what it would have been made for. */
function sentBounds(run: Chargeable): Omit<TokenBounds, 'outputTokens'> {
  return run.hold.bounds ?? inputBound(run);
}

/** By what the operator says of the model, else by its name. */
function hidesOutput({ resolution }: Chargeable, { model }: Target): boolean {
  const { reasoning } = resolution.model.capabilities;
  return reasoning === undefined ? mayHideOutput(model) : reasoning !== false;
}

/** Output tokens of all answers together. */
function outputLimit({ hold, resolution, operation }: Chargeable): number {
  if (operation.output === undefined) return 0;
  return (hold.maxOutputTokens ?? resolution.model.maxOutputTokens) * operation.output.choices;
}
