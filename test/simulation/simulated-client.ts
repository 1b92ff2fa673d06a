import type { Gateway } from '../../src/index.js';
import type { SeededRandom } from '../../src/testing/seeded-random.js';
import type { VirtualTime } from './virtual-time.js';
import { ACCOUNTS } from './world-options.js';

/** A request as its client saw it. */
export interface SeenRequest {
  readonly number: number;
  /** The process that it was sent to. */
  readonly owner: number;
  requestId: string;
  status: number;
  /** True: the answer came to its end. */
  complete: boolean;
  /** What the model said. */
  text: string;
  /** True: asked for a search, which is billed once. */
  searches: boolean;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * Sends one request as some account, by its key or by the host's own session, reads its answer, and now and then leaves
 * before its end.
 *
 * @param keys the API key of each account.
 */
export async function runClient(
  gateway: Gateway,
  keys: ReadonlyMap<string, string>,
  random: SeededRandom,
  time: VirtualTime,
  seen: SeenRequest,
): Promise<void> {
  const stream = random.next() < 0.4;
  const model = random.pick(['small', 'safe']);
  seen.searches = model === 'small' && random.next() < 0.2;
  const body = JSON.stringify({
    model,
    messages: [{ role: 'user', content: 'Hi.' }],
    ...(random.next() < 0.8 && { max_tokens: random.integer(1, 60) }),
    ...(stream && { stream: true }),
    ...(seen.searches && { web_search_options: {} }),
  });
  const accountId = random.pick(ACCOUNTS);
  const key = random.next() < 0.3 ? keys.get(accountId) : undefined;
  const identity = {
    accountId,
    ...(random.next() < 0.3 && { tags: { feature: random.pick(['chat', 'draft']) } }),
    ...(random.next() < 0.5 && { endUser: `user_${random.integer(1, 3)}` }),
    ...(random.next() < 0.3 && { session: `run_${random.integer(1, 400)}` }),
  };
  const controller = new AbortController();
  const leaves = random.next() < 0.08;
  if (leaves) time.after(random.integer(0, 120), seen.owner, () => controller.abort());
  const response = await gateway.handle({
    method: 'POST',
    path: '/chat/completions',
    headers: { 'content-type': 'application/json', ...(key !== undefined && { authorization: `Bearer ${key}` }) },
    body: () => encoder.encode(body),
    signal: controller.signal,
    raw: key === undefined ? identity : null,
  });
  seen.status = response.status;
  seen.requestId = response.headers['x-request-id'] ?? '';
  const { body: answer } = response;
  if (typeof answer === 'string' || answer instanceof Uint8Array) {
    const text = typeof answer === 'string' ? answer : decoder.decode(answer);
    seen.text = contentOf(text);
    seen.complete = response.status === 200 && !controller.signal.aborted;
    return;
  }
  let text = '';
  for await (const piece of answer) {
    if (controller.signal.aborted) break;
    text += decoder.decode(piece);
  }
  seen.text = contentOf(text);
  seen.complete = text.endsWith('data: [DONE]\n\n') && !text.includes('"error"');
}

function contentOf(text: string): string {
  return /(?:used|lie) \d+ \d+/.exec(text)?.[0] ?? '';
}
