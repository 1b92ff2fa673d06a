import type { Block, MessageParam, MessagesRequest } from '../../../anthropic-api/messages-request.js';
import { CARRIED_MARK } from '../../../openai-api/carried-mark.js';
import { decodeReasoning } from '../../../openai-api/carried-reasoning.js';
import { isObject } from '../api.js';
import { replayedBlocks } from '../reasoning-details.js';
import { isThinkingBlock } from '../to-assistant.js';
import { ToolIds } from '../tool-ids.js';

const FOREIGN_SIGNATURE = `"${CARRIED_MARK}`;
const FOREIGN_CITATION = '"encrypted_index":""';
const TOOL_ID = /^[a-zA-Z0-9_-]{1,64}$/;

/** Models that take `role: 'system'` within a conversation. Source: Anthropic docs, mid-conversation system messages. */
const SYSTEM_ROLE = /opus-4[-.][89]|(?:opus|sonnet|haiku|fable|mythos)-[5-9]/;

/** True when a model must be given system messages within a conversation in another form. */
export function lacksSystemRole(outline: MessagesRequest, model: string): boolean {
  return !SYSTEM_ROLE.test(model) && outline.messages.some(({ role }) => role === 'system');
}

/** System messages within a conversation as marked texts of the user, at their place. */
export function systemAsUser(messages: readonly MessageParam[]): MessageParam[] {
  return messages.map((message) => {
    if (message.role !== 'system') return message;
    const { content } = message;
    const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    return {
      role: 'user',
      content: blocks.map((block) => ({ ...block, text: `<system>\n${block['text']}\n</system>` })),
    };
  });
}

/** True if a conversation may hold blocks of other providers' models, or empty turns. */
export function mayHoldForeignTurns(outline: MessagesRequest, bytes: Uint8Array | undefined): boolean {
  const { messages } = outline;
  // Only blocks can hold what other models leave.
  if (!messages.some(hasBlocks)) return messages.some(isWordless);
  return (
    (bytes ? namesForeign(bytes) : messages.some(hasForeignBlock)) ||
    messages.some(hasForeignId) ||
    hasRepeatedCall(messages) ||
    messages.some(isWordless)
  );
}

function hasBlocks({ content }: MessageParam): boolean {
  return Array.isArray(content);
}

/** Long texts are cut in an outline: its bytes are looked through. */
function namesForeign(bytes: Uint8Array): boolean {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return text.includes(FOREIGN_SIGNATURE) || text.includes(FOREIGN_CITATION);
}

function hasForeignBlock({ content }: MessageParam): boolean {
  return Array.isArray(content) && content.some(isForeignBlock);
}

function isForeignBlock({ signature, data, citations }: Block): boolean {
  if (isCarried(signature) || isCarried(data)) return true;
  return Array.isArray(citations) && citations.some((one) => isObject(one) && one['encrypted_index'] === '');
}

function isCarried(mark: unknown): boolean {
  return typeof mark === 'string' && mark.startsWith(CARRIED_MARK);
}

/** A model may end its turn without a word, but Anthropic takes no empty turn and no blank text back. */
function isWordless({ role, content }: MessageParam): boolean {
  if (role !== 'assistant') return false;
  return typeof content === 'string' ? content.trim() === '' : content.length === 0 || content.some(isBlank);
}

function isBlank({ type, text }: Block): boolean {
  return type === 'text' && typeof text === 'string' && text.trim() === '';
}

function hasForeignId({ content }: MessageParam): boolean {
  if (!Array.isArray(content)) return false;
  return content.some(({ id, tool_use_id: of }) => isForeign(id) || isForeign(of));
}

/** Other models may number the calls of each answer anew; Anthropic takes an id once in a conversation. */
function hasRepeatedCall(messages: readonly MessageParam[]): boolean {
  // Made with the first call: most conversations have none.
  let ids: Set<unknown> | undefined;
  for (const { content } of messages) {
    if (!Array.isArray(content)) continue;
    for (const { type, id } of content) {
      if (type !== 'tool_use') continue;
      ids ??= new Set();
      if (ids.has(id)) return true;
      ids.add(id);
    }
  }
  return false;
}

function isForeign(id: unknown): boolean {
  return typeof id === 'string' && !TOOL_ID.test(id);
}

/**
 * A conversation as Anthropic accepts it after turns of other models: their thinking, citations and ids are not its own.
 * Claude's thinking that was carried in this gateway's form takes its old place. The same conversation always becomes the
 * same messages, so that prompt caches hold.
 */
export function ownMessages(messages: readonly MessageParam[]): MessageParam[] {
  const ids = new ToolIds();
  const own: MessageParam[] = [];
  for (const message of messages) {
    const { role, content } = message;
    if (typeof content === 'string') {
      if (!isWordless(message)) own.push(message);
    } else if (role === 'assistant') {
      ids.startTurn();
      const blocks = content.filter((block) => !isBlank(block)).flatMap((block) => ownBlocks(block, ids));
      // Anthropic merges the neighbors of a turn that has nothing left.
      if (blocks.length > 0) own.push({ ...message, content: blocks });
    } else own.push({ ...message, content: content.map((block) => ownResult(block, ids)) });
  }
  return own;
}

function ownBlocks(block: Block, ids: ToolIds): Block[] {
  const { type, signature, data, citations } = block;
  if (type === 'tool_use' && typeof block['id'] === 'string') return [{ ...block, id: ids.forCall(block['id']) }];
  if (type === 'text' && Array.isArray(citations)) {
    const kept = citations.filter((citation) => !isObject(citation) || citation['encrypted_index'] !== '');
    return [kept.length > 0 ? { ...block, citations: kept } : withoutCitations(block)];
  }
  const mark = type === 'thinking' ? signature : type === 'redacted_thinking' ? data : undefined;
  if (typeof mark !== 'string' || !isCarried(mark)) return [block];
  const details = decodeReasoning(mark)?.details ?? [];
  const carried = replayedBlocks({ role: 'assistant', reasoning_details: details });
  return carried.map(({ block: native }) => ({ ...native }));
}

function withoutCitations({ citations: _, ...block }: Block): Block {
  return block as Block;
}

function ownResult(block: Block, ids: ToolIds): Block {
  const id = block['tool_use_id'];
  return block.type === 'tool_result' && typeof id === 'string' ? { ...block, tool_use_id: ids.forResult(id) } : block;
}

/**
 * True when the last turn of the assistant called tools without showing its thinking first, as other models' turns do:
 * Anthropic refuses a thinking budget then.
 */
export function lacksThinking(messages: readonly MessageParam[]): boolean {
  const content = messages.findLast(({ role }) => role === 'assistant')?.content;
  if (!Array.isArray(content)) return false;
  return content.some(({ type }) => type === 'tool_use') && !isThinkingBlock(content[0]);
}
