import type { TextSize } from '../json/outline.js';
import { CARRIED_MARK } from '../openai-api/carried-mark.js';
import { isKeptForAnHour } from '../openai-api/chat-message.js';
import { isObject } from '../openai-api/field-checks.js';
import { type BodySize, instructionTokens, type Media, sizeWithMedia } from '../openai-api/input-size.js';
import { OpenIds } from '../openai-api/open-ids.js';
import { type Block, isClientTool, type MessagesRequest } from './messages-request.js';

/**
 * The size of a Messages request: images and PDFs count by their kind, everything else by its bytes.
 *
 * @param measure maps stand-ins to the strings they replace.
 */
export function messagesSize(
  bytes: number,
  { messages, tools, output_config: config, output_format: format }: MessagesRequest,
  measure: (text: string) => TextSize = (text) => ({ text, length: text.length }),
): BodySize {
  const media: Media[] = [];
  for (const { content } of messages) collect(content, measure, media);
  const calls = messages.some(({ content }) => Array.isArray(content) && content.some(isCall));
  const added = instructionTokens(tools, isObject(config) ? config['format'] : undefined, format, calls);
  return sizeWithMedia(bytes, media, added);
}

function isCall({ type }: Block): boolean {
  return type === 'tool_use';
}

/** True where nothing is made up in place of a result or a call that is not there. */
export function areCallsAnswered({ messages }: MessagesRequest): boolean {
  const ids = new OpenIds();
  for (const { content } of messages) {
    if (typeof content === 'string') continue;
    for (const block of content) {
      if (isCall(block)) ids.call(block['id']);
      else if (block.type === 'tool_result') ids.result(block['tool_use_id']);
    }
  }
  return ids.areAnswered;
}

function collect(content: unknown, measure: (text: string) => TextSize, media: Media[]): void {
  if (!Array.isArray(content)) return;
  for (const block of content) {
    if (!isObject(block)) continue;
    const { type, source } = block;
    if (type === 'tool_result') collect(block['content'], measure, media);
    else if ((type === 'image' || type === 'document') && isObject(source)) {
      if (source['type'] === 'content') collect(source['content'], measure, media);
      else if (source['type'] !== 'text') media.push({ kind: KINDS[type], length: lengthOf(source['data'], measure) });
    }
  }
}

const KINDS = { image: 'image_url', document: 'file' } as const;

function lengthOf(data: unknown, measure: (text: string) => TextSize): number {
  return typeof data === 'string' ? measure(data).length : 0;
}

/** Blocks that hold text alone. */
const TEXT_BLOCKS: ReadonlySet<string> = new Set(['text', 'tool_use', 'thinking', 'redacted_thinking']);

/**
 * True when all that a request makes a model read is text in it, at the price of input: the bytes of the body then bound
 * its tokens and what they cost.
 *
 * @param request long texts may be cut in it.
 */
export function isPlainMessages(request: MessagesRequest): boolean {
  const { messages, system, tools = [] } = request;
  if (mayReadAgain(request)) return false;
  if (isKeptForAnHour(request) || (Array.isArray(system) && !isPlain(system))) return false;
  if (!tools.every((tool) => isClientTool(tool) && !isKeptForAnHour(tool))) return false;
  return messages.every((message) => {
    const { content } = message;
    return !holdsMore(message, MESSAGE) && (typeof content === 'string' || isPlain(content));
  });
}

const MESSAGE: ReadonlySet<string> = new Set(['role', 'content']);
/** Members of blocks that are text, or of the client's own. Source: the Anthropic API reference, `ContentBlockParam`. */
const BLOCK: ReadonlySet<string> = new Set(['content', 'cache_control', 'citations', 'input', 'caller']);

/** True where something besides these members may make a server read more than their text. */
function holdsMore(holder: object, known: ReadonlySet<string>): boolean {
  for (const name in holder) {
    const value: unknown = holder[name as keyof typeof holder];
    if (typeof value === 'object' && value !== null && !known.has(name)) return true;
  }
  return false;
}

/** True of what makes the model read a conversation more than once. Source: Anthropic docs, compaction. */
function mayReadAgain({ context_management: management, compaction }: MessagesRequest): boolean {
  if (compaction != null) return true;
  const edits = isObject(management) ? management['edits'] : undefined;
  return Array.isArray(edits) ? edits.some(isCompaction) : edits != null;
}

function isCompaction(edit: unknown): boolean {
  return !isObject(edit) || !String(edit['type']).startsWith('clear_');
}

function isPlain(blocks: readonly Block[]): boolean {
  return blocks.every((block) => {
    const { type, content, signature, data } = block;
    if (isKeptForAnHour(block) || holdsMore(block, BLOCK)) return false;
    if (type === 'tool_result') return !Array.isArray(content) || isPlain(content as Block[]);
    // What is carried for another provider may hold more than text.
    return TEXT_BLOCKS.has(type) && !isCarried(signature) && !isCarried(data);
  });
}

function isCarried(text: unknown): boolean {
  return typeof text === 'string' && text.startsWith(CARRIED_MARK);
}
