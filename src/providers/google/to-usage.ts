import { addUnits, NO_USAGE, tokenCount, type Usage, unitsOf } from '../../lib/usage.js';
import { isObject } from '../../openai-api/field-checks.js';
import { type MediaTokens, splitMedia } from '../media-tokens.js';
import type { GroundingMetadata, UsageMetadata } from './api.js';
import { mediaTokens } from './modalities.js';

/** The newest sane value of each count; Gemini repeats its usage in every event and may leave counts out. */
export interface CountedTokens {
  prompt: number | undefined;
  cached: number | undefined;
  candidates: number | undefined;
  thoughts: number | undefined;
  toolUse: number | undefined;
  /** What of it is sound and pictures; undefined: all of it is text or video, which cost the same. */
  media: MediaTokens | undefined;
}

/** Counts before any report. */
export function noCounts(): CountedTokens {
  return {
    prompt: undefined,
    cached: undefined,
    candidates: undefined,
    thoughts: undefined,
    toolUse: undefined,
    media: undefined,
  };
}

/** Takes over what a report says and keeps the rest. Field by field: every event of a stream brings a report. */
export function updateCounts(counts: CountedTokens, metadata: UsageMetadata): void {
  counts.prompt = newer(counts.prompt, metadata.promptTokenCount);
  counts.cached = newer(counts.cached, metadata.cachedContentTokenCount);
  counts.candidates = newer(counts.candidates, metadata.candidatesTokenCount);
  counts.thoughts = newer(counts.thoughts, metadata.thoughtsTokenCount);
  counts.toolUse = newer(counts.toolUse, metadata.toolUsePromptTokenCount);
  counts.media = mediaTokens(metadata) ?? counts.media;
}

/** Gemini corrects its counts downward, too, but a zero after a count comes from a report that leaves it out. */
function newer(before: number | undefined, reported: unknown): number | undefined {
  const count = tokenCount(reported);
  return count === undefined || (count === 0 && before !== undefined) ? before : count;
}

/**
 * Counts in disjoint buckets; undefined when the provider reported none.
 *
 * `promptTokenCount` includes cached tokens, `candidatesTokenCount` excludes thoughts, and what the model's own tools
 * brought in counts as input. Source: ai.google.dev, API reference, `UsageMetadata`.
 */
export function toUsage(
  { prompt, cached, candidates, thoughts, toolUse, media }: CountedTokens,
  grounding?: GroundingMetadata,
): Usage | undefined {
  if ((prompt ?? cached ?? candidates ?? thoughts ?? toolUse) === undefined) return undefined;
  const cachedInputTokens = Math.min(cached ?? 0, prompt ?? 0);
  const usage: Usage = {
    ...NO_USAGE,
    inputTokens: (prompt ?? 0) - cachedInputTokens + (toolUse ?? 0),
    cachedInputTokens,
    outputTokens: candidates ?? 0,
    reasoningTokens: thoughts ?? 0,
    source: 'provider',
  };
  return media || grounding ? withUnits(usage, media, grounding) : usage;
}

function withUnits(usage: Usage, media: MediaTokens | undefined, grounding: GroundingMetadata | undefined): Usage {
  const split = media ? splitMedia(usage, media) : usage;
  const units = addUnits(split.units, grounding && searchesOf(grounding).units);
  return { ...split, ...(units && { units }) };
}

/** What an answer, or a piece of one, says of the searches behind it. */
export function groundingOf(candidates: unknown): GroundingMetadata | undefined {
  if (!Array.isArray(candidates)) return undefined;
  const grounded: unknown = candidates.find((one) => isObject(one) && isObject(one['groundingMetadata']));
  return isObject(grounded) ? (grounded['groundingMetadata'] as GroundingMetadata) : undefined;
}

/** Each query of a grounded answer is one search. Source: ai.google.dev, Gemini API pricing, grounding. */
function searchesOf({ webSearchQueries: queries }: GroundingMetadata): Pick<Usage, 'units'> {
  return Array.isArray(queries) ? unitsOf({ web_search: queries.length }) : {};
}
