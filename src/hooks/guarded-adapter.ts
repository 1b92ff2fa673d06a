import type { MessagesRoute, ProviderAdapter, ProviderRoutes, TextRoute } from '../providers/adapter.js';
import type { AnswerGuard } from './answer-guard.js';
import { guardChat, guardText } from './guarded-answer.js';
import { guardedMedia } from './guarded-media.js';
import { GuardedStream } from './guarded-stream.js';

/**
 * An adapter whose answers a hook sees before the route does.
 *
 * A hook that may change answers sees them in chat form: responses, messages and Gemini's answers are then made
 * out of chat, as for providers that have no such route.
 */
export function guardedAdapter(adapter: ProviderAdapter, guard: AnswerGuard): ProviderAdapter {
  const { routes } = adapter;
  return {
    name: adapter.name,
    ...(adapter.sizes && { sizes: adapter.sizes }),
    chat: async (call) => guardChat(await adapter.chat(call), guard),
    async stream(call) {
      const stream = await adapter.stream(call);
      return { ...stream, batches: new GuardedStream(stream.batches, guard) };
    },
    ...(routes && { routes: guardedRoutes(routes, guard) }),
  };
}

function guardedRoutes(routes: ProviderRoutes, guard: AnswerGuard): ProviderRoutes {
  const { completions, responses, messages, generateContent, media, embeddings, countTokens } = routes;
  const observes = guard.mode === 'observe';
  return {
    ...(embeddings && { embeddings: (call) => embeddings.call(routes, call) }),
    ...(countTokens && { countTokens: (call) => countTokens.call(routes, call) }),
    ...(completions && { completions: guardedRoute(completions, guard) }),
    ...(media && { media: guardedMedia(media, guard) }),
    ...(responses && observes && { responses: guardedRoute(responses, guard) }),
    ...(messages && observes && { messages: guardedMessages(messages, guard) }),
    ...(generateContent &&
      observes && {
        generateContent: {
          ...guardedRoute(generateContent, guard),
          countTokens: (call) => generateContent.countTokens(call),
        },
      }),
  };
}

function guardedMessages(messages: MessagesRoute, guard: AnswerGuard): MessagesRoute {
  return {
    ...guardedRoute(messages, guard),
    countTokens: (call) => messages.countTokens(call),
    ...(messages.serves && { serves: (model) => messages.serves?.(model) === true }),
  };
}

function guardedRoute<Request>(route: TextRoute<Request>, guard: AnswerGuard): TextRoute<Request> {
  return {
    answer: async (call) => guardText(await route.answer(call), guard),
    async stream(call) {
      const stream = await route.stream(call);
      return { ...stream, batches: new GuardedStream(stream.batches, guard) };
    },
  };
}
