import type { MediaRequest } from '../../openai-api/media/media-request.js';
import type { Operation } from '../../pipeline/operation.js';
import type { StreamBatch } from '../../providers/adapter.js';
import { errorFrame } from '../chat-completions.js';
import { required } from '../embeddings.js';
import { pricedUse } from './media-use.js';

const DONE = 'data: [DONE]\n\n';

/** A media request as the pipeline runs it; its answer is relayed as it is. @param dispose deletes its files. */
export function mediaOperation(request: MediaRequest, dispose?: () => Promise<void>): Operation {
  const { inputTokens, outputTokens } = request.use.tokens;
  return {
    route: request.path,
    model: request.model,
    stream: request.stream,
    input: { estimatedTokens: inputTokens + outputTokens, maxTokens: inputTokens },
    output: undefined,
    stickyKey: undefined,
    fits: ({ routes }) => routes?.media !== undefined,
    async call(adapter, attempt) {
      const { body, contentType, usage } = await required(adapter.routes?.media).answer(attempt.routeCall(request));
      return { body, contentType, usage, estimatedOutput: 0, dropped: [] };
    },
    async open(adapter, attempt) {
      const { batches, dropped = [] } = await required(adapter.routes?.media).stream(attempt.routeCall(request));
      return { batches, encode: encodeEvents, dropped, end: () => (request.path === 'audio/speech' ? '' : DONE) };
    },
    fail: errorFrame,
    pricedUse: (price) => pricedUse(request.use, price),
    ...(dispose && { dispose: () => void dispose().catch(() => undefined) }),
  };
}

function encodeEvents({ chunks, usage }: StreamBatch) {
  const text = chunks.map((chunk) => `data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\n\n`).join('');
  return { text, usage, estimatedOutput: 0 };
}
