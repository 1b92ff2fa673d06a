import type { ChatAnswer, ChatCall, ChatStream, ProviderAdapter, ProviderRoutes, RouteSizes } from '../adapter.js';
import { nativeAdapters } from '../adopt.js';
import { outlineOf } from '../outline.js';
import { openaiSize } from '../sizing.js';
import type { ChatDialect } from './dialect.js';
import type { Endpoint } from './endpoint.js';
import { destinationOf, fetchEvents, fetchJson, parseAnswer } from './http-exchange.js';

export { invalidAnswer, truncatedAnswer } from '../answer-faults.js';
export type {
  ChatDialect,
  NativeError,
  NativeRequest,
  SentRequest,
  SizedDialect,
  StreamTranslator,
} from './dialect.js';
export type { Endpoint } from './endpoint.js';

/** Builds an adapter from a dialect: transport, errors, and event reading are shared by all of them. */
export function httpProvider(
  dialect: ChatDialect,
  endpoint: Endpoint,
  routes?: ProviderRoutes,
  routeSizes?: RouteSizes,
): ProviderAdapter {
  const destination = destinationOf(endpoint, dialect.toError);
  const prepared = (call: ChatCall) => dialect.prepare?.(outlineOf(call));
  const adapter: ProviderAdapter = {
    name: dialect.name,

    chat(call): Promise<ChatAnswer> {
      const translate = () => dialect.toRequest(call, false);
      const ask = () =>
        fetchJson(call, translate, destination, (body, { dropped }) => {
          const { json, text } = parseAnswer(body);
          const answer = dialect.toCompletion(json, text, call);
          return dropped ? { ...answer, dropped } : answer;
        });
      return prepared(call)?.then(ask) ?? ask();
    },

    async stream(call): Promise<ChatStream> {
      await prepared(call);
      const native = dialect.toRequest(call, true);
      return fetchEvents(call, native, () => dialect.toChunks(call), destination);
    },

    ...(dialect.recall && { recall: dialect.recall }),
    ...(dialect.takesTool && { takesTool: dialect.takesTool }),
    ...(routes && { routes }),
    sizes: {
      ...routeSizes,
      chat: (call) => dialect.sentSize?.(call) ?? openaiSize(call.request, call.model),
    },
  };
  return nativeAdapters.attach(adapter, true);
}
