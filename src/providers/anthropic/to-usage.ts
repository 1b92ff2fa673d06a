import { addCounts, NO_USAGE, tokenCount, type Usage, unitsOf } from '../../lib/usage.js';
import { isObject, type JsonObject, stringOf } from './api.js';

/**
 * A later report adds to an earlier one: counts are cumulative, so the larger one stands (some servers end with zeros),
 * objects are merged by member, and a null says nothing.
 */
export function mergeUsage(earlier: JsonObject, reported: unknown): JsonObject {
  if (!isObject(reported)) return earlier;
  const merged: JsonObject = { ...earlier };
  for (const [name, value] of Object.entries(reported)) {
    const before = merged[name];
    if (value === null || value === undefined) continue;
    if (isObject(before) && isObject(value)) merged[name] = mergeUsage(before, value);
    else if (typeof before === 'number' && typeof value === 'number') merged[name] = larger(name, before, value);
    else merged[name] = value;
  }
  return merged;
}

/**
 * An invalid count never replaces a valid one, and the output of one token that every stream opens with is a placeholder: a
 * refusal corrects it to zero.
 */
function larger(name: string, before: number, value: number): number {
  if (name === 'output_tokens' && before === 1) return value;
  if (tokenCount(before) === undefined) return value;
  return tokenCount(value) === undefined ? before : Math.max(before, value);
}

/**
 * Anthropic's report in disjoint buckets; undefined when it holds no count.
 *
 * Its `input_tokens` exclude the cache, its `output_tokens` include thinking. What compaction and advisor runs used is
 * billed as well but is listed in `iterations` only. Source: Anthropic API reference, `usage`; docs, compaction.
 */
export function toUsage(native: JsonObject): Usage | undefined {
  const answer = countsOf(native);
  if (answer === undefined) return undefined;
  const { iterations } = native;
  if (!Array.isArray(iterations)) return answer;
  const extra = iterations.filter(isExtraRun).flatMap((iteration) => countsOf(iteration) ?? []);
  return extra.reduce<Usage>(addCounts, answer);
}

function isExtraRun(iteration: unknown): iteration is JsonObject {
  return isObject(iteration) && /^(?:compaction|advisor)/.test(stringOf(iteration['type']));
}

function countsOf(native: JsonObject): Usage | undefined {
  const input = tokenCount(native['input_tokens']);
  const output = tokenCount(native['output_tokens']);
  if (input === undefined && output === undefined) return undefined;
  const split = isObject(native['cache_creation']) ? native['cache_creation'] : {};
  const written5m = tokenCount(split['ephemeral_5m_input_tokens']) ?? 0;
  const written1h = tokenCount(split['ephemeral_1h_input_tokens']) ?? 0;
  const written = tokenCount(native['cache_creation_input_tokens']) ?? written5m + written1h;
  const details = isObject(native['output_tokens_details']) ? native['output_tokens_details'] : {};
  const reasoningTokens = Math.min(tokenCount(details['thinking_tokens']) ?? 0, output ?? 0);
  // A total that was updated without its split belongs to the default lifetime.
  const cacheWrite1hTokens = Math.min(written1h, written);
  const usage: Usage = {
    ...NO_USAGE,
    inputTokens: input ?? 0,
    cachedInputTokens: tokenCount(native['cache_read_input_tokens']) ?? 0,
    cacheWriteTokens: written - cacheWrite1hTokens,
    cacheWrite1hTokens,
    outputTokens: (output ?? 0) - reasoningTokens,
    reasoningTokens,
    source: 'provider',
  };
  return isObject(native['server_tool_use']) ? { ...usage, ...toolUses(native['server_tool_use']) } : usage;
}

/** Calls of Anthropic's own tools. Source: Anthropic API reference, `usage.server_tool_use`. */
function toolUses(used: JsonObject): Pick<Usage, 'units'> {
  return unitsOf({
    web_search: tokenCount(used['web_search_requests']),
    web_fetch: tokenCount(used['web_fetch_requests']),
    code_execution: tokenCount(used['code_execution_requests']),
  });
}

/** OpenAI's name for the tier that answered. */
export function toServiceTierName(native: JsonObject): { service_tier?: string } {
  const tier = native['service_tier'];
  if (tier === 'standard') return { service_tier: 'default' };
  return tier === 'priority' ? { service_tier: tier } : {};
}
