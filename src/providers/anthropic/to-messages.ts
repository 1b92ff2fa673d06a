import { GatewayError } from '../../lib/errors.js';
import type { ChatMessage, FunctionMessage, SystemMessage, ToolMessage } from '../../openai-api/chat-request.js';
import { forEachAnswered } from '../tool-pairs.js';
import type { UnsupportedParams } from '../unsupported-params.js';
import { type Block, type JsonObject, stringOf, type TextBlock, type ToolResultBlock, type Turn } from './api.js';
import { cacheControl } from './cache-control.js';
import { functionCallId, toAssistantBlocks } from './to-assistant.js';
import { isBlank, toContent, toText } from './to-content.js';
import { ToolIds } from './tool-ids.js';

export interface Conversation {
  system?: string | TextBlock[];
  messages: Turn[];
}

export interface ConversationOptions {
  /** False for models that can't read thinking blocks back. */
  readonly replayThinking: boolean;
  readonly unsupported: UnsupportedParams;
}

/**
 * Splits a conversation into Anthropic's `system` and alternating turns: system and developer messages are hoisted from
 * wherever they stand, neighbours of one role are merged, and all results of one assistant turn come first in the user
 * turn after it. Source: Anthropic API reference, `messages`; docs, tool use, handling tool results.
 *
 * @throws {GatewayError} for parts the model can't read, and when nothing is left to say.
 */
export function toConversation(messages: readonly ChatMessage[], options: ConversationOptions): Conversation {
  const { unsupported } = options;
  const ids = new ToolIds();
  const system: TextBlock[] = [];
  const turns: Turn[] = [];
  forEachAnswered(messages, 'merged turns', unsupported, (message, index) => {
    const param = `messages[${index}]`;
    if ('name' in message && message.name && message.role !== 'function') {
      unsupported.drop('messages.name', `${param}.name`);
    }
    switch (message.role) {
      case 'system':
      case 'developer':
        system.push(...systemBlocks(message, param));
        break;
      case 'user':
        addBlocks(turns, 'user', marked(toContent(message.content, `${param}.content`, unsupported), message));
        break;
      case 'assistant':
        if (turns.at(-1)?.role !== 'assistant') ids.startTurn();
        addBlocks(turns, 'assistant', marked(toAssistantBlocks(message, param, ids, options.replayThinking), message));
        break;
      case 'tool':
      case 'function':
        addBlocks(turns, 'user', [toolResult(message, param, ids, unsupported)]);
        break;
      default:
        throw unknownRole(message, param);
    }
  });
  turns.forEach((turn, index) => {
    if (turn.role === 'user') turn.content = resultsFirst(turn.content, turns[index - 1]);
  });
  return withSystem(turns, system);
}

function addBlocks(turns: Turn[], role: Turn['role'], blocks: Block[]): void {
  const last = turns.at(-1);
  if (blocks.length === 0) return;
  if (last?.role === role) last.content.push(...blocks);
  else turns.push({ role, content: blocks });
}

/** Puts a message's own cache breakpoint on its last block; thinking can't carry one. */
function marked(blocks: Block[], message: ChatMessage): Block[] {
  const mark = cacheControl(message);
  const last = blocks.at(-1);
  if (mark && last && last.type !== 'thinking' && last.type !== 'redacted_thinking') last.cache_control = mark;
  return blocks;
}

function systemBlocks(message: SystemMessage, param: string): TextBlock[] {
  const blocks: TextBlock[] = [];
  for (const { text, mark } of toText(message.content, `${param}.content`)) {
    if (!isBlank(text)) blocks.push({ type: 'text', text, ...(mark && { cache_control: mark }) });
  }
  marked(blocks, message);
  return blocks;
}

/** One string where no block carries a breakpoint. Anthropic needs at least one message: the system text stands in. */
function withSystem(turns: Turn[], system: TextBlock[]): Conversation {
  if (turns.length > 0) {
    if (system.length === 0) return { messages: turns };
    const plain = system.every((block) => block.cache_control === undefined);
    return { system: plain ? system.map((block) => block.text).join('\n') : system, messages: turns };
  }
  if (system.length > 0) return { messages: [{ role: 'user', content: system }] };
  throw new GatewayError('invalid_value', { param: 'messages', message: "'messages' holds no content." });
}

function toolResult(
  message: ToolMessage | FunctionMessage,
  param: string,
  ids: ToolIds,
  unsupported: UnsupportedParams,
): ToolResultBlock {
  const id = message.role === 'tool' ? message.tool_call_id : functionCallId(message.name);
  const content = toContent(message.content, `${param}.content`, unsupported);
  let mark: JsonObject | undefined = cacheControl(message);
  for (const block of content) {
    mark ??= block.cache_control;
    delete block.cache_control;
  }
  return {
    type: 'tool_result',
    tool_use_id: ids.forResult(id),
    ...(content.length > 0 && { content }),
    ...(mark && { cache_control: mark }),
  };
}

/** Results in the order of the calls they answer, then everything else. */
function resultsFirst(content: Block[], before: Turn | undefined): Block[] {
  const results = content.filter((block) => block.type === 'tool_result');
  if (results.length === 0) return content;
  const calls = (before?.content ?? []).flatMap((block) => (block.type === 'tool_use' ? [block.id] : []));
  const position = new Map(calls.map((id, index) => [id, index]));
  const at = (block: ToolResultBlock) => position.get(block.tool_use_id) ?? calls.length;
  results.sort((one, other) => at(one) - at(other));
  return [...results, ...content.filter((block) => block.type !== 'tool_result')];
}

function unknownRole(message: never, param: string): GatewayError {
  const role = stringOf((message as { role?: unknown }).role).slice(0, 40);
  return new GatewayError('unsupported_value', { param: `${param}.role`, message: `Unknown role '${role}'.` });
}
