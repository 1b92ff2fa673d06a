import { membersOf } from '../lib/members.js';
import {
  type MediaRoute,
  NATIVE_FORMATS,
  type ProviderAdapter,
  type ProviderRoutes,
  type TextRoute,
} from '../providers/adapter.js';
import type { AnswerGuard } from './answer-guard.js';
import { CHAT_ANSWER } from './chat-answer-texts.js';
import { guardChat, guardText } from './guarded-answer.js';
import { guardedMedia } from './guarded-media.js';
import { GuardedStream } from './guarded-stream.js';

/**
 * An adapter whose answers a hook sees before the route does.
 *
 * A hook that may change answers sees them in chat form: routes in another format are then made out of chat, as for
 * providers that have no such route.
 */
export function guardedAdapter(adapter: ProviderAdapter, guard: AnswerGuard): ProviderAdapter {
  const { routes } = adapter;
  return {
    name: adapter.name,
    ...(adapter.sizes && { sizes: adapter.sizes }),
    ...(adapter.takesTool && { takesTool: adapter.takesTool.bind(adapter) }),
    chat: async (call) => guardChat(await adapter.chat(call), guard),
    async stream(call) {
      const stream = await adapter.stream(call);
      return { ...stream, batches: new GuardedStream(stream.batches, CHAT_ANSWER, guard) };
    },
    ...(routes && { routes: guardedRoutes(routes, guard) }),
  };
}

/** Each route is a function, whose answers have no text, or an object of functions of which some give answers. */
function guardedRoutes(routes: ProviderRoutes, guard: AnswerGuard): ProviderRoutes {
  const isMadeOfChat = (name: string) => guard.mode !== 'observe' && NATIVE_FORMATS.includes(name);
  const guarded: Record<string, unknown> = {};
  for (const [name, route] of membersOf(routes)) {
    if (route === undefined || isMadeOfChat(name)) continue;
    if (name === 'media') guarded[name] = guardedMedia(route as MediaRoute, guard);
    else guarded[name] = typeof route === 'function' ? route : guardedRoute(route as TextRoute<unknown>, guard);
  }
  return guarded;
}

function guardedRoute(route: TextRoute<unknown>, guard: AnswerGuard): TextRoute<unknown> {
  return {
    // Counters, and what says which models are served.
    ...Object.fromEntries(membersOf(route)),
    answer: async (call) => guardText(await route.answer(call), guard),
    async stream(call) {
      const stream = await route.stream(call);
      return { ...stream, batches: new GuardedStream(stream.batches, guard.texts, guard) };
    },
  };
}
