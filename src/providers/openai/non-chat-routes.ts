import type { CompletionRequest } from '../../openai-api/completion-request.js';
import type { EmbeddingsRequest } from '../../openai-api/embeddings.js';
import type { ResponsesRequest } from '../../openai-api/responses/responses-request.js';
import type { EmbeddingsAnswer, RouteCall, TextRoute } from '../adapter.js';
import { type Destination, fetchEvents, fetchJson, parseAnswer } from '../http/http-exchange.js';
import { inBatches } from '../in-batches.js';
import type { TextDialect } from '../text-dialect.js';
import { completionsDialect } from './completions.js';
import { toEmbeddings, toEmbeddingsRequest } from './embeddings.js';
import { type FullMediaRoute, mediaRoute } from './media.js';
import { responsesDialect } from './responses.js';
import type { RequestStyle } from './to-request.js';

/** All routes of OpenAI's API other than chat. */
export interface NonChatRoutes {
  embeddings(call: RouteCall<EmbeddingsRequest>): Promise<EmbeddingsAnswer>;
  readonly completions: TextRoute<CompletionRequest>;
  readonly responses: TextRoute<ResponsesRequest>;
  readonly media: FullMediaRoute;
}

export function nonChatRoutes(style: RequestStyle, destination: Destination): NonChatRoutes {
  return {
    embeddings: (call) =>
      inBatches(call, style.maxEmbeddingBatch, (part) => {
        const translate = () => toEmbeddingsRequest(part, style);
        return fetchJson(part, translate, destination, (body) => {
          const { json, text } = parseAnswer(body);
          return toEmbeddings(json, text, part, destination.toError);
        });
      }),
    completions: textRoute(completionsDialect(style, destination.toError), destination),
    responses: textRoute(responsesDialect(destination.toError, style), destination),
    media: mediaRoute(style, destination),
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
