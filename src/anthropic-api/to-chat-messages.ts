import type { ContentPart } from '../openai-api/chat-message.js';
import type { ChatMessage, SystemMessage } from '../openai-api/chat-request.js';
import { wrongRole } from '../openai-api/field-checks.js';
import type { Block, MessagesRequest } from './messages-request.js';
import { toAssistantMessage } from './to-chat-assistant.js';
import { type ChatTarget, type Drop, stringOf, toParts } from './to-chat-content.js';

/** Claude Code's note to Anthropic's billing: another text each time, so that it would spoil every prompt cache. */
const BILLING_NOTE = /^x-anthropic-billing-header:/;

/**
 * A conversation as chat messages: system texts where they stand, each tool result a message of its own.
 *
 * @throws {GatewayError} for media that the target can't be given.
 */
export function toChatMessages(request: MessagesRequest, target: ChatTarget, drop: Drop): ChatMessage[] {
  const { system, messages } = request;
  const chat: ChatMessage[] = [];
  if (system !== undefined) chat.push(...systemMessages(system, target, drop));
  messages.forEach(({ role, content }, index) => {
    const path = `messages[${index}].content`;
    if (role === 'system') chat.push(...systemMessages(content, target, drop));
    else if (role === 'assistant') {
      const message = toAssistantMessage(content, target, drop);
      if (message) chat.push(message);
    } else if (role !== 'user') throw wrongRole(role, `messages[${index}].role`);
    else if (typeof content === 'string') chat.push({ role: 'user', content });
    else chat.push(...userMessages(content, path, target, drop));
  });
  return chat;
}

function systemMessages(content: string | readonly Block[], target: ChatTarget, drop: Drop): SystemMessage[] {
  if (typeof content === 'string') return content === '' ? [] : [{ role: 'system', content }];
  const texts = content.filter((block) => !BILLING_NOTE.test(stringOf(block['text'])));
  const parts = texts.flatMap((block) => toParts(block, 'system', target, drop));
  if (parts.length === 0) return [];
  if (target.claude) return [{ role: 'system', content: parts }];
  return [{ role: 'system', content: parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n\n') }];
}

function userMessages(blocks: readonly Block[], path: string, target: ChatTarget, drop: Drop): ChatMessage[] {
  const results: ChatMessage[] = [];
  const parts: ContentPart[] = [];
  blocks.forEach((block, index) => {
    const at = `${path}[${index}]`;
    if (block.type !== 'tool_result') {
      parts.push(...toParts(block, at, target, drop));
      return;
    }
    const { said, media } = resultOf(block, `${at}.content`, target, drop);
    results.push({ role: 'tool', tool_call_id: stringOf(block['tool_use_id']), content: said });
    parts.push(...media);
  });
  if (parts.length === 0) return results.length > 0 ? results : [{ role: 'user', content: '' }];
  const [only] = parts;
  const plain = parts.length === 1 && only?.type === 'text' && only.cache_control === undefined;
  return [...results, { role: 'user', content: plain ? only.text : parts }];
}

/** What a tool said, and the media that must follow in a message of the user. */
function resultOf(
  block: Block,
  path: string,
  target: ChatTarget,
  drop: Drop,
): { said: string | ContentPart[]; media: ContentPart[] } {
  const { content, is_error: failed } = block;
  const blocks: readonly Block[] = Array.isArray(content) ? (content as Block[]) : [];
  const parts = blocks.flatMap((each, index) => toParts(each, `${path}[${index}]`, target, drop));
  const text =
    typeof content === 'string' ? content : parts.map((part) => (part.type === 'text' ? part.text : '')).join('\n');
  const media = parts.filter((part) => part.type !== 'text');
  // A chat result has no field that says so.
  const unsaid = failed === true && !/error/i.test(text.slice(0, 200));
  if (target.mediaInResults && media.length > 0)
    return { said: unsaid ? [{ type: 'text', text: 'Error:' }, ...parts] : parts, media: [] };
  const said = unsaid ? `Error: ${text}` : text;
  return { said: said.trim() === '' && media.length > 0 ? 'See the attached content.' : said, media };
}
