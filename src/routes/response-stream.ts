import type { GatewayError } from '../lib/errors.js';
import type { Usage } from '../lib/usage.js';
import type { ChatCompletionChunk } from '../openai-api/chat-chunk.js';
import { estimateChunk, estimateRelayedText } from '../openai-api/relayed-output.js';
import type { Response } from '../openai-api/responses/response.js';
import { type ResponseEvent, ResponseEvents } from '../openai-api/responses/response-events.js';
import type { ResponsesRequest } from '../openai-api/responses/responses-request.js';
import type { ToolNames } from '../openai-api/responses/tool-names.js';
import type { Frames, OpenStream } from '../pipeline/operation.js';
import type { StreamBatch } from '../providers/adapter.js';
import { eventWithCost } from './usage-option.js';

const END = 'data: [DONE]\n\n';

/** Called with the items of a complete answer, and reasoning that none of them shows. */
export type Remember = (output: unknown, unseen?: unknown) => void;

/** What a streamed response is written with. */
export interface ResponseStreamOptions {
  readonly names?: ToolNames | undefined;
  /** True: the event that ends it says what it cost. @default false */
  readonly includeCost?: boolean;
}

/** The frames of one streamed response. The event that ends it is sent last, after the settlement. */
export class ResponseStream {
  readonly #events: ResponseEvents;

  readonly #includeCost: boolean;

  /** @param options.names of the tools in the chat request; unset for a stream that is relayed. */
  constructor(
    request: ResponsesRequest,
    requestId: string,
    { names, includeCost = false }: ResponseStreamOptions = {},
  ) {
    this.#events = new ResponseEvents(request, requestId, names);
    this.#includeCost = includeCost;
  }

  /** A stream of chat chunks as a response. */
  translate(batches: AsyncIterable<StreamBatch>, dropped: readonly string[], remember: Remember): OpenStream {
    const events = this.#events;
    const encode = (batch: StreamBatch): Frames => {
      let text = '';
      let estimatedOutput = 0;
      for (const entry of batch.chunks) {
        const chunk = typeof entry === 'string' ? (JSON.parse(entry) as ChatCompletionChunk) : entry;
        text += framed(events.chunk(chunk));
        estimatedOutput += estimateChunk(chunk);
      }
      return { text, usage: batch.usage, estimatedOutput };
    };
    const end = (usage: Usage, cost: () => string) => {
      const ending = events.end(usage);
      remember(ending.output, ending.unseen);
      const last = this.#includeCost ? ending.events.map((event) => eventWithCost(event, cost())) : ending.events;
      return framed(last) + END;
    };
    return { batches, encode, dropped, end };
  }

  /** A stream of a provider's own events. */
  relay(batches: AsyncIterable<StreamBatch>, dropped: readonly string[], remember: Remember): OpenStream {
    const events = this.#events;
    let last = '';
    let count = 0;
    const encode = (batch: StreamBatch): Frames => {
      let text = '';
      let estimatedOutput = 0;
      for (const entry of batch.chunks) {
        const data = typeof entry === 'string' ? entry : JSON.stringify(entry);
        if (count === 0) events.follow((JSON.parse(data) as { response?: Response }).response, 0);
        events.follow(undefined, ++count);
        text += `data: ${data}\n\n`;
        estimatedOutput += estimateRelayedText(data, 'delta');
      }
      last = batch.usageChunk ?? last;
      return { text, usage: batch.usage, estimatedOutput };
    };
    const end = (_: Usage, cost: () => string) => {
      const event = JSON.parse(last) as { response?: { output?: unknown } };
      remember(event.response?.output);
      return `data: ${this.#includeCost ? JSON.stringify(eventWithCost(event, cost())) : last}\n\n${END}`;
    };
    return { batches, encode, dropped, end };
  }

  /** What ends a response that failed: no `[DONE]`. */
  fail(error: GatewayError): string {
    return framed(this.#events.fail(error));
  }
}

/** Only `data:` lines; every event names its type itself. */
function framed(events: readonly ResponseEvent[]): string {
  let text = '';
  for (const event of events) text += `data: ${JSON.stringify(event)}\n\n`;
  return text;
}
