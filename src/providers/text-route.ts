import type { ProviderRoutes, RouteCall, TextRoute } from './adapter.js';
import { type Destination, fetchEvents, fetchJson, parseAnswer } from './http/http-exchange.js';
import { inBatches } from './in-batches.js';
import { completionsDialect } from './openai/completions.js';
import { toEmbeddings, toEmbeddingsRequest } from './openai/embeddings.js';
import { mediaRoute } from './openai/media.js';
import { responsesDialect } from './openai/responses.js';
import type { RequestStyle } from './openai/to-request.js';
import type { TextDialect } from './text-dialect.js';

/** Which routes beside chat an API serves. */
export interface ServedRoutes {
  readonly embeddings: boolean;
  readonly completions: boolean;
  readonly responses: boolean;
  /** Images, sound and moderations. */
  readonly media?: boolean;
}

/** The routes of an API that speaks OpenAI's format. */
export function openaiRoutes(served: ServedRoutes, style: RequestStyle, destination: Destination): ProviderRoutes {
  return {
    ...(served.embeddings && {
      embeddings: (call) => {
        return inBatches(call, style.maxEmbeddingBatch, (part) => {
          const translate = () => toEmbeddingsRequest(part, style);
          return fetchJson(part, translate, destination, (body) => {
            const { json, text } = parseAnswer(body);
            return toEmbeddings(json, text, part, destination.toError);
          });
        });
      },
    }),
    ...(served.responses && { responses: textRoute(responsesDialect(destination.toError, style), destination) }),
    ...(served.media && { media: mediaRoute(destination) }),
    ...(served.completions && { completions: textRoute(completionsDialect(style, destination.toError), destination) }),
  };
}

function textRoute<Request>(dialect: TextDialect<Request>, destination: Destination): TextRoute<Request> {
  return {
    answer(call: RouteCall<Request>) {
      const translate = () => dialect.toRequest(call, false);
      return fetchJson(call, translate, destination, (body, native) => {
        const { json, text } = parseAnswer(body);
        const answer = dialect.toAnswer(json, text);
        return native.dropped ? { ...answer, dropped: native.dropped } : answer;
      });
    },
    stream: (call) => fetchEvents(call, dialect.toRequest(call, true), () => dialect.toEvents(call), destination),
  };
}
