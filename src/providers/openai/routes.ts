import { type Destination, fetchEvents, fetchJson } from '../http-exchange.js';
import type { ProviderRoutes, RouteCall, TextRoute } from '../provider-adapter.js';
import { completionsDialect } from './completions.js';
import { toEmbeddings, toEmbeddingsRequest } from './embeddings.js';
import { responsesDialect } from './responses.js';
import type { TextDialect } from './text-dialect.js';
import type { RequestStyle } from './to-request.js';

/** Which routes beside chat an API serves. */
export interface ServedRoutes {
  readonly embeddings: boolean;
  readonly completions: boolean;
  readonly responses: boolean;
}

/** The routes of an API that speaks OpenAI's format. */
export function openaiRoutes(served: ServedRoutes, style: RequestStyle, destination: Destination): ProviderRoutes {
  return {
    ...(served.embeddings && {
      async embeddings(call) {
        const native = toEmbeddingsRequest(call, style);
        const { json, text } = await fetchJson(call, native, destination);
        return toEmbeddings(json, text, call, destination.toError);
      },
    }),
    ...(served.responses && { responses: textRoute(responsesDialect(destination.toError), destination) }),
    ...(served.completions && { completions: textRoute(completionsDialect(style, destination.toError), destination) }),
  };
}

function textRoute<Request>(dialect: TextDialect<Request>, destination: Destination): TextRoute<Request> {
  return {
    async answer(call: RouteCall<Request>) {
      const native = dialect.toRequest(call, false);
      const { json, text } = await fetchJson(call, native, destination);
      const answer = dialect.toAnswer(json, text);
      return native.dropped ? { ...answer, dropped: native.dropped } : answer;
    },
    stream: (call) => fetchEvents(call, dialect.toRequest(call, true), () => dialect.toEvents(call), destination),
  };
}
