import type { Annotation } from '../../openai-api/chat-completion.js';
import type { GroundingMetadata, GroundingSupport } from './api.js';

/**
 * Sources of a grounded answer as URL citations; indices count UTF-16 units of `content`.
 *
 * Sources that no passage names cite the whole answer. Source: ai.google.dev, "Grounding with Google Search".
 */
export function toAnnotations(metadata: GroundingMetadata, content: string): Annotation[] {
  const sources = (metadata.groundingChunks ?? []).map((chunk) => chunk.web ?? chunk.retrievedContext ?? chunk.maps);
  const cite = (index: number, start: number, end: number): Annotation[] => {
    const { uri, title } = sources[index] ?? {};
    if (uri === undefined) return [];
    const citation = { start_index: start, end_index: end, url: uri, title: title ?? uri };
    return [{ type: 'url_citation', url_citation: citation }];
  };
  const supports = metadata.groundingSupports ?? [];
  if (supports.length === 0) return sources.flatMap((_, index) => cite(index, 0, content.length));
  return supports.flatMap((support) => {
    const [start, end] = locate(support, content);
    return (support.groundingChunkIndices ?? []).flatMap((index) => cite(index, start, end));
  });
}

/** Where a passage stands. Offsets are bytes within one part, so looking for the text is more reliable. */
function locate({ segment = {} }: GroundingSupport, content: string): [number, number] {
  const start = unitsAt(content, segment.startIndex ?? 0);
  const text = segment.text ?? '';
  if (text !== '') {
    const found = content.startsWith(text, start) ? start : content.indexOf(text);
    if (found >= 0) return [found, found + text.length];
  }
  return [start, Math.max(start, unitsAt(content, segment.endIndex ?? 0))];
}

/** The UTF-16 index of a UTF-8 offset, at most the length. */
function unitsAt(content: string, bytes: number): number {
  let units = 0;
  let seen = 0;
  for (const character of content) {
    if (seen >= bytes) break;
    const code = character.codePointAt(0) ?? 0;
    seen += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    units += character.length;
  }
  return units;
}
