import { LRUCache } from 'lru-cache';
import type { ChatRequest } from '../../openai-api/chat-request.js';
import type { Attempt, Recollection } from '../adapter.js';
import { lookUpOnce } from '../look-ups.js';
import { signatureIn, splitCallId } from './thought-signature.js';

/** Where a thought signature belongs: ids of calls are only unique within an account. */
interface SignedCall {
  readonly callId: string;
  readonly name: string;
}

/** Remembers the thought signatures of calls for clients that send them back without. */
export interface SignatureMemory {
  keep(attempt: Pick<Attempt, 'accountId' | 'keep'>, call: SignedCall, signature: string): void;
  /** The same for all attempts of a request. */
  recall(attempt: Pick<Attempt, 'accountId'>, call: SignedCall): string | undefined;
  /** Loads signatures of calls that another process answered; undefined: nothing is missing. */
  load(request: ChatRequest, recollection: Recollection): Promise<void> | undefined;
}

/** A signature has 0.5 to some 10 thousand characters. */
const MAX_CHARACTERS = 16 * 1024 * 1024;
const MAX_CALLS = 20_000;
const MAX_LOADED = 1_000;

/**
 * Keeps the newest signatures in this process, up to 16 million characters, and leaves each for the others.
 *
 * Several clients (the tool runner of the `openai` package among them) rebuild messages from the fields they know and
 * lose `extra_content`. What is forgotten everywhere gets the stand-in signature.
 */
export function signatureMemory(): SignatureMemory {
  const signatures = new LRUCache<string, string>({
    max: MAX_CALLS,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (signature, key) => signature.length + key.length,
  });
  return {
    keep(attempt, call, signature) {
      signatures.set(keyOf(attempt.accountId, call), signature);
      attempt.keep?.(keptAs(call), signature);
    },
    recall(attempt, call) {
      const key = keyOf(attempt.accountId, call);
      return lookUpOnce(attempt, signatures, key, () => signatures.get(key) || undefined);
    },
    load(request, { accountId, find }) {
      const missing = new Map<string, SignedCall>();
      for (const call of unsignedCalls(request)) {
        if (!signatures.has(keyOf(accountId, call))) missing.set(keptAs(call), call);
      }
      if (missing.size === 0) return undefined;
      const asked = [...missing].slice(-MAX_LOADED);
      return find(asked.map(([id]) => id)).then((found) => {
        for (const [id, call] of asked) {
          const key = keyOf(accountId, call);
          // A signature that is nowhere to be found is not looked up again; it may have been heard here in the meantime.
          if (!signatures.has(key)) signatures.set(key, found.get(id) ?? '');
        }
      });
    },
  };
}

/** Calls in the history that came back without a signature of Google's. */
function unsignedCalls({ messages }: ChatRequest): SignedCall[] {
  return messages.flatMap((message) => {
    if (message.role !== 'assistant' || message.reasoning_details) return [];
    return (message.tool_calls ?? []).flatMap((call) => {
      if (call.type !== 'function' || signatureIn(call.extra_content) !== undefined) return [];
      const { id, signature } = splitCallId(call.id);
      return signature === undefined ? [{ callId: id, name: call.function.name }] : [];
    });
  });
}

function keptAs({ callId, name }: SignedCall): string {
  return `signature:${name}:${callId}`;
}

function keyOf(accountId: string, { callId, name }: SignedCall): string {
  return JSON.stringify([accountId, callId, name]);
}
