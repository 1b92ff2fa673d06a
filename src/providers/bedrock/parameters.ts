import { PARAMETERS as ANTHROPIC } from '../anthropic/parameters.js';

/** What becomes of each field of a chat request at Converse; see the table of the same name for Anthropic. */
export const PARAMETERS: typeof ANTHROPIC = {
  ...ANTHROPIC,
  parallel_tool_calls: 'dropped',
  thinking: 'dropped',
  top_k: 'dropped',
  service_tier: 'dropped',
  cache_control: 'dropped',
};
