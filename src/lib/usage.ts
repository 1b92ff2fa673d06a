/**
 * The tokens of a request in disjoint buckets: no token is counted in two of them.
 *
 * Types, prices, columns, checks, sums and reports derive from this table: a new bucket is one line here and one
 * migration step in each store. `side` says which total it belongs to, `price` the field of a price list that prices it,
 * `column` its column in SQL.
 */
export const TOKEN_BUCKETS = {
  /** Input tokens read at the full price. */
  inputTokens: { side: 'input', price: 'input', column: 'input_tokens' },
  /** Input tokens served from the provider's prompt cache. */
  cachedInputTokens: { side: 'input', price: 'cachedInput', column: 'cached_input_tokens' },
  /** Input tokens written to the prompt cache (five-minute lifetime at Anthropic). */
  cacheWriteTokens: { side: 'input', price: 'cacheWrite', column: 'cache_write_tokens' },
  /** Input tokens written to the prompt cache with a one-hour lifetime. */
  cacheWrite1hTokens: { side: 'input', price: 'cacheWrite1h', column: 'cache_write_1h_tokens' },
  /** Output tokens other than reasoning. */
  outputTokens: { side: 'output', price: 'output', column: 'output_tokens' },
  /** Output tokens spent on reasoning. */
  reasoningTokens: { side: 'output', price: 'reasoning', column: 'reasoning_tokens' },
} as const satisfies Readonly<Record<string, TokenBucket>>;

interface TokenBucket {
  readonly side: 'input' | 'output';
  readonly price: string;
  readonly column: string;
}

/** The name of a bucket in a usage record. */
export type BucketName = keyof typeof TOKEN_BUCKETS;

/** The price fields of the buckets. */
export type TokenPriceName = (typeof TOKEN_BUCKETS)[BucketName]['price'];

/** The names of all buckets, in the order of the table. */
export const BUCKET_NAMES = Object.keys(TOKEN_BUCKETS) as readonly BucketName[];

/**
 * The tokens of one request in disjoint buckets.
 *
 * Every count is a non-negative safe integer. Providers report overlapping figures (OpenAI's prompt tokens include
 * cached ones, its completion tokens include reasoning); adapters split them before they build this record.
 */
export type TokenCounts = { readonly [Name in BucketName]: number };

/**
 * Counts of what costs money in addition to text tokens, by name: `web_search`, `image`, `input_second`, `input_audio_token`. Names
 * are open. Those that begin with `input_` or `output_` and end with `_token` are tokens that no bucket counts again.
 * Counts are non-negative; seconds and pages may have fractions.
 */
export type UnitCounts = Readonly<Record<string, number>>;

/** Where the counts come from: the provider's report, the gateway's own estimate, or nowhere (nothing was used). */
export type UsageSource = 'provider' | 'estimated' | 'none';

/** What one request used, and how that is known. */
export interface Usage extends TokenCounts {
  readonly source: UsageSource;
  /** Undefined: none. */
  readonly units?: UnitCounts;
  /** What the provider itself says the request cost, as a decimal string in USD. Undefined: it does not say. */
  readonly reportedCost?: string;
}

/** A request that used nothing. */
export const NO_USAGE: Usage = { ...countsOf(() => 0), source: 'none' };

/** Counts made bucket by bucket. */
export function countsOf(count: (name: BucketName) => number): TokenCounts {
  const counts = {} as Record<BucketName, number>;
  for (const name of BUCKET_NAMES) counts[name] = count(name);
  return counts;
}

/** Twice the longest context of any model: no honest count is larger. */
export const MAX_COUNT = 20_000_000;

/**
 * A token count out of a provider's JSON: a non-negative integer, else undefined. A count above `MAX_COUNT` is lowered
 * to it, never treated as missing: an estimate in its place would be lower.
 */
export function tokenCount(value: unknown): number | undefined {
  if (typeof value !== 'number' || !(value >= 0)) return undefined;
  if (value > MAX_COUNT) return MAX_COUNT;
  return Number.isInteger(value) ? value : undefined;
}

