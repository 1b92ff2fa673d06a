import { decodeBase64, encodeBase64 } from '../media/base64.js';
import { CARRIED_MARK } from './carried-mark.js';
import type { ExtraContent, ReasoningDetail } from './chat-request.js';
import { isObject } from './field-checks.js';

/** What a provider needs to accept its model's reasoning back. */
export interface CarriedReasoning {
  details: ReasoningDetail[];
  /** Of the message. */
  extra?: ExtraContent;
  /** Of each tool call, by its id. */
  calls: Record<string, ExtraContent>;
  /** What was thought, where it is not shown. */
  text?: string;
}

/** True when there is nothing to carry. */
export function isEmpty({ details, extra, calls, text }: CarriedReasoning): boolean {
  return details.length === 0 && extra === undefined && !text && Object.keys(calls).length === 0;
}

/** As the text of `encrypted_content`: opaque to clients, and no secret. */
export function encodeReasoning(carried: CarriedReasoning): string {
  return CARRIED_MARK + encodeBase64(JSON.stringify(carried));
}

/** The reverse; undefined for what another server encrypted. Readers check the shapes inside. */
export function decodeReasoning(text: string): CarriedReasoning | undefined {
  if (!text.startsWith(CARRIED_MARK)) return undefined;
  try {
    const value: unknown = JSON.parse(decodeBase64(text.slice(CARRIED_MARK.length)).toString());
    if (!isObject(value) || !Array.isArray(value['details']) || !isObject(value['calls'])) return undefined;
    const details = value['details'].filter(isObject) as unknown as ReasoningDetail[];
    const calls = Object.entries(value['calls']).filter(([, extra]) => isObject(extra));
    return {
      details,
      ...(isObject(value['extra']) && { extra: value['extra'] as ExtraContent }),
      calls: Object.fromEntries(calls) as Record<string, ExtraContent>,
      ...(typeof value['text'] === 'string' && { text: value['text'] }),
    };
  } catch {
    return undefined;
  }
}
