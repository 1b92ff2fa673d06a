import { tokenCount } from '../../lib/usage.js';
import { isObject } from '../../openai-api/field-checks.js';
import type { MediaTokens } from '../media-tokens.js';
import type { UsageMetadata } from './api.js';

/**
 * How much of a report is sound and pictures; undefined: nothing. What was read from the cache has the cache's price,
 * whatever it is.
 *
 * Source: ai.google.dev, API reference, `UsageMetadata`, `ModalityTokenCount`.
 */
export function mediaTokens(report: UsageMetadata): MediaTokens | undefined {
  if (!hasMedia(report.promptTokensDetails) && !hasMedia(report.candidatesTokensDetails)) {
    if (!hasMedia(report.toolUsePromptTokensDetails)) return undefined;
  }
  const input = (modality: string) =>
    Math.max(0, count(report.promptTokensDetails, modality) - count(report.cacheTokensDetails, modality)) +
    count(report.toolUsePromptTokensDetails, modality);
  const output = (modality: string) => count(report.candidatesTokensDetails, modality);
  return {
    inputAudio: input('AUDIO'),
    inputImage: input('IMAGE'),
    outputAudio: output('AUDIO'),
    outputImage: output('IMAGE'),
  };
}

/** True for a list that names another modality than text, whose count then matters. */
export function hasMedia(details: unknown): boolean {
  return Array.isArray(details) && details.some((item) => isObject(item) && item['modality'] !== 'TEXT');
}

function count(details: unknown, modality: string): number {
  if (!Array.isArray(details)) return 0;
  let sum = 0;
  for (const item of details) {
    if (isObject(item) && item['modality'] === modality) sum += tokenCount(item['tokenCount']) ?? 0;
  }
  return sum;
}
