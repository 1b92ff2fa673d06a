import { GatewayError } from '../../lib/errors.js';
import { type Block, isObject, type JsonObject, type Turn } from '../anthropic/api.js';
import type { CachePoint, ConverseBlock, ConverseMessage } from './converse-api.js';
import { converseName } from './tool-names.js';

/** Stands where Converse wants a text and there is none. */
const NO_TEXT = { text: '-' };

/**
 * Turns of Anthropic's form as messages of Converse: the first is the user's, and documents have a text beside them.
 *
 * Source: AWS, Amazon Bedrock API reference, `Message`, `DocumentBlock`.
 */
export function toConverseMessages(turns: readonly Turn[]): ConverseMessage[] {
  const names = new DocumentNames();
  const messages = turns.map(({ role, content }) => {
    return { role, content: withText(content.flatMap((block) => toBlocks(block, names))) };
  });
  return messages[0]?.role === 'assistant' ? [{ role: 'user', content: [NO_TEXT] }, ...messages] : messages;
}

function withText(content: ConverseBlock[]): ConverseBlock[] {
  const needsText = content.some((block) => 'document' in block) && !content.some((block) => 'text' in block);
  return needsText ? [NO_TEXT, ...content] : content;
}

/** The breakpoint that a block carries, as the point after it. */
export function cachePoint(mark: JsonObject | undefined): CachePoint[] {
  if (mark === undefined) return [];
  const { ttl } = mark;
  return [{ cachePoint: { type: 'default', ...((ttl === '5m' || ttl === '1h') && { ttl }) } }];
}

function toBlocks(block: Block, names: DocumentNames): ConverseBlock[] {
  const made = toBlock(block, names);
  const mark = 'cache_control' in block && isObject(block.cache_control) ? block.cache_control : undefined;
  return made === undefined ? [] : [made, ...cachePoint(mark)];
}

function toBlock(block: Block, names: DocumentNames): ConverseBlock | undefined {
  switch (block.type) {
    case 'text':
      return { text: block.text };
    case 'image':
      if (block.source.type !== 'base64') throw onlyData('image_url');
      return { image: { format: block.source.media_type.replace('image/', ''), source: { bytes: block.source.data } } };
    case 'document':
      return toDocument(block, names);
    case 'tool_use':
      return { toolUse: { toolUseId: block.id, name: converseName(block.name), input: block.input } };
    case 'tool_result': {
      const content = (block.content ?? []).flatMap((inner) => toBlocks(inner, names));
      // An empty result is refused.
      return { toolResult: { toolUseId: block.tool_use_id, content: content.length > 0 ? content : [NO_TEXT] } };
    }
    case 'thinking':
      return 'thinking' in block
        ? { reasoningContent: { reasoningText: { text: block.thinking, signature: block.signature } } }
        : undefined;
    case 'redacted_thinking':
      return 'data' in block ? { reasoningContent: { redactedContent: block.data } } : undefined;
    default:
      return undefined;
  }
}

function toDocument(block: Extract<Block, { type: 'document' }>, names: DocumentNames): ConverseBlock {
  const { source } = block;
  const name = names.next(block.title);
  if (source.type === 'base64') return { document: { format: 'pdf', name, source: { bytes: source.data } } };
  if (source.type !== 'text') throw onlyData('file');
  const bytes = Buffer.from(source.data).toString('base64');
  return { document: { format: 'txt', name, source: { bytes } } };
}

function onlyData(part: string): GatewayError {
  const message = `The model reads data URLs only: send the content of '${part}' itself.`;
  return new GatewayError('unsupported_value', { param: 'messages', message });
}

/** Names that Converse accepts, each once: letters, digits, single spaces, hyphens and brackets. */
class DocumentNames {
  #count = 0;

  next(title: string | undefined): string {
    this.#count += 1;
    const clean = (title ?? 'document')
      .replace(/[^A-Za-z0-9()[\]-]+/g, ' ')
      .trim()
      .slice(0, 180)
      .trim();
    return `${clean || 'document'} ${this.#count}`;
  }
}
