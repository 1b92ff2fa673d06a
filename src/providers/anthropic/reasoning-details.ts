import type { AssistantMessage, ReasoningDetail } from '../../openai/chat-request.js';
import { isObject, type JsonObject, type RedactedThinkingBlock, type ThinkingBlock } from './api.js';

/** Marks reasoning that only Claude accepts back; the name OpenRouter gave this format. */
const FORMAT = 'anthropic-claude-v1';

/** A thinking block to replay, and where: after so many UTF-16 units of the message's text. */
export interface ReplayedThinking {
  readonly block: ThinkingBlock | RedactedThinkingBlock;
  readonly offset: number;
}

/**
 * What a client must send back so that the block can be replayed unchanged; undefined for other blocks.
 *
 * @param offset text units before the block; kept as `content_offset` because Claude may write before it thinks, and
 * blocks must come back in their order. Source: Anthropic docs, extended thinking, preserving thinking blocks.
 */
export function toReasoningDetail(block: JsonObject, index: number, offset: number): ReasoningDetail | undefined {
  const place = { format: FORMAT, index, ...(offset > 0 && { content_offset: offset }) };
  if (block['type'] === 'redacted_thinking') {
    return { type: 'reasoning.encrypted', data: String(block['data'] ?? ''), ...place };
  }
  if (block['type'] !== 'thinking') return undefined;
  const { thinking, signature } = block;
  return {
    type: 'reasoning.text',
    text: typeof thinking === 'string' ? thinking : '',
    ...(typeof signature === 'string' && { signature }),
    ...place,
  };
}

/**
 * The thinking of an assistant message, from `reasoning_details` or LiteLLM's `thinking_blocks`. What another provider
 * made or what has no signature is left out: Anthropic refuses it.
 */
export function replayedThinking(message: AssistantMessage): ReplayedThinking[] {
  const fromDetails = (message.reasoning_details ?? []).flatMap(fromDetail);
  return fromDetails.length > 0 ? fromDetails : (message.thinking_blocks ?? []).flatMap(fromNative);
}

function fromDetail(detail: ReasoningDetail): ReplayedThinking[] {
  if (!isObject(detail)) return [];
  const at = detail['content_offset'];
  const offset = typeof at === 'number' && at > 0 ? at : 0;
  if (detail.type === 'reasoning.encrypted' && detail.format === FORMAT && detail.data) {
    return [{ block: { type: 'redacted_thinking', data: detail.data }, offset }];
  }
  const isClaude = detail.format === FORMAT || detail.format === undefined || detail.format === null;
  if (detail.type !== 'reasoning.text' || !isClaude || !detail.signature) return [];
  return [{ block: { type: 'thinking', thinking: detail.text ?? '', signature: detail.signature }, offset }];
}

function fromNative(block: JsonObject): ReplayedThinking[] {
  if (!isObject(block)) return [];
  const { type, thinking, signature, data } = block;
  if (type === 'thinking' && typeof signature === 'string' && signature) {
    return [{ block: { type, thinking: typeof thinking === 'string' ? thinking : '', signature }, offset: 0 }];
  }
  if (type === 'redacted_thinking' && typeof data === 'string' && data) return [{ block: { type, data }, offset: 0 }];
  return [];
}
