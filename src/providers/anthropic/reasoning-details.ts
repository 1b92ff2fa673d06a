import type { AssistantMessage, ReasoningDetail } from '../../openai-api/chat-request.js';
import { type CarriedBlock, isObject, type JsonObject, type NativeBlock, stringOf } from './api.js';

/** Marks what only Claude accepts back; the name OpenRouter gave this format. */
const FORMAT = 'anthropic-claude-v1';

/** Blocks without a form of their own at OpenAI that must come back: what Anthropic's own tools did, compactions. */
const NATIVE_BLOCK = /^(?:server_tool_use|mcp_tool_use|[a-z_]+_tool_result|compaction)$/;

/** A block to send back, and its position in UTF-16 units of the message's text. */
export interface ReplayedBlock {
  readonly block: CarriedBlock;
  readonly offset: number;
}

/** True for a block that an answer hands to the client for the next request, thinking above all. */
export function isCarried(type: unknown): boolean {
  return type === 'thinking' || type === 'redacted_thinking' || NATIVE_BLOCK.test(stringOf(type));
}

/**
 * What a client must send back so that a carried block can be replayed unchanged.
 *
 * @param offset text units before the block; kept as `content_offset` because Claude may write before it thinks, and
 * blocks must come back in their order. Source: Anthropic docs, extended thinking, preserving thinking blocks.
 */
export function toReasoningDetail(block: JsonObject, index: number, offset: number): ReasoningDetail {
  const place = { format: FORMAT, index, ...(offset > 0 && { content_offset: offset }) };
  const { type, thinking, signature, data } = block;
  if (type === 'redacted_thinking') return { type: 'reasoning.encrypted', data: stringOf(data), ...place };
  if (type !== 'thinking') return { type: 'anthropic.block', block, ...place };
  return {
    type: 'reasoning.text',
    text: stringOf(thinking),
    ...(typeof signature === 'string' && { signature }),
    ...place,
  };
}

/**
 * The carried blocks of an assistant message, from `reasoning_details` or LiteLLM's `thinking_blocks`. What another
 * provider made or what has no signature is left out: Anthropic refuses it.
 */
export function replayedBlocks(message: AssistantMessage): ReplayedBlock[] {
  const fromDetails = (message.reasoning_details ?? []).flatMap(fromDetail);
  return fromDetails.length > 0 ? fromDetails : (message.thinking_blocks ?? []).flatMap(fromNative);
}

function fromDetail(detail: ReasoningDetail): ReplayedBlock[] {
  if (!isObject(detail)) return [];
  const { type, format, text, data, signature } = detail;
  const at = detail['content_offset'];
  const offset = typeof at === 'number' && at > 0 ? at : 0;
  if (type === 'reasoning.text' && (format ?? FORMAT) === FORMAT && typeof signature === 'string' && signature) {
    return [{ block: { type: 'thinking', thinking: stringOf(text), signature }, offset }];
  }
  if (format !== FORMAT) return [];
  if (type === 'reasoning.encrypted' && typeof data === 'string' && data) {
    return [{ block: { type: 'redacted_thinking', data }, offset }];
  }
  const block = type === 'anthropic.block' ? detail['block'] : undefined;
  return isNativeBlock(block) ? [{ block: { ...block }, offset }] : [];
}

function isNativeBlock(block: unknown): block is NativeBlock {
  return isObject(block) && NATIVE_BLOCK.test(stringOf(block['type']));
}

function fromNative(block: JsonObject): ReplayedBlock[] {
  if (!isObject(block)) return [];
  const { type, thinking, signature, data } = block;
  if (type === 'thinking' && typeof signature === 'string' && signature) {
    return [{ block: { type, thinking: stringOf(thinking), signature }, offset: 0 }];
  }
  if (type === 'redacted_thinking' && typeof data === 'string' && data) return [{ block: { type, data }, offset: 0 }];
  return [];
}
