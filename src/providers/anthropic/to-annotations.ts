import type { Annotation } from '../../openai-api/chat-completion.js';
import { isObject } from './api.js';

/**
 * The web sources of one text block; they stand for the block's whole range in the content, in UTF-16 units.
 *
 * Citations of the client's own documents have no URL and no counterpart at OpenAI.
 * Source: Anthropic API reference, `citations`.
 */
export function toAnnotations(citations: readonly unknown[], start: number, end: number): Annotation[] {
  return citations.flatMap((citation): Annotation[] => {
    if (!isObject(citation)) return [];
    const url = citation['url'] ?? citation['source'];
    if (typeof url !== 'string' || !/^https?:\/\//i.test(url)) return [];
    const title = typeof citation['title'] === 'string' ? citation['title'] : '';
    return [{ type: 'url_citation', url_citation: { start_index: start, end_index: end, url, title } }];
  });
}
