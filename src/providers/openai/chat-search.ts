import { addUnits, type Usage } from '../../lib/usage.js';
import type { ChatCall } from '../adapter.js';
import { outlineOf } from '../outline.js';

export const ONE_SEARCH = Object.freeze({ web_search: 1 });

/**
 * Models that search with each request, whether it asks for a search or not. Source: OpenAI, "Web search", Chat
 * Completions.
 */
const SEARCH_MODEL = /-search-(?:preview|api)(?:-\d|$)/;

export function alwaysSearches(model: string): boolean {
  return SEARCH_MODEL.test(model);
}

/**
 * The report with the search of a chat request that asked for one: OpenAI bills one per request, and reports no count.
 *
 * Source: OpenAI's price list, "Built-in tools", web search with Chat Completions.
 */
export function withChatSearch(usage: Usage, call: ChatCall): Usage {
  if (outlineOf(call).web_search_options == null && !alwaysSearches(call.model)) return usage;
  if (usage.units?.['web_search'] !== undefined) return usage;
  return { ...usage, units: addUnits(usage.units, ONE_SEARCH) ?? ONE_SEARCH };
}
