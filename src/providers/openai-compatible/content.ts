import type { Annotation } from '../../openai-api/chat-completion.js';
import { type Fields, isFields } from '../openai/fields.js';

/** What a message or delta says, apart from tool calls. */
export interface Said {
  /** Undefined: says nothing of it. */
  readonly text?: string;
  readonly reasoning?: string;
  readonly refusal?: string;
}

/**
 * Reads `content` as a string or as Mistral's array of parts (`text`, `thinking`, which nests parts again), and
 * reasoning under any of its names: `reasoning_content` (DeepSeek, xAI, vLLM), `reasoning` (Groq, OpenRouter).
 *
 * Source: the Mistral API reference, `AssistantMessage.content`; recorded answers of the others.
 */
export function readSaid(message: Fields): Said {
  const { content, refusal } = message;
  let text = typeof content === 'string' ? content : undefined;
  let reasoning = firstText(message.reasoning_content, message.reasoning);
  let refused = typeof refusal === 'string' && refusal !== '' ? refusal : undefined;
  for (const part of Array.isArray(content) ? content : []) {
    if (typeof part === 'string') text = (text ?? '') + part;
    if (!isFields(part)) continue;
    if (part.type === 'thinking' || part.type === 'reasoning') {
      reasoning = (reasoning ?? '') + partText(part.thinking ?? part.text);
    } else if (part.type === 'refusal') {
      refused = (refused ?? '') + partText(part.refusal);
    } else if (part.type === 'text' || part.type === 'output_text') {
      text = (text ?? '') + partText(part.text);
    }
  }
  return {
    ...(text !== undefined && { text }),
    ...(reasoning && { reasoning }),
    ...(refused !== undefined && { refusal: refused }),
  };
}

/** Fields of a message or delta that `readSaid` and the tool-call readers have dealt with. */
export const READ_FIELDS = ['role', 'content', 'refusal', 'reasoning', 'reasoning_content', 'tool_calls'] as const;

/** Annotations with all four fields that the schema requires; what is no URL citation is left out. */
export function readAnnotations(value: unknown): Annotation[] {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item): Annotation[] => {
    const citation = isFields(item) ? item.url_citation : undefined;
    if (!isFields(citation) || typeof citation.url !== 'string') return [];
    return [
      {
        ...(item as Fields),
        type: 'url_citation',
        url_citation: {
          ...citation,
          url: citation.url,
          title: typeof citation.title === 'string' ? citation.title : '',
          start_index: integer(citation.start_index),
          end_index: integer(citation.end_index),
        },
      },
    ];
  });
}

/** Log probabilities with every field that the schema requires; null for anything else. */
export function readLogprobs(value: unknown): Fields | null {
  if (!isFields(value)) return null;
  return { ...value, content: tokenList(value.content), refusal: tokenList(value.refusal) };
}

function tokenList(value: unknown): Fields[] | null {
  if (!Array.isArray(value)) return null;
  return value.filter(isFields).map((token) => ({
    ...token,
    bytes: token.bytes ?? null,
    top_logprobs: (Array.isArray(token.top_logprobs) ? token.top_logprobs : []).filter(isFields).map(withBytes),
  }));
}

function withBytes(token: Fields): Fields {
  return { ...token, bytes: token.bytes ?? null };
}

function partText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (!Array.isArray(value)) return '';
  return value.map((part) => (isFields(part) ? partText(part.text) : partText(part))).join('');
}

function firstText(...values: unknown[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && value !== '');
}

function integer(value: unknown): number {
  return Number.isInteger(value) ? (value as number) : 0;
}
