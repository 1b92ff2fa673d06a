import { addUnits, type Usage } from '../../lib/usage.js';
import type { ChatCall } from '../adapter.js';

const ONE_SEARCH = Object.freeze({ web_search: 1 });

/**
 * The report with the search of a chat request that asked for one: OpenAI bills one per request, and reports no count.
 *
 * Source: OpenAI's price list, "Built-in tools", web search with Chat Completions.
 */
export function withChatSearch(usage: Usage, { request }: ChatCall): Usage {
  if (request.web_search_options == null || usage.units?.['web_search'] !== undefined) return usage;
  return { ...usage, units: addUnits(usage.units, ONE_SEARCH) ?? ONE_SEARCH };
}
