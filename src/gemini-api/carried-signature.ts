import { CARRIED_MARK } from '../openai-api/carried-mark.js';
import { type CarriedReasoning, decodeReasoning, encodeReasoning } from '../openai-api/carried-reasoning.js';

/** Reasoning of another provider's model as a thought signature: base64, like Gemini's own. */
export function toSignature(carried: CarriedReasoning): string {
  return btoa(encodeReasoning(carried));
}

/** The reverse; undefined for a signature of Gemini's own. */
export function fromSignature(signature: string): CarriedReasoning | undefined {
  if (!isForeignSignature(signature)) return undefined;
  try {
    return decodeReasoning(atob(signature));
  } catch {
    return undefined;
  }
}

/** The mark in base64: its last character depends on what follows. */
const MARK = btoa(CARRIED_MARK).slice(0, 5);

/** True for a signature that this gateway made for another provider. */
export function isForeignSignature(signature: string): boolean {
  return signature.startsWith(MARK);
}
