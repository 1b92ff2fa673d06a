import type { ChatRequest } from '../openai-api/chat-request.js';
import { isObject } from '../openai-api/field-checks.js';

/** OpenRouter's `"usage": { "include": true }`: asks for the cost in the answer. Source: OpenRouter docs, usage accounting. */
export function asksForCost({ usage }: ChatRequest): boolean {
  return isObject(usage) && usage['include'] === true;
}

/** The request without that field, which is meant for the gateway. */
export function withoutUsageOption(request: ChatRequest): ChatRequest {
  if (!isObject(request['usage']) || typeof request['usage']['include'] !== 'boolean') return request;
  const { usage: _, ...others } = request;
  return others;
}

/** An answer or usage chunk with its cost in USD. @param text JSON that has a `usage`. */
export function withCost(text: string, cost: string): string {
  const answer = JSON.parse(text) as { usage?: object };
  return JSON.stringify({ ...answer, usage: { ...answer.usage, cost: Number(cost) } });
}
