import { LRUCache } from 'lru-cache';
import type { AssistantMessage, ChatRequest } from '../../openai-api/chat-request.js';
import type { Attempt, Recollection } from '../adapter.js';
import { lookUpOnce } from '../look-ups.js';

/** Remembers what was thought before a tool call, for clients that send the call back without it. */
export interface ReasoningMemory {
  keep(attempt: Pick<Attempt, 'accountId' | 'keep'>, callIds: readonly string[], reasoning: string): void;
  /** The same for all attempts of a request. */
  recall(call: Pick<Attempt, 'accountId'>, callId: string): string | undefined;
  /** Loads what was thought in answers of another process; undefined: nothing is missing. */
  load(request: ChatRequest, recollection: Recollection): Promise<void> | undefined;
}

const MAX_CHARACTERS = 16 * 1024 * 1024;
const MAX_CALLS = 20_000;
const MAX_LOADED = 1_000;

/**
 * Keeps the newest texts in this process, up to 16 million characters, and leaves each for the others.
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
    keep(attempt, [callId], reasoning) {
      // the calls of one answer share their reasoning
      if (callId === undefined) return;
      texts.set(keyOf(attempt.accountId, callId), reasoning);
      attempt.keep?.(keptAs(callId), reasoning);
    },
    recall(call, callId) {
      const key = keyOf(call.accountId, callId);
      return lookUpOnce(call, texts, key, () => texts.get(key) || undefined);
    },
    load({ messages }, { accountId, find }) {
      const missing = messages
        .flatMap((message) => (message.role === 'assistant' ? callWithoutReasoning(message) : []))
        .filter((callId) => !texts.has(keyOf(accountId, callId)));
      if (missing.length === 0) return undefined;
      const ids = new Map(missing.slice(-MAX_LOADED).map((callId) => [keptAs(callId), callId]));
      return find([...ids.keys()]).then((found) => {
        for (const [id, callId] of ids) {
          const key = keyOf(accountId, callId);
          // Reasoning that is nowhere to be found is not looked up again; it may have been heard here in the meantime.
          if (!texts.has(key)) texts.set(key, found.get(id) ?? '');
        }
      });
    },
  };
}

/** What was thought is left under the first call of a message. */
function callWithoutReasoning(message: AssistantMessage): string[] {
  const [first] = message.tool_calls ?? [];
  return first && !message.reasoning_content && !('reasoning' in message) ? [first.id] : [];
}

function keptAs(callId: string): string {
  return `reasoning:${callId}`;
}

function keyOf(accountId: string, callId: string): string {
  return JSON.stringify([accountId, callId]);
}
