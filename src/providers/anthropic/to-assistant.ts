import { GatewayError } from '../../lib/errors.js';
import { callArguments } from '../../openai-api/call-arguments.js';
import type { AssistantMessage } from '../../openai-api/chat-request.js';
import { type Block, isObject, type JsonObject, type TextBlock, type ToolUseBlock } from './api.js';
import { type ReplayedBlock, replayedBlocks } from './reasoning-details.js';
import { isBlank, toText } from './to-content.js';
import type { ToolIds } from './tool-ids.js';

/**
 * An assistant message as blocks: thinking at its old place, text, tool calls. Source: Anthropic docs, extended thinking
 * with tool use: thinking comes back unmodified, before the calls it led to.
 *
 * @throws {GatewayError} for custom tool calls and for a reference to earlier audio.
 */
export function toAssistantBlocks(
  message: AssistantMessage,
  param: string,
  ids: ToolIds,
  replayThinking: boolean,
): Block[] {
  if (message.audio) throw new GatewayError('unsupported_value', { param: `${param}.audio` });
  const pieces = toText(message.content, `${param}.content`);
  if (pieces.length === 0 && typeof message.refusal === 'string') pieces.push({ text: message.refusal });
  const carried = replayedBlocks(message).filter(({ block }) => replayThinking || !isThinkingBlock(block));
  return [...interleaved(carried, pieces), ...toolUses(message, param, ids)];
}

/** True for what Claude thought, readable or not. */
export function isThinkingBlock(block: { readonly type: string } | undefined): boolean {
  return block?.type === 'thinking' || block?.type === 'redacted_thinking';
}

/** The deprecated `function` role names its function instead of the call: the name stands in for the call's id. */
export function functionCallId(name: string): string {
  return `function_${name}`;
}

function interleaved(carried: readonly ReplayedBlock[], pieces: ReturnType<typeof toText>): Block[] {
  if (carried.every(({ offset }) => offset === 0)) {
    const texts = pieces.flatMap(({ text, mark }) => textBlock(text, mark));
    return [...carried.map(({ block }) => block), ...texts];
  }
  const text = pieces.map((piece) => piece.text).join('');
  const blocks: Block[] = [];
  let from = 0;
  for (const { block, offset } of carried) {
    blocks.push(...textBlock(text.slice(from, offset)), block);
    from = Math.max(from, offset);
  }
  return [...blocks, ...textBlock(text.slice(from), pieces.at(-1)?.mark)];
}

function textBlock(text: string, mark?: JsonObject): TextBlock[] {
  return isBlank(text) ? [] : [{ type: 'text', text, ...(mark && { cache_control: mark }) }];
}

function toolUses(message: AssistantMessage, param: string, ids: ToolIds): ToolUseBlock[] {
  const uses = (message.tool_calls ?? []).map((call, index): ToolUseBlock => {
    if (!isObject(call.function)) {
      const message = 'The model supports tool calls of type function only.';
      throw new GatewayError('unsupported_value', { param: `${param}.tool_calls[${index}].type`, message });
    }
    return {
      type: 'tool_use',
      id: ids.forCall(call.id ?? ''),
      name: call.function.name,
      input: callArguments(call.function.arguments),
    };
  });
  if (message.function_call) {
    const { name } = message.function_call;
    const id = ids.forCall(functionCallId(name));
    uses.push({ type: 'tool_use', id, name, input: callArguments(message.function_call.arguments) });
  }
  return uses;
}
