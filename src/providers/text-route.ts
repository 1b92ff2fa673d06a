import { loadedOnce, methodsLoadedLate } from '../lib/loaded-late.js';
import type { ProviderRoutes, TextRoute } from './adapter.js';
import type { Destination } from './http/http-exchange.js';
import type { FullMediaRoute } from './openai/media.js';
import type { RequestStyle } from './openai/to-request.js';

/** Which routes besides chat an API serves. */
export interface ServedRoutes {
  readonly embeddings: boolean;
  readonly completions: boolean;
  readonly responses: boolean;
  /** Images, sound and moderations. */
  readonly media?: boolean;
}

/** The routes of an API that speaks OpenAI's format; their code is loaded with the first request for any of them. */
export function openaiRoutes(served: ServedRoutes, style: RequestStyle, destination: Destination): ProviderRoutes {
  const routes = loadedOnce(async () => {
    const { nonChatRoutes } = await import('./openai/non-chat-routes.js');
    return nonChatRoutes(style, destination);
  });
  return {
    ...(served.embeddings && { embeddings: async (call) => (await routes()).embeddings(call) }),
    ...(served.responses && { responses: textRoute(async () => (await routes()).responses) }),
    ...(served.media && {
      media: methodsLoadedLate<FullMediaRoute>(
        { answer: true, stream: true, relay: true },
        async () => (await routes()).media,
      ),
    }),
    ...(served.completions && { completions: textRoute(async () => (await routes()).completions) }),
  };
}

function textRoute<Request>(load: () => Promise<TextRoute<Request>>): TextRoute<Request> {
  return methodsLoadedLate<TextRoute<Request>>({ answer: true, stream: true }, load);
}
