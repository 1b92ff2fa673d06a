import { toOpenAIUsage, type Usage } from '../meter/usage.js';
import type { ChatCompletionChunk } from '../openai/chat-chunk.js';
import { estimateOutput } from '../openai/input-size.js';
import type { Frames, OpenStream } from '../pipeline/operation.js';
import type { StreamBatch } from '../providers/provider-adapter.js';

/** Keys of a relayed chat chunk whose values are output. */
export const CHAT_TEXTS = ['"content":"', '"arguments":"', '"reasoning_content":"', '"refusal":"'];
/** The same for a chunk of a legacy completion. */
export const COMPLETION_TEXTS = ['"text":"'];

/** How the chunks of a stream are passed on. */
export interface ChunkFormat {
  /** The client asked for a last chunk with the usage. */
  readonly includeUsage: boolean;
  /** Where text is found in a chunk that is relayed without being parsed. */
  readonly texts: readonly string[];
}

/** Server-sent events: only `data:` lines, because the official Python client fails on others. */
export function chunkStream(
  batches: AsyncIterable<StreamBatch>,
  { includeUsage, texts }: ChunkFormat,
  dropped: readonly string[] = [],
): OpenStream {
  let first: ChatCompletionChunk | string | undefined;
  let usageChunk: string | undefined;

  async function* frames(): AsyncGenerator<Frames, void> {
    for await (const batch of batches) {
      if (batch.usageChunk) usageChunk = batch.usageChunk;
      let text = '';
      let estimatedOutput = 0;
      for (const chunk of batch.chunks) {
        first ??= chunk;
        if (typeof chunk === 'string') {
          text += `data: ${chunk}\n\n`;
          estimatedOutput += estimateRelayed(chunk, texts);
        } else {
          text += `data: ${encodeChunk(chunk, includeUsage)}\n\n`;
          estimatedOutput += estimateChunk(chunk);
        }
      }
      yield { text, usage: batch.usage, estimatedOutput };
    }
  }

  return {
    frames: frames(),
    dropped,
    end(usage) {
      const last = includeUsage ? `data: ${usageChunk ?? encodeUsage(first, usage)}\n\n` : '';
      return `${last}data: [DONE]\n\n`;
    },
  };
}

/** With `include_usage` every chunk but the last has `usage: null`; without it none has the field. */
function encodeChunk(chunk: ChatCompletionChunk, includeUsage: boolean): string {
  return JSON.stringify(includeUsage ? { ...chunk, usage: null } : chunk);
}

/** The usage chunk, under the id of the chunks before it. */
function encodeUsage(first: ChatCompletionChunk | string | undefined, usage: Usage): string {
  const head = typeof first === 'string' ? (JSON.parse(first) as ChatCompletionChunk) : first;
  return JSON.stringify({
    id: head?.id ?? '',
    object: head?.object ?? 'chat.completion.chunk',
    created: head?.created ?? 0,
    model: head?.model ?? '',
    choices: [],
    usage: toOpenAIUsage(usage),
  });
}

/** Output tokens of a chunk, roughly. */
export function estimateChunk(chunk: ChatCompletionChunk): number {
  let characters = 0;
  for (const { delta } of chunk.choices) {
    characters += (delta.content?.length ?? 0) + (delta.reasoning_content?.length ?? 0) + (delta.refusal?.length ?? 0);
    for (const call of delta.tool_calls ?? [])
      characters += (call.function?.arguments?.length ?? 0) + (call.function?.name?.length ?? 0);
  }
  return characters === 0 ? 0 : estimateOutput(characters);
}

/** The same for a chunk that is relayed without being parsed: the length of its text fields, up to the next quote. */
export function estimateRelayed(chunk: string, texts: readonly string[]): number {
  let characters = 0;
  for (const field of texts) {
    const start = chunk.indexOf(field);
    if (start === -1) continue;
    let end = chunk.indexOf('"', start + field.length);
    while (end !== -1 && chunk[end - 1] === '\\') end = chunk.indexOf('"', end + 1);
    characters += Math.max(0, end - start - field.length);
  }
  return characters === 0 ? 0 : estimateOutput(characters);
}
