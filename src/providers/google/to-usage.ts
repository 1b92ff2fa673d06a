import { tokenCount, type Usage } from '../../meter/usage.js';
import type { UsageMetadata } from './api.js';

const FIELDS = [
  'promptTokenCount',
  'cachedContentTokenCount',
  'candidatesTokenCount',
  'thoughtsTokenCount',
  'toolUsePromptTokenCount',
] as const;

/** The newest sane value of each count; Gemini repeats its usage in every event and may leave counts out. */
export type CountedTokens = Partial<Record<(typeof FIELDS)[number], number>>;

/** Takes over what a report says and keeps the rest. */
export function updateCounts(counts: CountedTokens, metadata: UsageMetadata): void {
  for (const field of FIELDS) {
    const count = tokenCount(metadata[field]);
    if (count !== undefined) counts[field] = count;
  }
}

/**
 * Counts in disjoint buckets; undefined when the provider reported none.
 *
 * `promptTokenCount` includes cached tokens, `candidatesTokenCount` excludes thoughts, and what the model's own tools
 * brought in counts as input. Source: ai.google.dev, API reference, `UsageMetadata`.
 */
export function toUsage(counts: CountedTokens): Usage | undefined {
  if (Object.keys(counts).length === 0) return undefined;
  const prompt = counts.promptTokenCount ?? 0;
  const cached = Math.min(counts.cachedContentTokenCount ?? 0, prompt);
  return {
    inputTokens: prompt - cached + (counts.toolUsePromptTokenCount ?? 0),
    cachedInputTokens: cached,
    cacheWriteTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens: counts.candidatesTokenCount ?? 0,
    reasoningTokens: counts.thoughtsTokenCount ?? 0,
    source: 'provider',
  };
}
