import type { SeededRandom } from '../../src/testing/seeded-random.js';
import {
  type Transport,
  TransportError,
  type UpstreamRequest,
  type UpstreamResponse,
} from '../../src/upstream/transport.js';
import type { VirtualTime } from './virtual-time.js';

const encoder = new TextEncoder();
const textOf = (body: UpstreamRequest['body']) =>
  body instanceof Uint8Array ? new TextDecoder().decode(body) : String(body);

/** What a provider does with a request. */
type Manner = 'honest' | 'liar' | 'cut' | 'stall' | 'busy' | 'broken' | 'unreachable';

const MANNERS: readonly Manner[] = [
  ...Array.from({ length: 60 }, () => 'honest' as const),
  ...(['liar', 'cut', 'stall', 'busy', 'broken', 'unreachable'] as const),
];

/**
 * An OpenAI-compatible provider without a network: it answers whole or streamed, and now and then lies about usage, cuts
 * its answer, says nothing any more, refuses, or can't be reached. The text of an answer says what it used, and whether
 * its report says the same.
 */
export function simulatedProvider(
  time: VirtualTime,
  owner: number,
  random: SeededRandom,
  calm: () => boolean,
): Transport {
  return {
    async send(request) {
      const manner = calm() ? 'honest' : random.pick(MANNERS);
      await sleep(random.integer(1, 60), request.signal);
      if (manner === 'unreachable') throw new TransportError('connect', new Error('unreachable'));
      if (manner === 'busy') return answer(503, '{"error":{"message":"busy"}}');
      if (manner === 'stall' && random.next() < 0.5) await sleep(3_600_000, request.signal);
      return answering(request, manner);
    },
  };

  function answering(request: UpstreamRequest, manner: Manner): UpstreamResponse {
    const body = JSON.parse(textOf(request.body)) as { stream?: boolean; max_completion_tokens?: number };
    const input = random.integer(1, 12);
    const output = random.integer(1, body.max_completion_tokens ?? 40);
    const text = `${manner === 'liar' ? 'lie' : 'used'} ${input} ${output}`;
    const usage = usageOf(input, output, manner === 'liar');
    const head = { id: 'chatcmpl-1', created: 1, model: 'm' };
    if (!body.stream) {
      const message = { role: 'assistant', content: text, refusal: null };
      const choices = [{ index: 0, message, finish_reason: 'stop', logprobs: null }];
      const json = JSON.stringify({ ...head, object: 'chat.completion', choices, usage });
      if (manner === 'cut') return answer(200, json.slice(0, 40), request.signal, 'lost');
      if (manner === 'broken') return answer(200, '<html>', request.signal);
      if (manner === 'stall') return answer(200, json.slice(0, 40), request.signal, 'stall');
      return answer(200, json, request.signal);
    }
    const chunk = (delta: object, finish: string | null = null) =>
      `data: ${JSON.stringify({
        ...head,
        object: 'chat.completion.chunk',
        choices: [{ index: 0, delta, finish_reason: finish, logprobs: null }],
      })}\n\n`;
    const last = `data: ${JSON.stringify({ ...head, object: 'chat.completion.chunk', choices: [], usage })}\n\n`;
    const pieces = [
      chunk({ role: 'assistant', content: '' }),
      chunk({ content: text }),
      chunk({}, 'stop'),
      last,
      'data: [DONE]\n\n',
    ];
    const after = manner === 'cut' ? 'lost' : manner === 'stall' ? 'stall' : undefined;
    const kept = after === undefined ? pieces.length : random.integer(0, pieces.length - 1);
    return streamed(manner === 'broken' ? ['data: {"a":\n\n'] : pieces.slice(0, kept), request.signal, after);
  }

  function answer(status: number, text: string, signal?: AbortSignal, after?: 'lost' | 'stall'): UpstreamResponse {
    return { ...streamed([text], signal, after), status, headers: { 'content-type': 'application/json' } };
  }

  function streamed(pieces: readonly string[], signal?: AbortSignal, after?: 'lost' | 'stall'): UpstreamResponse {
    let next = 0;
    let canceled = false;
    return {
      status: 200,
      headers: { 'content-type': 'text/event-stream' },
      body: {
        async read() {
          await sleep(random.integer(0, 30), signal);
          if (canceled) return undefined;
          if (next < pieces.length) return [encoder.encode(pieces[next++])];
          if (after === 'lost') throw new TransportError('lost', new Error('the connection broke'));
          if (after === 'stall') await sleep(3_600_000, signal);
          return undefined;
        },
        cancel() {
          canceled = true;
        },
        discard() {
          canceled = true;
        },
      },
    };
  }

  function sleep(delayMs: number, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      const gone = () => reject(new TransportError('aborted', new Error('aborted')));
      if (signal?.aborted) return gone();
      const cancel = time.after(delayMs, owner, () => {
        signal?.removeEventListener('abort', leave);
        resolve();
      });
      const leave = () => {
        cancel();
        gone();
      };
      signal?.addEventListener('abort', leave, { once: true });
    });
  }

  /** A liar reports too much, nonsense, or nothing. */
  function usageOf(input: number, output: number, lies: boolean): object | null {
    if (!lies) return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
    return random.pick([
      null,
      { prompt_tokens: input * 1_000, completion_tokens: output * 50, total_tokens: 1 },
      { prompt_tokens: -input, completion_tokens: 'many' },
    ]);
  }
}
