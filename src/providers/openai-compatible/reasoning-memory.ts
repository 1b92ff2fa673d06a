import { LRUCache } from 'lru-cache';

/** Remembers what was thought before a tool call, for clients that send the call back without it. */
export interface ReasoningMemory {
  keep(accountId: string, callIds: readonly string[], reasoning: string): void;
  recall(accountId: string, callId: string): string | undefined;
}

const MAX_CHARACTERS = 16 * 1024 * 1024;
const MAX_CALLS = 20_000;

/**
 * Keeps the newest texts in this process, up to 16 million characters.
 *
 * DeepSeek answers 400 in thinking mode to a tool call without its `reasoning_content`, which many clients (the tool
 * runner of the `openai` package among them) lose. Source: api-docs.deepseek.com, "Thinking Mode", tool calls.
 */
export function reasoningMemory(): ReasoningMemory {
  const texts = new LRUCache<string, string>({
    max: MAX_CALLS,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (text, key) => text.length + key.length,
  });
  return {
    keep(accountId, [callId], reasoning) {
      // the calls of one answer share their reasoning
      if (callId !== undefined) texts.set(keyOf(accountId, callId), reasoning);
    },
    recall: (accountId, callId) => texts.get(keyOf(accountId, callId)),
  };
}

function keyOf(accountId: string, callId: string): string {
  return JSON.stringify([accountId, callId]);
}
