/**
 * The tokens of one request in disjoint buckets: no token is counted in two of them.
 *
 * Every count is a non-negative safe integer. Providers report overlapping figures (OpenAI's prompt tokens include
 * cached ones, its completion tokens include reasoning); adapters split them before they build this record.
 */
export interface TokenCounts {
  /** Input tokens read at the full price. */
  readonly inputTokens: number;
  /** Input tokens served from the provider's prompt cache. */
  readonly cachedInputTokens: number;
  /** Input tokens written to the prompt cache (five-minute lifetime at Anthropic). */
  readonly cacheWriteTokens: number;
  /** Input tokens written to the prompt cache with a one-hour lifetime. */
  readonly cacheWrite1hTokens: number;
  /** Output tokens other than reasoning. */
  readonly outputTokens: number;
  /** Output tokens spent on reasoning. */
  readonly reasoningTokens: number;
}

/** Where the counts come from: the provider's report, the gateway's own estimate, or nowhere (nothing was used). */
export type UsageSource = 'provider' | 'estimated' | 'none';

/** What one request used, and how that is known. */
export interface Usage extends TokenCounts {
  readonly source: UsageSource;
}

/** A request that used nothing. */
export const NO_USAGE: Usage = {
  inputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  cacheWrite1hTokens: 0,
  outputTokens: 0,
  reasoningTokens: 0,
  source: 'none',
};

/** Twice the longest context there is; larger counts are garbage and treated as missing. */
const MAX_TOKENS = 20_000_000;

/** A token count out of a provider's JSON: a sane non-negative integer, else undefined. */
export function tokenCount(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= MAX_TOKENS ? value : undefined;
}

/** All input tokens: OpenAI's `prompt_tokens`. */
export function promptTokens(usage: TokenCounts): number {
  return usage.inputTokens + usage.cachedInputTokens + usage.cacheWriteTokens + usage.cacheWrite1hTokens;
}

/** All output tokens: OpenAI's `completion_tokens`. */
export function completionTokens(usage: TokenCounts): number {
  return usage.outputTokens + usage.reasoningTokens;
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
export function toOpenAIUsage(usage: TokenCounts): OpenAIUsage {
  const prompt = promptTokens(usage);
  const completion = completionTokens(usage);
  const written = usage.cacheWriteTokens + usage.cacheWrite1hTokens;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: {
      cached_tokens: usage.cachedInputTokens,
      audio_tokens: 0,
      ...(written > 0 && { cache_write_tokens: written }),
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoningTokens,
      audio_tokens: 0,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  };
}
