import type { MessagesRoute, ProviderAdapter } from './adapter.js';

/** The route by which an adapter serves Anthropic's Messages API for a model; undefined: the model is asked by chat. */
export function messagesRouteOf({ routes }: ProviderAdapter, model: string): MessagesRoute | undefined {
  const route = routes?.messages;
  return route?.serves?.(model) === false ? undefined : route;
}
