import { toOpenAIUsage, type Usage } from '../lib/usage.js';
import type { ChatCompletionChunk } from '../openai-api/chat-chunk.js';
import { chunkEncoder } from '../openai-api/chunk-encoder.js';
import { estimateChunk } from '../openai-api/relayed-output.js';
import type { Frames, OpenStream } from '../pipeline/operation.js';
import type { StreamBatch } from '../providers/adapter.js';
import { withCost } from './usage-option.js';

const DONE = 'data: [DONE]\n\n';

/** How the chunks of a stream are passed on. */
export interface ChunkFormat {
  /** The client asked for a last chunk with the usage. */
  readonly includeUsage: boolean;
  /** With the cost in it. @default false */
  readonly includeCost?: boolean;
  /** Estimates the output tokens of a chunk that is relayed without being parsed. */
  readonly estimateRelayed: (chunk: string) => number;
}

/** Server-sent events: only `data:` lines, because the official Python client fails on others. */
export function chunkStream(
  batches: AsyncIterable<StreamBatch>,
  { includeUsage, includeCost = false, estimateRelayed }: ChunkFormat,
  dropped: readonly string[] = [],
): OpenStream {
  let first: ChatCompletionChunk | string | undefined;
  let usageChunk: string | undefined;
  const encodeChunk = chunkEncoder(includeUsage);

  function encode(batch: StreamBatch): Frames {
    if (batch.usageChunk) usageChunk = batch.usageChunk;
    let text = '';
    let estimatedOutput = 0;
    for (const chunk of batch.chunks) {
      first ??= chunk;
      if (typeof chunk === 'string') {
        text += `data: ${chunk}\n\n`;
        estimatedOutput += estimateRelayed(chunk);
      } else {
        text += `data: ${encodeChunk(chunk)}\n\n`;
        estimatedOutput += estimateChunk(chunk);
      }
    }
    return { text, usage: batch.usage, estimatedOutput };
  }

  return {
    batches,
    encode,
    dropped,
    end(usage, cost) {
      if (!includeUsage) return DONE;
      const chunk = usageChunk ?? encodeUsage(first, usage);
      return `data: ${includeCost ? withCost(chunk, cost()) : chunk}\n\n${DONE}`;
    },
  };
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
