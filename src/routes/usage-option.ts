import { isObject } from '../openai-api/field-checks.js';

/** A request of a route in OpenAI's format. */
interface WithUsageOption {
  readonly [extension: string]: unknown;
}

/** OpenRouter's `"usage": { "include": true }`: asks for the cost in the answer. Source: OpenRouter docs, usage accounting. */
export function asksForCost({ usage }: WithUsageOption): boolean {
  return isObject(usage) && usage['include'] === true;
}

/** The request without that field, which is meant for the gateway. */
export function withoutUsageOption<T extends WithUsageOption>(request: T): T {
  if (!isObject(request['usage']) || typeof request['usage']['include'] !== 'boolean') return request;
  const { usage: _, ...others } = request;
  return others as T;
}

/** An answer or usage chunk with its cost in USD. @param text JSON that has a `usage`. */
export function withCost(text: string, cost: string): string {
  return JSON.stringify(costed(JSON.parse(text) as { usage?: object }, cost));
}

/** The same for the event that ends a streamed response. */
export function eventWithCost<T extends object>(event: T, cost: string): T {
  const { response } = event as { response?: { usage?: object } };
  return response?.usage ? { ...event, response: costed(response, cost) } : event;
}

function costed<T extends { usage?: object }>(answer: T, cost: string): T {
  return { ...answer, usage: { ...answer.usage, cost: Number(cost) } };
}
