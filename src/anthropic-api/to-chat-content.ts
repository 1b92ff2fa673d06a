import { GatewayError } from '../lib/errors.js';
import { encodeBase64, standardBase64 } from '../media/base64.js';
import type { ContentPart, TextPart } from '../openai-api/chat-message.js';
import type { CacheControl } from '../openai-api/chat-request.js';
import { isObject, wrongValue } from '../openai-api/field-checks.js';
import { otherPart } from '../openai-api/other-form.js';
import type { Block } from './messages-request.js';

/** What a model behind another API can take, where the translation depends on it. */
export interface ChatTarget {
  /** Claude behind another API: cache breakpoints, native thinking and its signatures mean something to it. */
  readonly claude: boolean;
  /** Results of tools may hold images and documents; else these follow in a message of the user. */
  readonly mediaInResults: boolean;
  /** Documents may be named by their URL. */
  readonly documentUrls: boolean;
}

/** Notes what has no effect, by its path without indices: `messages.citations`. */
export type Drop = (name: string) => void;

/**
 * One block of a user's message or of a tool's result as parts; none where the target has no form for it, which is noted.
 *
 * @throws {GatewayError} for media that the target can't be given: leaving them out would change the answer.
 */
export function toParts(block: Block, path: string, target: ChatTarget, drop: Drop): ContentPart[] {
  switch (block.type) {
    case 'text': {
      const text = stringOf(block['text']);
      return text === '' ? [] : [marked({ type: 'text', text }, block, target)];
    }
    case 'image':
      return [marked({ type: 'image_url', image_url: { url: imageUrl(block, path) } }, block, target)];
    case 'document':
      if (isObject(block['citations']) && block['citations']['enabled'] === true) drop('messages.citations');
      return documentParts(block, path, target, drop);
    case 'search_result':
      return [marked({ type: 'text', text: searchResultText(block) }, block, target)];
    default: {
      const other = otherPart(block.type, 'messages');
      if (other !== undefined) throw wrongValue(`${path}.type`, other);
      drop(`messages.${block.type.replace(/[^\w.-]/g, '_').slice(0, 64)}`);
      return [];
    }
  }
}

function marked<T extends ContentPart>(part: T, block: Block, { claude }: ChatTarget): T {
  const mark = block['cache_control'];
  return claude && isObject(mark) ? { ...part, cache_control: mark as unknown as CacheControl } : part;
}

function imageUrl(block: Block, path: string): string {
  const source = sourceOf(block);
  if (source['type'] === 'base64') return dataUrl(source, `${path}.source.data`);
  if (source['type'] === 'url' && typeof source['url'] === 'string') return source['url'];
  throw unreadable(`${path}.source.type`, 'an image by its data or its URL');
}

function documentParts(block: Block, path: string, target: ChatTarget, drop: Drop): ContentPart[] {
  const source = sourceOf(block);
  const title = stringOf(block['title']);
  const context = stringOf(block['context']);
  const about: TextPart[] = context === '' ? [] : [{ type: 'text', text: context }];
  const file = (filename: string, data: string) => [
    ...about,
    marked({ type: 'file', file: { filename: title || filename, file_data: data } }, block, target),
  ];
  switch (source['type']) {
    case 'base64':
      return file('document.pdf', dataUrl(source, `${path}.source.data`));
    case 'text': {
      const text = stringOf(source['data']);
      if (target.claude) return file('document.txt', `data:text/plain;base64,${encodeBase64(text)}`);
      return [...about, { type: 'text', text: title === '' ? text : `${title}\n\n${text}` }];
    }
    case 'content': {
      const inner = source['content'];
      if (typeof inner === 'string') return [...about, { type: 'text', text: inner }];
      const blocks = Array.isArray(inner) ? (inner.filter(isObject) as Block[]) : [];
      return [...about, ...blocks.flatMap((each, i) => toParts(each, `${path}.source.content[${i}]`, target, drop))];
    }
    case 'url':
      if (target.documentUrls) return file('document.pdf', stringOf(source['url']));
      throw unreadable(`${path}.source.type`, 'a document by its data');
    case 'file':
      if (target.claude) {
        const named = { file_id: stringOf(source['file_id']), ...(title && { filename: title }) };
        return [...about, marked({ type: 'file', file: named }, block, target)];
      }
      throw unreadable(`${path}.source.type`, 'a document by its data');
    default:
      throw unreadable(`${path}.source.type`, 'a document by its data');
  }
}

function searchResultText(block: Block): string {
  const content = Array.isArray(block['content']) ? block['content'].filter(isObject) : [];
  const texts = content.map((each) => stringOf(each['text']));
  return [stringOf(block['title']), stringOf(block['source']), '', ...texts].join('\n');
}

function sourceOf(block: Block): Record<string, unknown> {
  return isObject(block['source']) ? block['source'] : {};
}

function dataUrl(source: Record<string, unknown>, path: string): string {
  const data = standardBase64(stringOf(source['data']));
  if (data === undefined) throw wrongValue(path, 'it is not base64');
  return `data:${stringOf(source['media_type'])};base64,${data}`;
}

function unreadable(param: string, what: string): GatewayError {
  return new GatewayError('unsupported_value', { param, message: `'${param}': the model can read ${what} only.` });
}

/** A string out of a client's JSON; empty for anything else. */
export function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
