import type { UnsupportedParams } from '../unsupported-params.js';
import { isObject, type JsonObject, type MessagesRequest } from './api.js';

/** Anthropic accepts this many cache breakpoints in one request. Source: Anthropic docs, prompt caching. */
const MAX_BREAKPOINTS = 4;

/** The breakpoint a message, part or tool asks for: `cache_control`, or OpenAI's explicit `prompt_cache_breakpoint`. */
export function cacheControl(carrier: object): JsonObject | undefined {
  const marks = carrier as { cache_control?: unknown; prompt_cache_breakpoint?: unknown };
  if (isObject(marks.cache_control)) return marks.cache_control;
  return isObject(marks.prompt_cache_breakpoint) ? { type: 'ephemeral' } : undefined;
}

/**
 * Keeps the last four breakpoints, in the order tools, system, messages: the last one covers the longest prefix.
 * A `cache_control` at the top of the request counts as one.
 */
export function limitBreakpoints(body: MessagesRequest, unsupported: UnsupportedParams): void {
  let left = MAX_BREAKPOINTS - (body.cache_control ? 1 : 0);
  const carriers: unknown[] = [body.tools, body.system, body.messages.flatMap((turn) => turn.content)];
  const blocks = carriers.flatMap((list) => (Array.isArray(list) ? list.filter(isObject) : []));
  for (const block of blocks.reverse()) {
    if (!('cache_control' in block) || --left >= 0) continue;
    unsupported.drop('cache_control');
    delete block.cache_control;
  }
}
