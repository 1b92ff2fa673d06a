import type { ContentPart } from '../../openai-api/chat-message.js';
import { unreadablePart } from '../../openai-api/unreadable-part.js';
import type { UnsupportedParams } from '../unsupported-params.js';
import type { DocumentBlock, ImageBlock, TextBlock } from './api.js';
import { cacheControl } from './cache-control.js';
import { toFile, toImage } from './to-media.js';

type ContentBlock = TextBlock | ImageBlock | DocumentBlock;

/** The parts of user messages and tool results as blocks, in order; white space alone is left out (Anthropic: 400). */
export function toContent(
  content: string | readonly ContentPart[] | null | undefined,
  param: string,
  unsupported: UnsupportedParams,
): ContentBlock[] {
  if (typeof content === 'string') return isBlank(content) ? [] : [{ type: 'text', text: content }];
  const blocks: ContentBlock[] = [];
  content?.forEach((part, index) => {
    const block = toBlock(part, `${param}[${index}]`, unsupported);
    if (block === undefined) return;
    const mark = cacheControl(part);
    blocks.push(mark ? { ...block, cache_control: mark } : block);
  });
  return blocks;
}

/** The text of messages that may hold nothing else: system and assistant. A refusal counts as text. */
export function toText(
  content: string | readonly ContentPart[] | null | undefined,
  param: string,
): { text: string; mark?: TextBlock['cache_control'] }[] {
  if (typeof content === 'string') return [{ text: content }];
  return (content ?? []).map((part, index) => {
    const mark = cacheControl(part);
    if (part.type === 'text') return { text: part.text, ...(mark && { mark }) };
    if (part.type === 'refusal') return { text: part.refusal, ...(mark && { mark }) };
    throw unreadablePart(part.type, `${param}[${index}]`);
  });
}

/** True for a text that Anthropic refuses as a block of its own. */
export function isBlank(text: string): boolean {
  return text.trim() === '';
}

function toBlock(part: ContentPart, param: string, unsupported: UnsupportedParams): ContentBlock | undefined {
  switch (part.type) {
    case 'text':
      return isBlank(part.text) ? undefined : { type: 'text', text: part.text };
    case 'refusal':
      return isBlank(part.refusal) ? undefined : { type: 'text', text: part.refusal };
    case 'image_url': {
      const { detail } = part.image_url;
      if (detail === 'low' || detail === 'high') {
        unsupported.drop('messages.image_url.detail', `${param}.image_url.detail`);
      }
      return toImage(part.image_url.url, `${param}.image_url.url`);
    }
    case 'file':
      return toFile(part.file, `${param}.file`);
    default:
      throw unreadablePart(part.type, param);
  }
}
