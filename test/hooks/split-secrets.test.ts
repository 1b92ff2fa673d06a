import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { AnswerGuard } from '../../src/hooks/answer-guard.js';
import { GuardedStream } from '../../src/hooks/guarded-stream.js';
import type { AnswerHook, Hook } from '../../src/hooks/hook.js';
import { Refusal } from '../../src/hooks/hook.js';
import type { ChatCompletionChunk, ChatDelta } from '../../src/openai-api/chat-chunk.js';
import type { StreamBatch } from '../../src/providers/adapter.js';
import { chatTexts } from '../../src/routes/openai-texts.js';
import { testLogger } from '../helpers/test-logger.js';
import { PROVIDERS, type Site, site } from './hook-site.js';

const SECRET = 'sk-1234567890';
const TEXT = `Key: ${SECRET}, 😀 done.`;
const CLEAN = 'Key: ***, 😀 done.';
const redact = (text: string) => text.replaceAll(SECRET, '***');

interface Event extends Record<string, unknown> {
  readonly type?: string;
  readonly delta?: string | { readonly text?: string; readonly partial_json?: string };
  readonly choices?: readonly {
    readonly text?: string;
    readonly delta?: {
      readonly content?: string;
      readonly tool_calls?: readonly { readonly function?: { readonly arguments?: string } }[];
    };
  }[];
  readonly candidates?: readonly {
    readonly content?: {
      readonly parts?: readonly { readonly text?: string; readonly functionCall?: { readonly args: object } }[];
    };
  }[];
}

/** Inbound formats: how a stream is asked for, and where its text and the arguments of its calls are. */
const FORMATS: Readonly<
  Record<
    string,
    { ask(it: Site, model: string): ReturnType<Site['post']>; text(event: Event): string; call(event: Event): string }
  >
> = {
  chat: {
    ask: (it, model) =>
      it.post('chat/completions', { model, stream: true, messages: [{ role: 'user', content: 'Hi' }], ...TOOLS.chat }),
    text: ({ choices = [] }) => choices.map(({ delta }) => delta?.content ?? '').join(''),
    call: ({ choices = [] }) =>
      choices.flatMap(({ delta }) => (delta?.tool_calls ?? []).map((c) => c.function?.arguments ?? '')).join(''),
  },
  responses: {
    ask: (it, model) => it.post('responses', { model, stream: true, input: 'Hi', ...TOOLS.responses }),
    text: ({ type, delta }) => (type === 'response.output_text.delta' ? String(delta) : ''),
    call: ({ type, delta }) => (type === 'response.function_call_arguments.delta' ? String(delta) : ''),
  },
  messages: {
    ask: (it, model) =>
      it.post('messages', {
        model,
        stream: true,
        max_tokens: 100,
        messages: [{ role: 'user', content: 'Hi' }],
        ...TOOLS.messages,
      }),
    text: ({ delta }) => (typeof delta === 'object' ? (delta.text ?? '') : ''),
    call: ({ delta }) => (typeof delta === 'object' ? (delta.partial_json ?? '') : ''),
  },
  gemini: {
    ask: (it, model) =>
      it.post(`models/${model}:streamGenerateContent?alt=sse`, {
        contents: [{ role: 'user', parts: [{ text: 'Hi' }] }],
        ...TOOLS.gemini,
      }),
    text: ({ candidates = [] }) =>
      candidates.flatMap(({ content }) => (content?.parts ?? []).map(({ text }) => text ?? '')).join(''),
    call: ({ candidates = [] }) =>
      candidates
        .flatMap(({ content }) =>
          (content?.parts ?? []).map((p) => (p.functionCall ? JSON.stringify(p.functionCall.args) : '')),
        )
        .join(''),
  },
};
const SCHEMA = { type: 'object', properties: { q: { type: 'string' } } };
const TOOLS = {
  chat: { tools: [{ type: 'function', function: { name: 'find', parameters: SCHEMA } }] },
  responses: { tools: [{ type: 'function', name: 'find', parameters: SCHEMA }] },
  messages: { tools: [{ name: 'find', input_schema: SCHEMA }] },
  gemini: { tools: [{ functionDeclarations: [{ name: 'find', parametersJsonSchema: SCHEMA }] }] },
};

