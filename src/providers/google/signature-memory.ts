import { LRUCache } from 'lru-cache';

/** Where a thought signature belongs: ids of calls are only unique within an account. */
interface SignedCall {
  readonly accountId: string;
  readonly callId: string;
  readonly name: string;
}

/** Remembers the thought signatures of calls for clients that send them back without. */
export interface SignatureMemory {
  keep(call: SignedCall, signature: string): void;
  recall(call: SignedCall): string | undefined;
}

/** A signature has 0.5 to some 10 thousand characters. */
const MAX_CHARACTERS = 16 * 1024 * 1024;
const MAX_CALLS = 20_000;

/**
 * Keeps the newest signatures in this process, up to 16 million characters.
 *
 * Several clients (the tool runner of the `openai` package among them) rebuild messages from the fields they know and
 * lose `extra_content`. What is forgotten, or answered by another process, gets the stand-in signature.
 */
export function signatureMemory(): SignatureMemory {
  const signatures = new LRUCache<string, string>({
    max: MAX_CALLS,
    maxSize: MAX_CHARACTERS,
    sizeCalculation: (signature, key) => signature.length + key.length,
  });
  return {
    keep: (call, signature) => void signatures.set(keyOf(call), signature),
    recall: (call) => signatures.get(keyOf(call)),
  };
}

function keyOf({ accountId, callId, name }: SignedCall): string {
  return JSON.stringify([accountId, callId, name]);
}
