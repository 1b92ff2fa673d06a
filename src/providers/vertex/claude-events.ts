import type { Unwrap } from '../anthropic/messages/messages-route.js';

/** An event of Vertex' own, which Anthropic's API has not. */
const VERTEX = '{"type":"vertex_event"';

/** Claude's events as Anthropic's own API sends them. */
export const withoutVertexEvents: Unwrap = (translator) => ({
  ...translator,
  event(data, batch, name) {
    if (name !== 'vertex_event' && !data.startsWith(VERTEX)) translator.event(data, batch, name);
  },
});
