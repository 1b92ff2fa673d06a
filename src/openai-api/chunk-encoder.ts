import type { ChatCompletionChunk } from './chat-chunk.js';

/**
 * Writes the chunks of one stream as JSON. With `include_usage` every chunk but the last has `usage: null`; without it
 * none has the field.
 *
 * Most chunks of a stream differ in their text alone, so that what stands around it is written once. Saves 50 % of
 * writing them (bench:tricks `chunkEncoder`).
 */
export function chunkEncoder(includeUsage: boolean): (chunk: ChatCompletionChunk) => string {
  const last = includeUsage ? ',"usage":null}' : '}';
  let like: ChatCompletionChunk | undefined;
  let before = '';
  let after = '';

  return (chunk) => {
    const content = contentAlone(chunk);
    if (content === undefined || !isPlain(chunk)) {
      return JSON.stringify(includeUsage ? { ...chunk, usage: null } : chunk);
    }
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

/** The text of a chunk of the first choice that holds nothing else; undefined for any other chunk. */
function contentAlone({ choices }: ChatCompletionChunk): string | undefined {
  const [choice] = choices;
  if (!choice || choices.length > 1 || choice.index !== 0) return undefined;
  const { delta, logprobs, finish_reason: finish } = choice;
  if (logprobs !== null || finish !== null || countFields(choice) !== 4 || countFields(delta) !== 1) return undefined;
  return delta.content ?? undefined;
}

function countFields(value: object): number {
  let count = 0;
  for (const _ in value) count += 1;
  return count;
}

/** True when a chunk has an id, object, created, model and choices, and at most a service tier besides. */
function isPlain(chunk: ChatCompletionChunk): boolean {
  const { id, object, created, model, service_tier: tier } = chunk;
  if (countFields(chunk) !== (tier === undefined ? 5 : 6)) return false;
  return id !== undefined && object !== undefined && created !== undefined && model !== undefined;
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
