import type { MediaRequest } from '../../openai-api/media/media-request.js';
import { SpokenSound, spokenUsage } from '../../openai-api/media/speech.js';
import type { OpenStream, Operation, PricedTarget } from '../../pipeline/operation.js';
import type { MediaRoute, ProviderAdapter, RouteCall, StreamBatch } from '../../providers/adapter.js';
import { errorFrame } from '../chat-completions.js';
import { served } from '../served.js';
import { isPricedByUnit, pricedUse } from './media-use.js';

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
    fits: ({ routes }) => routes?.media !== undefined && (routes.media.paths?.includes(request.path) ?? true),
    async call(adapter, attempt) {
      const answered = await served(adapter.routes?.media).answer(attempt.routeCall(request));
      const { body, contentType, usage = spokenUsage(request, body), dropped = [] } = answered;
      return { body, contentType, usage, estimatedOutput: 0, dropped };
    },
    async open(adapter, attempt) {
      const media = served(adapter.routes?.media);
      if (!request.stream) return relay(request, media, attempt.routeCall(request));
      const { batches, dropped = [] } = await media.stream(attempt.routeCall(request));
      return { batches, encode: encodeEvents, dropped, end: () => (request.path === 'audio/speech' ? '' : DONE) };
    },
    ...(!request.stream && {
      relays: (adapter: ProviderAdapter, target: PricedTarget) => isRelayed(request, adapter, target),
    }),
    fail: errorFrame,
    pricedUse: (target) => pricedUse(request.use, target),
    ...(dispose && { dispose: () => void dispose().catch(() => undefined) }),
  };
}

/**
 * Speech has no report but its time; pictures are passed on as they come where they are priced by the picture.
 * Everything else is read first, for its report: JSON answers say what they cost.
 */
function isRelayed({ path, use }: MediaRequest, { routes }: ProviderAdapter, target: PricedTarget): boolean {
  if (!routes?.media?.relay) return false;
  return path === 'audio/speech' || (path.startsWith('images/') && isPricedByUnit(use, target));
}

/** The last byte is held back: it leaves when the charge is recorded. */
async function relay(request: MediaRequest, media: MediaRoute, call: RouteCall<MediaRequest>): Promise<OpenStream> {
  const sound = request.path === 'audio/speech' ? new SpokenSound(request) : undefined;
  const { batches, contentType, dropped = [] } = await served(media.relay)(call);
  let last: Uint8Array = new Uint8Array();
  return {
    batches,
    contentType,
    dropped,
    encode({ bytes, finished }) {
      // Of an answer that breaks off nobody knows how much more was made.
      if (finished) return { text: '', usage: sound?.usage, estimatedOutput: 0 };
      if (bytes === undefined || bytes.byteLength === 0) return { text: '', usage: undefined, estimatedOutput: 0 };
      sound?.add(bytes);
      const text = Buffer.concat([last, bytes.subarray(0, -1)]);
      last = bytes.subarray(-1);
      return { text, usage: undefined, estimatedOutput: 0 };
    },
    end: () => last,
  };
}

function encodeEvents({ chunks, usage }: StreamBatch) {
  const text = chunks.map((chunk) => `data: ${typeof chunk === 'string' ? chunk : JSON.stringify(chunk)}\n\n`).join('');
  return { text, usage, estimatedOutput: 0 };
}
