import { readBody } from './body.js';
import { decimal, integer, listOf, object, oneOf, optional, readFields, text } from './fields.js';
import { type RouteContext, StreamAnswer } from './route.js';

const MOST_BYTES = 1024 * 1024;

/** A chat with a model of the caller's plan, answered as server-sent events. */
export async function chat({ caller, request, playground }: RouteContext) {
  const asked = readFields(await readBody(request, MOST_BYTES), {
    model: text({ max: 200 }),
    messages: listOf(
      object({ role: oneOf(['system', 'user', 'assistant']), content: text({ min: 0, max: 500_000 }) }),
      { max: 200 },
    ),
    temperature: optional(decimal({ min: 0, max: 2 })),
    maxTokens: optional(integer({ min: 1, max: 1_000_000 })),
  });
  return new StreamAnswer(await playground.ask(caller.accountId, asked, request));
}
