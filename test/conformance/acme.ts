import {
  type ChatCall,
  type ChatCompletionChunk,
  type ChatDialect,
  httpProvider,
  invalidAnswer,
  type ProviderAdapter,
  statusError,
  truncatedAnswer,
  type Usage,
} from '../../src/index.js';
import type { FakeAnswer } from '../../src/testing/index.js';

/** What the API of Acme says: all of an answer at once, or one of these per event. */
interface Said {
  readonly text?: string;
  readonly calls?: readonly { readonly name: string; readonly arguments: object }[];
  readonly end?: { readonly reason: 'stop' | 'length'; readonly input: number; readonly output: number };
}

type Delta = ChatCompletionChunk['choices'][number]['delta'];

/** A dialect as docs/writing-a-provider.md describes it, written against the public contract alone. */
export function acme(baseURL: string): ProviderAdapter {
  return httpProvider(dialect, { baseURL, headers: { authorization: 'Bearer acme' } });
}

const dialect: ChatDialect = {
  name: 'acme',
  toRequest: ({ model, request }, stream) => ({
    path: '/generate',
    body: JSON.stringify({ model, stream, prompt: request.messages.map(({ content }) => content) }),
  }),
  toCompletion(json, _text, call) {
    const said = saidIn(json);
    if (!said.end) throw invalidAnswer(new Error('an answer without its end'));
    const calls = toolCalls(said);
    const message = {
      role: 'assistant' as const,
      content: said.text ?? null,
      refusal: null,
      ...(calls.length > 0 && { tool_calls: calls }),
    };
    const choices = [{ index: 0, message, logprobs: null, finish_reason: finishOf(said, calls.length > 0) }];
    return { completion: { ...head(call), object: 'chat.completion', choices }, usage: usageOf(said.end) };
  },
  toChunks(call) {
    let called = 0;
    return {
      event(data, batch) {
        const said = saidIn(JSON.parse(data));
        if (said.text !== undefined) batch.chunks.push(chunk(call, { content: said.text }));
        for (const each of toolCalls(said))
          batch.chunks.push(chunk(call, { tool_calls: [{ index: called++, ...each }] }));
        if (!said.end) return;
        batch.chunks.push(chunk(call, {}, finishOf(said, called > 0)));
        batch.usage = usageOf(said.end);
        batch.finished = true;
      },
      end(batch) {
        if (!batch.finished) throw truncatedAnswer();
      },
    };
  },
  toError: ({ status, headers, text }) =>
    statusError({ status: status ?? 500, inStream: status === undefined, headers, message: text.slice(0, 200) }),
};

/** The answer of a script in Acme's format. */
export function acmeAnswer(answer: FakeAnswer, stream: boolean): FakeAnswer {
  const { text = 'Hello.', toolCalls: calls, usage, finish = 'stop', endWithoutTerminal, ...rest } = answer;
  if (answer.body !== undefined || (answer.status ?? 200) >= 400) return { body: 'The model refuses.', ...rest };
  const pieces = [text].flat();
  const end = { end: { reason: finish, input: usage?.input ?? 1, output: usage?.output ?? 1 } };
  if (!stream) {
    const whole = pieces.filter((piece) => typeof piece === 'string').join('');
    return { ...rest, body: JSON.stringify({ text: whole, ...(calls && { calls }), ...end }) };
  }
  const event = (said: Said) => `data: ${JSON.stringify(said)}\n\n`;
  const body = pieces.map((piece) => (typeof piece === 'string' ? event({ text: piece }) : piece));
  if (calls) body.push(event({ calls }));
  if (!endWithoutTerminal) body.push(event(end));
  return { ...rest, body };
}

function saidIn(json: unknown): Said {
  if (typeof json === 'object' && json !== null) return json;
  throw invalidAnswer(new Error('an answer that is not an object'));
}

function head({ requestId, model, now }: ChatCall) {
  return { id: `chatcmpl-${requestId}`, created: Math.floor(now() / 1_000), model };
}

function chunk(call: ChatCall, delta: Delta, finish: ReturnType<typeof finishOf> | null = null): ChatCompletionChunk {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
  return { ...head(call), object: 'chat.completion.chunk', choices };
}

function toolCalls({ calls = [] }: Said) {
  return calls.map(({ name, arguments: value }) => ({
    id: crypto.randomUUID(),
    type: 'function' as const,
    function: { name, arguments: JSON.stringify(value) },
  }));
}

function finishOf({ end }: Said, called: boolean) {
  return called ? ('tool_calls' as const) : (end?.reason ?? 'stop');
}

function usageOf({ input, output }: NonNullable<Said['end']>): Usage {
  return {
    inputTokens: input,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    cacheWrite1hTokens: 0,
    outputTokens: output,
    reasoningTokens: 0,
    source: 'provider',
  };
}