/** A count of units out of a provider's JSON; fractions are allowed. @see tokenCount */
export function unitCount(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? Math.min(value, MAX_COUNT) : undefined;
}

/** A cost in USD out of a provider's JSON as a decimal string: a number or decimal text from 0 to below a million, else undefined. */
export function reportedCost(value: unknown): string | undefined {
  const text = typeof value === 'number' ? decimalText(value) : value;
  return typeof text === 'string' && /^\d{1,6}(?:\.\d{1,40})?$/.test(text) ? text : undefined;
}

function decimalText(value: number): string {
  const text = String(value);
  return /e/i.test(text) ? value.toFixed(20).replace(/\.?0+$/, '') : text;
}

/** The units that are not 0; undefined when all are, so that usage without units has no such field. */
export function unitsOf(counts: Readonly<Record<string, number | undefined>>): { readonly units?: UnitCounts } {
  const used = Object.entries(counts).filter(([, count]) => count !== undefined && count > 0);
  return used.length === 0 ? {} : { units: Object.fromEntries(used) as UnitCounts };
}

const TOKEN_UNIT = /^(input|output)_(?:.*_)?token$/;

/** The side whose total a unit belongs to; undefined for a unit that is not a token. */
export function sideOfUnit(name: string): 'input' | 'output' | undefined {
  return TOKEN_UNIT.exec(name)?.[1] as 'input' | 'output' | undefined;
}

/** What was counted: buckets, and units where there are some. */
export type Counts = TokenCounts & { readonly units?: UnitCounts | undefined };

/** All input tokens, those among the units included: OpenAI's `prompt_tokens`. */
export function promptTokens(usage: Counts): number {
  const tokens = usage.inputTokens + usage.cachedInputTokens + usage.cacheWriteTokens + usage.cacheWrite1hTokens;
  return usage.units === undefined ? tokens : tokens + unitTokens(usage.units, 'input');
}

/** All output tokens, those among the units included: OpenAI's `completion_tokens`. */
export function completionTokens(usage: Counts): number {
  const tokens = usage.outputTokens + usage.reasoningTokens;
  return usage.units === undefined ? tokens : tokens + unitTokens(usage.units, 'output');
}

function unitTokens(units: UnitCounts, side: 'input' | 'output'): number {
  let tokens = 0;
  for (const [name, count] of Object.entries(units)) if (sideOfUnit(name) === side) tokens += count;
  return tokens;
}

/** The sum of two counts, bucket by bucket and unit by unit. */
export function addCounts<T extends Counts>(one: T, other: Counts): T {
  const units = addUnits(one.units, other.units);
  const counts = countsOf((name) => one[name] + other[name]);
  return { ...one, ...counts, ...(units && { units }) };
}

/** The sum of two counts of units. */
export function addUnits(one: UnitCounts | undefined, other: UnitCounts | undefined): UnitCounts | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const sum: Record<string, number> = { ...one };
  for (const [name, count] of Object.entries(other)) sum[name] = (sum[name] ?? 0) + count;
  return sum;
}

/** The `usage` object of a chat completion: prompt + completion = total, always. */
export interface OpenAIUsage {
  prompt_tokens: number;
  completion_tokens: number;
  total_tokens: number;
  prompt_tokens_details: { cached_tokens: number; audio_tokens: number; cache_write_tokens?: number };
  completion_tokens_details: {
    reasoning_tokens: number;
    audio_tokens: number;
    accepted_prediction_tokens: number;
    rejected_prediction_tokens: number;
  };
}

/** Projects the disjoint buckets onto OpenAI's overlapping fields. */
export function toOpenAIUsage(usage: Counts): OpenAIUsage {
  const prompt = promptTokens(usage);
  const completion = completionTokens(usage);
  const written = usage.cacheWriteTokens + usage.cacheWrite1hTokens;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      cached_tokens: usage.cachedInputTokens,
      audio_tokens: usage.units?.['input_audio_token'] ?? 0,
      ...(written > 0 && { cache_write_tokens: written }),
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoningTokens,
      audio_tokens: usage.units?.['output_audio_token'] ?? 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
