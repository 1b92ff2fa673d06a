import { inClientTerms } from '../client-terms.js';

/** The client's fields behind the fields of a chat request, for errors and reports of adapters. */
const ORIGINS: readonly (readonly [RegExp, string])[] = [
  [/^response_format\b.*$/, 'output_config.format'],
  [/^reasoning_effort$/, 'output_config.effort'],
  [/^max_(?:completion_)?tokens$/, 'max_tokens'],
  [/^stop$/, 'stop_sequences'],
  [/^parallel_tool_calls$/, 'tool_choice.disable_parallel_tool_use'],
  [/^(?:safety_identifier|user)$/, 'metadata.user_id'],
  [/^(tools\[\d+\])\.function\b/, '$1'],
  [/^tools\.function\b/, 'tools'],
  [/^tool_choice\.function\b/, 'tool_choice'],
  [/^messages\.tool_call_id$/, 'messages.tool_use_id'],
  [/^messages\[\d+\].*$/, 'messages'],
];

/** The name that a field of a chat request has in the Messages request it was made of. */
export function originOf(param: string): string {
  for (const [pattern, origin] of ORIGINS) if (pattern.test(param)) return param.replace(pattern, origin);
  return param;
}

/** Translates errors of adapters, which name fields of the chat request, to the client's fields. */
export function inMessagesTerms<T>(work: () => Promise<T>): Promise<T> {
  return inClientTerms(work, originOf);
}
