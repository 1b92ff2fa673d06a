import type { RawReply } from './raw-upstream.js';

/** What ends a stream of the OpenAI API. */
export const DONE = 'data: [DONE]\n\n';

/** Ten prompt and twenty completion tokens, as the OpenAI API reports them. */
export const SAMPLE_USAGE = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 };

/** A whole answer of the OpenAI API. @param usage what is reported; false: nothing. */
export function completionReply(usage: unknown = SAMPLE_USAGE, content = 'Hello there'): RawReply {
  return {
    body: {
      id: 'chatcmpl-1',
      object: 'chat.completion',
      created: 1_700_000_000,
      model: 'small',
      choices: [{ index: 0, message: { role: 'assistant', content }, logprobs: null, finish_reason: 'stop' }],
      ...(usage !== false && { usage }),
    },
  };
}

/** One chunk of a streamed answer. */
export function chunkEvent(delta: object, rest: { finish_reason?: string; usage?: unknown } = {}): object {
  const { finish_reason = null, ...more } = rest;
  return { ...chunkHead(), choices: [{ index: 0, delta, finish_reason }], ...more };
}

/** The last chunk, with the usage of the whole answer. */
export function usageEvent(usage: unknown = SAMPLE_USAGE): object {
  return { ...chunkHead(), choices: [], usage };
}

/** A complete streamed answer: these pieces of text, a finish, the usage (false: none), and the end. */
export function streamReply(pieces: readonly string[], usage: unknown = SAMPLE_USAGE): RawReply {
  const events = [
    ...pieces.map((content) => chunkEvent({ content })),
    chunkEvent({}, { finish_reason: 'stop' }),
    ...(usage === false ? [] : [usageEvent(usage)]),
    DONE,
  ];
  return { events };
}

/** An error as the OpenAI API answers it. */
export function errorReply(status: number, code: string): RawReply {
  return { status, body: { error: { message: 'no', type: 'server_error', param: null, code } } };
}

function chunkHead(): object {
  return { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'small' };
}