const eventsIn = (text: string) =>
  [...text.matchAll(/^data: (\{.*)$/gm)].map(([, data]) => JSON.parse(String(data)) as Event);
const COMBINATIONS = Object.keys(FORMATS).flatMap((format) => PROVIDERS.map((model) => [format, model] as const));
const answer: AnswerHook = { mode: 'transform', lookBehind: SECRET.length, text: redact };

describe.each(COMBINATIONS)('transform on %s of %s', (format, model) => {
  const { ask, text: textIn, call: callIn } = FORMATS[format] ?? fail();

  test('redacts a secret at every point where the stream may cut it', async () => {
    const it = await site([{ name: 'redact', answer }]);
    const cuts = [...Array(SECRET.length + 1).keys()].map((at) => [TEXT.slice(0, 5 + at), TEXT.slice(5 + at)]);
    for (const pieces of [...cuts, [...TEXT]]) {
      it.upstream.answer({ text: pieces });
      const { status, text } = await ask(it, model);
      expect(status).toBe(200);
      expect(eventsIn(text).map(textIn).join('')).toBe(CLEAN);
      expect(text).not.toContain(SECRET);
    }
  });

  test('redacts a secret in the arguments of a tool call, streamed and whole', async () => {
    const it = await site([{ name: 'redact', answer }]);
    const toolCalls = [{ id: 'call_1', name: 'find', arguments: { q: `x ${SECRET} y` } }];
    it.upstream.answer({ text: 'Let me see.', toolCalls });
    const { text } = await ask(it, model);
    expect(JSON.parse(eventsIn(text).map(callIn).join(''))).toEqual({ q: 'x *** y' });
    expect(text).not.toContain(SECRET);
    expect(eventsIn(text).map(textIn).join('')).toBe('Let me see.');
  });
});

function fail(): never {
  throw new Error('no such format');
}

test.each(PROVIDERS)('whole answers of %s have no secret in text or arguments, on any route', async (model) => {
  const it = await site([{ name: 'redact', answer }]);
  const messages = [{ role: 'user', content: 'Hi' }];
  for (const [route, body] of [
    ['chat/completions', { model, messages, ...TOOLS.chat }],
    ['responses', { model, input: 'Hi', ...TOOLS.responses }],
    ['messages', { model, max_tokens: 100, messages, ...TOOLS.messages }],
    [`models/${model}:generateContent`, { contents: [{ role: 'user', parts: [{ text: 'Hi' }] }], ...TOOLS.gemini }],
  ] as const) {
    it.upstream.answer({ text: TEXT, toolCalls: [{ id: 'call_1', name: 'find', arguments: { q: SECRET } }] });
    const { status, text } = await it.post(route, body);
    expect(status, route).toBe(200);
    expect(text, route).not.toContain(SECRET);
    expect(text.match(/\*\*\*/g), route).toHaveLength(2);
  }
});

/** What leaves of a stream whose deltas are these. */
async function through(deltas: readonly ChatDelta[], change: (text: string) => string, lookBehind: number) {
  const hook: Hook = { name: 'h', answer: { mode: 'transform', lookBehind, text: change } };
  const context = {
    identity: { accountId: 'a', plan: 'p', keyId: null, endUser: undefined, session: undefined, tags: {} },
    model: 'm',
    route: 'chat/completions',
    refuse: (code: string, message: string) => new Refusal(code, message),
  };
  const guard = new AnswerGuard(
    hook,
    { mode: 'transform', lookBehind, text: change },
    chatTexts,
    context,
    'req',
    testLogger,
  );
  const chunk = (delta: ChatDelta, finish_reason: 'stop' | null = null): ChatCompletionChunk => ({
    ...{ id: 'c', object: 'chat.completion.chunk' as const, created: 1, model: 'm' },
    choices: [{ index: 0, delta, logprobs: null, finish_reason }],
  });
  async function* batches(): AsyncGenerator<StreamBatch, void> {
    for (const delta of deltas) yield { chunks: [chunk(delta)] };
    yield { chunks: [chunk({}, 'stop')], finished: true };
  }
  const left: ChatDelta[] = [];
  for await (const { chunks } of new GuardedStream(batches(), chatTexts, guard)) {
    for (const entry of chunks) {
      const { choices } = typeof entry === 'string' ? (JSON.parse(entry) as ChatCompletionChunk) : entry;
      for (const { delta } of choices) left.push(delta);
    }
  }
  return { left };
}

const cutAt = (text: string, points: readonly number[]) => {
  const sorted = [...points].sort((a, b) => a - b);
  return [0, ...sorted].map((point, i) => text.slice(point, sorted[i] ?? text.length));
};
const anyText = fc
  .array(fc.constantFrom(SECRET, SECRET.slice(0, 7), SECRET.slice(4), ' and ', '9', '😀', 'Key: '), { maxLength: 8 })
  .map((parts) => parts.join(''));

describe('any text in any number of pieces', () => {
  test('becomes what the whole becomes: text, thoughts and arguments', async () => {
    await fc.assert(
      fc.asyncProperty(
        anyText,
        fc.array(fc.nat(60), { maxLength: 30 }),
        fc.integer({ min: SECRET.length - 1, max: 40 }),
        async (text, points, lookBehind) => {
          const pieces = cutAt(text, points);
          const deltas: ChatDelta[] = [
            { role: 'assistant', content: '' },
            ...pieces.map((reasoning_content) => ({ reasoning_content })),
            ...pieces.map((content) => ({ content })),
            { tool_calls: [{ index: 0, id: 'call_1', type: 'function', function: { name: 'find', arguments: '' } }] },
            ...pieces.map((given) => ({ tool_calls: [{ index: 0, function: { arguments: given } }] })),
          ];
          const { left } = await through(deltas, redact, lookBehind);
          expect(left.map(({ reasoning_content: thought }) => thought ?? '').join('')).toBe(redact(text));
          expect(left.map(({ content }) => content ?? '').join('')).toBe(redact(text));
          const calls = left.flatMap(({ tool_calls = [] }) => tool_calls);
          expect(calls.map((call) => call.function?.arguments ?? '').join('')).toBe(redact(text));
          expect(calls.filter(({ id }) => id !== undefined)).toHaveLength(1);
          // In their order: thoughts, text, call.
          const kinds = left.flatMap(({ reasoning_content, content, tool_calls }) =>
            reasoning_content ? [1] : content ? [2] : tool_calls ? [3] : [],
          );
          expect(kinds).toEqual([...kinds].sort());
        },
      ),
    );
  });

  test('also where a whole word is looked for: the character before it counts', async () => {
    const hide = (text: string) => text.replace(/\b\d{4}-\d{4}\b/g, '#');
    const words = fc
      .array(fc.constantFrom('1234-5678', '9', ' ', '-', 'a', '12'), { maxLength: 8 })
      .map((w) => w.join(''));
    await fc.assert(
      fc.asyncProperty(words, async (text) => {
        const { left } = await through(
          [...text].map((content) => ({ content })),
          hide,
          10,
        );
        expect(left.map(({ content }) => content ?? '').join('')).toBe(hide(text));
      }),
    );
  });

  test('a hook that changes every letter still lets a long stream pass', async () => {
    const text = 'lorem ipsum dolor sit amet '.repeat(100);
    const { left } = await through(
      [...text].map((content) => ({ content })),
      (part) => part.toUpperCase(),
      16,
    );
    expect(left.map(({ content }) => content ?? '').join('')).toBe(text.toUpperCase());
    expect(left.filter(({ content }) => content).length).toBeGreaterThan(3);
  });
});
