import type { AnswerParts } from '../../gemini-api/answer-parts.js';
import { geminiErrorBody } from '../../gemini-api/error-body.js';
import type { GatewayError } from '../../lib/errors.js';
import type { ChatCompletionChunk } from '../../openai-api/chat-chunk.js';
import { estimateChunk, estimateRelayedText } from '../../openai-api/relayed-output.js';
import type { Frames, OpenStream } from '../../pipeline/operation.js';
import type { StreamBatch } from '../../providers/adapter.js';

/** How the events of one stream are framed: as server-sent events, or as the items of a JSON array. */
export class GeminiFrames {
  readonly #events: boolean;
  #begun = false;

  constructor(alt: 'sse' | 'json') {
    this.#events = alt === 'sse';
  }

  get type(): string | undefined {
    return this.#events ? undefined : 'application/json';
  }

  frame(data: string): string {
    if (this.#events) return `data: ${data}\r\n\r\n`;
    const before = this.#begun ? ',\r\n' : '[';
    this.#begun = true;
    return before + data;
  }

  /** What closes a complete stream. */
  get end(): string {
    if (this.#events) return '';
    return this.#begun ? ']' : '[]';
  }

  /** What ends a stream that failed: no finish reason. Source: the error events of Google's own streams. */
  fail(error: GatewayError): string {
    return this.frame(geminiErrorBody(error)) + this.end;
  }
}

/** A stream of chat chunks in Gemini's form. */
export function translatedStream(
  batches: AsyncIterable<StreamBatch>,
  parts: AnswerParts,
  frames: GeminiFrames,
  dropped: readonly string[],
): OpenStream {
  const encode = (batch: StreamBatch): Frames => {
    let text = '';
    let estimatedOutput = 0;
    for (const entry of batch.chunks) {
      const chunk = typeof entry === 'string' ? (JSON.parse(entry) as ChatCompletionChunk) : entry;
      const event = parts.chunk(chunk);
      if (event) text += frames.frame(JSON.stringify(event));
      estimatedOutput += estimateChunk(chunk);
    }
    return { text, usage: batch.usage, estimatedOutput };
  };
  const end: OpenStream['end'] = (usage) => frames.frame(JSON.stringify(parts.end(usage))) + frames.end;
  return { batches, encode, dropped, end };
}

/** A stream of Google's own events, each as it came; the last one waits for the settlement. */
export function relayedStream(
  batches: AsyncIterable<StreamBatch>,
  frames: GeminiFrames,
  dropped: readonly string[],
): OpenStream {
  let last: string | undefined;
  const encode = (batch: StreamBatch): Frames => {
    let text = '';
    let estimatedOutput = 0;
    for (const entry of batch.chunks) {
      const data = typeof entry === 'string' ? entry : JSON.stringify(entry);
      text += frames.frame(data);
      estimatedOutput += estimateRelayedText(data);
    }
    last = batch.usageChunk ?? last;
    return { text, usage: batch.usage, estimatedOutput };
  };
  const end = () => (last === undefined ? '' : frames.frame(last)) + frames.end;
  return { batches, encode, dropped, end };
}
