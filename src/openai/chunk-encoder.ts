import type { ChatCompletionChunk } from './chat-chunk.js';

/**
 * Writes the chunks of one stream as JSON. With `include_usage` every chunk but the last has `usage: null`; without it
 * none has the field.
 *
 * Most chunks of a stream differ in their text alone, so that what stands around it is written once.
 */
export function chunkEncoder(includeUsage: boolean): (chunk: ChatCompletionChunk) => string {
  const last = includeUsage ? ',"usage":null}' : '}';
  let like: ChatCompletionChunk | undefined;
  let before = '';
  let after = '';

  return (chunk) => {
    const content = contentAlone(chunk);
    if (content === undefined) return JSON.stringify(includeUsage ? { ...chunk, usage: null } : chunk);
    if (!like || !hasSameHead(chunk, like)) {
      like = chunk;
      const { id, object, created, model, service_tier } = chunk;
      const head = JSON.stringify({ id, object, created, model });
      before = `${head.slice(0, -1)},"choices":[{"index":0,"delta":{"content":`;
      const tier = service_tier === undefined ? '' : `,"service_tier":${JSON.stringify(service_tier)}`;
      after = `},"logprobs":null,"finish_reason":null}]${tier}${last}`;
    }
    return before + JSON.stringify(content) + after;
  };
}

/** Fields of a chunk that `before` and `after` are made of; one with others is written in full. */
const HEAD_FIELDS = ['id', 'object', 'created', 'model', 'choices', 'service_tier'];
const CHOICE_FIELDS = ['index', 'delta', 'logprobs', 'finish_reason'];

/** The text of a chunk of the first choice that holds nothing else. */
function contentAlone(chunk: ChatCompletionChunk): string | undefined {
  for (const field in chunk) if (!HEAD_FIELDS.includes(field)) return undefined;
  const [choice] = chunk.choices;
  if (!choice || chunk.choices.length > 1 || choice.index !== 0) return undefined;
  if (choice.logprobs !== null || choice.finish_reason !== null) return undefined;
  for (const field in choice) if (!CHOICE_FIELDS.includes(field)) return undefined;
  for (const field in choice.delta) if (field !== 'content') return undefined;
  return choice.delta.content ?? undefined;
}

function hasSameHead(chunk: ChatCompletionChunk, other: ChatCompletionChunk): boolean {
  return (
    chunk.id === other.id &&
    chunk.model === other.model &&
    chunk.created === other.created &&
    chunk.object === other.object &&
    chunk.service_tier === other.service_tier
  );
}
