import { NO_USAGE, tokenCount, type Usage, unitsOf } from '../../lib/usage.js';
import { splitMedia } from '../media-tokens.js';
import { type Fields, isFields } from './fields.js';
import { mediaTokens } from './usage.js';

/**
 * Splits the usage of a response into disjoint buckets; undefined when it holds no sane pair of counts.
 *
 * Source: the OpenAI API reference, `ResponseUsage`: input tokens include cached ones, output tokens reasoning.
 */
export function readResponsesUsage({ usage: value, output: items }: Fields): Usage | undefined {
  if (!isFields(value)) return undefined;
  const input = tokenCount(value.input_tokens);
  const output = tokenCount(value.output_tokens);
  if (input === undefined || output === undefined) return undefined;
  const inputDetails = isFields(value.input_tokens_details) ? value.input_tokens_details : {};
  const outputDetails = isFields(value.output_tokens_details) ? value.output_tokens_details : {};
  const cached = Math.min(input, tokenCount(inputDetails.cached_tokens) ?? 0);
  const written = Math.min(input - cached, tokenCount(inputDetails.cache_write_tokens) ?? 0);
  const reasoning = Math.min(output, tokenCount(outputDetails.reasoning_tokens) ?? 0);
  const usage: Usage = {
    ...NO_USAGE,
    inputTokens: input - cached - written,
    cachedInputTokens: cached,
    cacheWriteTokens: written,
    outputTokens: output - reasoning,
    reasoningTokens: reasoning,
    source: 'provider',
    ...toolUses(items),
  };
  const media = mediaTokens(inputDetails, outputDetails);
  return media ? splitMedia(usage, media) : usage;
}

/** The units of OpenAI's own tools by the items that they leave. Source: the OpenAI API reference, `ResponseOutputItem`. */
const TOOL_ITEMS: Readonly<Record<string, string>> = {
  web_search_call: 'web_search',
  file_search_call: 'file_search',
  code_interpreter_call: 'code_execution',
  image_generation_call: 'image',
  mcp_call: 'mcp',
};

function toolUses(items: unknown): Pick<Usage, 'units'> {
  if (!Array.isArray(items)) return {};
  const uses: Record<string, number> = {};
  for (const item of items) {
    const unit = isFields(item) ? TOOL_ITEMS[String(item['type'])] : undefined;
    if (unit !== undefined) uses[unit] = (uses[unit] ?? 0) + 1;
  }
  return unitsOf(uses);
}
