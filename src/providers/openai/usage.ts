import {
  completionTokens,
  MAX_COUNT,
  NO_USAGE,
  promptTokens,
  reportedCost,
  tokenCount,
  type Usage,
} from '../../lib/usage.js';
import { type MediaTokens, splitMedia } from '../media-tokens.js';
import { type Fields, isFields } from './fields.js';

/**
 * Splits an OpenAI-shaped usage object into disjoint buckets; undefined when it holds no sane pair of counts.
 *
 * OpenAI's `prompt_tokens` include cached and cache-written ones, its `completion_tokens` include reasoning. Others
 * differ: DeepSeek reports `prompt_cache_hit_tokens`, xAI and Google's compatible endpoint leave reasoning out of
 * `completion_tokens`, so that `total_tokens` is larger than the sum; the rest of the total is reasoning then. Routers say
 * what the request cost, in USD.
 *
 * Sources: the OpenAI API reference, `CompletionUsage`; OpenRouter's API reference, usage accounting.
 */
export function readUsage(value: unknown): Usage | undefined {
  const usage = record(value);
  // A total that no sum of honest counts can reach says nothing about the parts.
  const total = honest(tokenCount(usage.total_tokens));
  const prompt = tokenCount(usage.prompt_tokens) ?? rest(total, tokenCount(usage.completion_tokens));
  const completion = tokenCount(usage.completion_tokens) ?? rest(total, prompt);
  if (prompt === undefined || completion === undefined) return undefined;

  const promptDetails = record(usage.prompt_tokens_details);
  const cached = Math.min(
    prompt,
    tokenCount(promptDetails.cached_tokens) ??
      tokenCount(usage.prompt_cache_hit_tokens) ??
      tokenCount(usage.cached_tokens) ??
      0,
  );
  const written = Math.min(prompt - cached, tokenCount(promptDetails.cache_write_tokens) ?? 0);

  const completionDetails = record(usage.completion_tokens_details);
  const unlisted = Math.max(0, (total ?? 0) - prompt - completion);
  const reported = tokenCount(completionDetails.reasoning_tokens) ?? tokenCount(usage.reasoning_tokens) ?? 0;
  const reasoning = Math.min(completion + unlisted, Math.max(reported, unlisted));
  const read: Usage = {
    ...NO_USAGE,
    inputTokens: prompt - cached - written,
    cachedInputTokens: cached,
    cacheWriteTokens: written,
    outputTokens: completion + unlisted - reasoning,
    reasoningTokens: reasoning,
    source: 'provider',
  };
  const cost = reportedCost(usage.cost);
  const costed = cost === undefined ? read : { ...read, reportedCost: cost };
  const media = mediaTokens(promptDetails, completionDetails);
  return media ? splitMedia(costed, media) : costed;
}

/** Sound and pictures by the details of a report; undefined: nothing. What was cached has the cache's price. */
export function mediaTokens(input: Fields, output: Fields): MediaTokens | undefined {
  const cached = record(input.cached_tokens_details);
  const media: MediaTokens = {
    inputAudio: uncached(input.audio_tokens, cached.audio_tokens),
    inputImage: uncached(input.image_tokens, cached.image_tokens),
    outputAudio: tokenCount(output.audio_tokens) ?? 0,
    outputImage: tokenCount(output.image_tokens) ?? 0,
  };
  return media.inputAudio + media.inputImage + media.outputAudio + media.outputImage > 0 ? media : undefined;
}

function uncached(all: unknown, cached: unknown): number {
  return Math.max(0, (tokenCount(all) ?? 0) - (tokenCount(cached) ?? 0));
}

function honest(total: number | undefined): number | undefined {
  return total === MAX_COUNT ? undefined : total;
}

/** True when a report says in its own words what is recorded: neither corrected nor joined with another. */
export function isSameReport(value: unknown, usage: Usage | undefined): boolean {
  if (usage === undefined) return false;
  const { prompt_tokens: prompt, completion_tokens: completion, total_tokens: total } = record(value);
  const input = promptTokens(usage);
  const output = completionTokens(usage);
  return prompt === input && completion === output && total === input + output;
}

function rest(total: number | undefined, part: number | undefined): number | undefined {
  return total === undefined || part === undefined || part > total ? undefined : total - part;
}

function record(value: unknown): Fields {
  return isFields(value) ? value : {};
}
