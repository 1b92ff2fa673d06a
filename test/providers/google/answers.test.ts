import { describe, expect, it } from 'vitest';
import type { Usage } from '../../../src/lib/usage.js';
import type { AssistantMessage, ChatRequest } from '../../../src/openai-api/chat-request.js';
import { UpstreamError } from '../../../src/upstream/upstream-error.js';
import { problemIn } from '../../helpers/route-schemas.js';
import { chatCall, countingDialect, nativeBody } from './support/call.js';
import { toEvent } from './support/recordings.js';
import { assemble, translateStream } from './support/translate.js';

const encoder = new TextEncoder();

/** Native answers in the order of their events, told both ways. */
function tell(events: object[], request: Partial<ChatRequest> = {}) {
  const call = chatCall(request);
  const { chunks, usage } = translateStream([encoder.encode(events.map(toEvent).join(''))], call);
  const whole = countingDialect().toCompletion(events, JSON.stringify(events), call);
  const [choice] = whole.completion.choices;
  const streamed = assemble(chunks);
  expect({ ...streamed.message }).toEqual({ ...choice?.message });
  expect(streamed.finishReason).toBe(choice?.finish_reason);
  expect(streamed.nativeFinishReason).toBe(choice?.native_finish_reason);
  expect(usage).toEqual(whole.usage);
  for (const chunk of chunks) {
    expect(problemIn('CreateChatCompletionStreamResponse', chunk)).toBe('');
  }
  expect(problemIn('CreateChatCompletionResponse', whole.completion)).toBe('');
  return { chunks, completion: whole.completion, choice, message: choice?.message, usage };
}

function event(parts: object[], more: object = {}): object {
  return { candidates: [{ content: { role: 'model', parts }, index: 0, ...more }] };
}

const STOP = { finishReason: 'STOP' };

describe('text and thoughts', () => {
  it('are content and reasoning_content, joined in order', () => {
    const { message, choice } = tell([
      event([
        { text: 'Hm', thought: true },
        { text: '…', thought: true },
      ]),
      event([{ text: 'Hello' }, { text: '' }, { text: ' you' }], STOP),
    ]);
    expect(message).toEqual({ role: 'assistant', content: 'Hello you', refusal: null, reasoning_content: 'Hm…' });
    expect(choice).toMatchObject({ finish_reason: 'stop', native_finish_reason: 'STOP', logprobs: null });
  });

  it('are an empty content when the limit was reached while thinking', () => {
    const { message, choice } = tell([{ candidates: [{ content: { role: 'model' }, finishReason: 'MAX_TOKENS' }] }]);
    expect(message).toEqual({ role: 'assistant', content: '', refusal: null });
    expect(choice?.finish_reason).toBe('length');
  });

  it('carry the last signature on the message', () => {
    const { message } = tell([
      event([{ text: 'a', thoughtSignature: 'AAAA' }]),
      event([{ text: '', thoughtSignature: 'BBBB' }]),
      event([{ thoughtSignature: 'CCCC' }], STOP),
    ]);
    expect(message).toMatchObject({ content: 'a', extra_content: { google: { thought_signature: 'CCCC' } } });
  });

  it('take id, model and time of the provider where it gives them, else their own', () => {
    const given = { responseId: 'r1', modelVersion: 'gemini-x', createTime: '2026-02-15T07:50:39.884152Z' };
    expect(tell([{ ...event([{ text: 'a' }], STOP), ...given }]).completion).toMatchObject({
      id: 'chatcmpl-r1',
      model: 'gemini-x',
      created: Date.parse('2026-02-15T07:50:39Z') / 1000,
    });
    expect(tell([event([{ text: 'a' }], STOP)]).completion).toMatchObject({
      id: 'chatcmpl-id1',
      model: 'gemini-2.5-flash',
      created: 1_700_000_000,
    });
  });

  it('begin with the role, told once', () => {
    const { chunks } = tell([event([{ text: 'a' }]), event([{ text: 'b' }], STOP)]);
    expect(chunks.map(({ choices }) => choices[0]?.delta)).toEqual([
      { role: 'assistant', content: '', refusal: null },
      { content: 'a' },
      { content: 'b' },
      {},
    ]);
  });
});

describe('function calls', () => {
  const call = (name: string, args?: object, id?: string) => ({ functionCall: { name, args, id } });

  it('are complete in one delta each, with dense indices over the whole stream', () => {
    const { chunks, choice } = tell([
      { ...event([{ ...call('a', { x: 1 }, 'native'), thoughtSignature: 'AAAA' }, call('b')]), responseId: 'r' },
      event([call('c', {})]),
      event([{ text: '' }], STOP),
    ]);
    expect(chunks.flatMap(({ choices }) => choices[0]?.delta.tool_calls ?? [])).toEqual([
      {
        index: 0,
        id: 'native',
        type: 'function',
        function: { name: 'a', arguments: '{"x":1}' },
        extra_content: { google: { thought_signature: 'AAAA' } },
      },
      { index: 1, id: 'call_id1', type: 'function', function: { name: 'b', arguments: '{}' } },
      { index: 2, id: 'call_id2', type: 'function', function: { name: 'c', arguments: '{}' } },
    ]);
    expect(choice).toMatchObject({ finish_reason: 'tool_calls', message: { content: null } });
  });

  it('get an id of their own where the provider repeats one', () => {
    const { message } = tell([event([call('a', {}, 'same'), call('b', {}, 'same')], STOP)]);
    expect(message?.tool_calls?.map(({ id }) => id)).toEqual(['same', 'call_id1']);
  });

  it.each([
    ['STOP', 'tool_calls'],
    ['UNEXPECTED_TOOL_CALL', 'tool_calls'],
    ['MAX_TOKENS', 'length'],
    ['SAFETY', 'content_filter'],
  ])('followed by %s finish with %s', (finishReason, expected) => {
    expect(tell([event([call('a')]), event([], { finishReason })]).choice?.finish_reason).toBe(expected);
  });

  it('answer the deprecated functions with one function_call', () => {
    const { message, choice } = tell([event([{ ...call('a', { x: 1 }), thoughtSignature: 'AAAA' }, call('b')], STOP)], {
      functions: [{ name: 'a' }, { name: 'b' }],
    });
    expect(message).toEqual({
      role: 'assistant',
      content: null,
      refusal: null,
      function_call: { name: 'a', arguments: '{"x":1}' },
      extra_content: { google: { thought_signature: 'AAAA' } },
    });
    expect(choice?.finish_reason).toBe('function_call');
  });
});

describe('function calls in pieces', () => {
  const pieces = (partialArgs: object[], willContinue = true) =>
    event([{ functionCall: { partialArgs, willContinue } }]);
  const start = event([{ functionCall: { name: 'f', willContinue: true }, thoughtSignature: 'AAAA' }]);
  const stop = event([{ text: '' }], STOP);

  function args(...events: object[]) {
    const { message } = tell(events);
    expect(message?.tool_calls).toHaveLength(1);
    expect(message?.tool_calls?.[0]).toMatchObject({ extra_content: { google: { thought_signature: 'AAAA' } } });
    return JSON.parse(message?.tool_calls?.[0]?.function.arguments ?? '');
  }

  it('are put together by their paths', () => {
    expect(
      args(
        start,
        pieces([{ jsonPath: '$.a[0].b', stringValue: 'x', willContinue: true }]),
        pieces([{ jsonPath: '$.a[0].b', stringValue: 'y' }]),
        pieces([
          { jsonPath: "$.a[1]['c d']", numberValue: 0 },
          { jsonPath: '$["e"]', boolValue: false },
        ]),
        pieces([{ jsonPath: '$.n', nullValue: 'NULL_VALUE' }]),
        event([{ functionCall: {} }], STOP),
      ),
    ).toEqual({ a: [{ b: 'xy' }, { 'c d': 0 }], e: false, n: null });
  });

  it('end with the answer where no last piece comes', () => {
    expect(args(start, pieces([{ jsonPath: '$.a', numberValue: 1 }]), stop)).toEqual({ a: 1 });
    expect(args(start, pieces([{ jsonPath: '$.a', numberValue: 1 }], false), stop)).toEqual({ a: 1 });
    expect(args(start, stop)).toEqual({});
  });

  it('end where another call begins', () => {
    const next = event([{ functionCall: { name: 'g', args: { y: 2 } } }]);
    const { message } = tell([start, pieces([{ jsonPath: '$.a', stringValue: 'x' }]), next, stop]);
    expect(message?.tool_calls?.map((call) => call.function)).toEqual([
      { name: 'f', arguments: '{"a":"x"}' },
      { name: 'g', arguments: '{"y":2}' },
    ]);
  });

  it('never reach a prototype', () => {
    const result = args(start, pieces([{ jsonPath: '$.__proto__.polluted', stringValue: 'yes' }]), stop);
    expect(Object.keys(result)).toEqual(['__proto__']);
    expect(({} as { polluted?: string }).polluted).toBeUndefined();
  });

  it.each(['$.a[99999999]', '$.a[', '', '$', '$[0]', '$..a'])('of the path %j are no answer', (jsonPath) => {
    expect(() => tell([start, pieces([{ jsonPath, numberValue: 1 }]), stop])).toThrow(
      expect.objectContaining({ fault: 'invalid' }),
    );
  });
});

describe('finish reasons', () => {
  it.each([
    ['SAFETY'],
    ['RECITATION'],
    ['LANGUAGE'],
    ['BLOCKLIST'],
    ['PROHIBITED_CONTENT'],
    ['SPII'],
    ['IMAGE_SAFETY'],
    ['IMAGE_PROHIBITED_CONTENT'],
    ['IMAGE_RECITATION'],
    ['MODEL_ARMOR'],
  ])('%s is content_filter, with a refusal when nothing was said', (finishReason) => {
    const silent = tell([{ candidates: [{ content: {}, finishReason, finishMessage: 'Bad words.' }] }]);
    expect(silent.choice).toMatchObject({ finish_reason: 'content_filter', native_finish_reason: finishReason });
    expect(silent.message).toEqual({
      role: 'assistant',
      content: null,
      refusal: `The provider withheld the answer (${finishReason}). Bad words.`,
    });
    const spoken = tell([event([{ text: 'Well' }]), event([], { finishReason })]);
    expect(spoken.message).toEqual({ role: 'assistant', content: 'Well', refusal: null });
    expect(spoken.choice?.finish_reason).toBe('content_filter');
  });

  it.each([
    'MALFORMED_FUNCTION_CALL',
    'UNEXPECTED_TOOL_CALL',
    'TOO_MANY_TOOL_CALLS',
    'NO_IMAGE',
    'IMAGE_OTHER',
    'OTHER',
    'NEW',
  ])('%s is a failure when nothing was said, else stop', (finishReason) => {
    const failing = () => tell([{ candidates: [{ finishReason }], usageMetadata: { promptTokenCount: 5 } }]);
    expect(failing).toThrow(expect.objectContaining({ status: 502, fault: 'status' }));
    expect(failing).toThrow(expect.objectContaining({ clientError: expect.objectContaining({ status: 502 }) }));
    const spoken = tell([event([{ text: 'Well' }], { finishReason })]);
    expect(spoken.choice).toMatchObject({ finish_reason: 'stop', native_finish_reason: finishReason });
  });

  it('of a blocked prompt is content_filter with the reason as refusal', () => {
    const { message, choice } = tell([
      { promptFeedback: { blockReason: 'PROHIBITED_CONTENT' }, usageMetadata: { promptTokenCount: 7 } },
    ]);
    expect(choice).toMatchObject({ finish_reason: 'content_filter', native_finish_reason: 'PROHIBITED_CONTENT' });
    expect(message).toEqual({
      role: 'assistant',
      content: null,
      refusal: 'The provider withheld the answer (PROHIBITED_CONTENT).',
    });
  });
});

describe('usage', () => {
  const told = (...reports: object[]): Usage | undefined =>
    tell(reports.map((usageMetadata, index) => ({ ...event([{ text: 'a' }], index ? STOP : {}), usageMetadata })))
      .usage;

  it('is split into disjoint buckets', () => {
    expect(
      told(
        {},
        {
          promptTokenCount: 100,
          cachedContentTokenCount: 60,
          candidatesTokenCount: 20,
          thoughtsTokenCount: 30,
          toolUsePromptTokenCount: 7,
          totalTokenCount: 157,
        },
      ),
    ).toEqual({
      inputTokens: 47,
      cachedInputTokens: 60,
      cacheWriteTokens: 0,
      cacheWrite1hTokens: 0,
      outputTokens: 20,
      reasoningTokens: 30,
      source: 'provider',
    });
  });

  it('takes the newest value of each field and never adds them up', () => {
    expect(
      told(
        { promptTokenCount: 15, candidatesTokenCount: 55, thoughtsTokenCount: 9 },
        { promptTokenCount: 13, candidatesTokenCount: 257 },
        { promptTokenCount: 13 },
      ),
    ).toMatchObject({ inputTokens: 13, outputTokens: 257, reasoningTokens: 9 });
  });

  it('ignores what is no count', () => {
    expect(
      told({ promptTokenCount: 4 }, { promptTokenCount: -1, candidatesTokenCount: '9', thoughtsTokenCount: 1.5 }),
    ).toMatchObject({
      inputTokens: 4,
      outputTokens: 0,
      reasoningTokens: 0,
    });
    expect(told({ trafficType: 'ON_DEMAND' }, {})).toBeUndefined();
  });

  it('never counts more cached tokens than there were', () => {
    expect(told({}, { promptTokenCount: 5, cachedContentTokenCount: 9 })).toMatchObject({
      inputTokens: 0,
      cachedInputTokens: 5,
    });
  });

  it('names the tier that was used', () => {
    const { completion } = tell([
      { ...event([{ text: 'a' }], STOP), usageMetadata: { trafficType: 'ON_DEMAND_FLEX' } },
    ]);
    expect(completion.service_tier).toBe('flex');
  });
});

describe('what else an answer holds', () => {
  it('log probabilities, of every event', () => {
    const logprobsResult = (token: string) => ({
      chosenCandidates: [{ token, logProbability: -0.5 }],
      topCandidates: [{ candidates: [{ token, logProbability: -0.5 }, { token: 'é' }] }],
    });
    const { choice, chunks } = tell([
      event([{ text: 'a' }], { logprobsResult: logprobsResult('a') }),
      event([{ text: 'b' }], { ...STOP, logprobsResult: logprobsResult('b') }),
    ]);
    const entry = (token: string) => ({
      token,
      logprob: -0.5,
      bytes: [...encoder.encode(token)],
      top_logprobs: [
        { token, logprob: -0.5, bytes: [...encoder.encode(token)] },
        { token: 'é', logprob: 0, bytes: [0xc3, 0xa9] },
      ],
    });
    expect(choice?.logprobs).toEqual({ content: [entry('a'), entry('b')], refusal: null });
    expect(assemble(chunks).logprobs).toEqual([entry('a'), entry('b')]);
  });

  it('sources, as annotations over the whole content in one delta', () => {
    const groundingMetadata = {
      groundingChunks: [
        { web: { uri: 'https://a.test', title: 'A' } },
        { web: { uri: 'https://b.test' } },
        { image: {} },
      ],
      groundingSupports: [
        { segment: { startIndex: 5, endIndex: 8, text: 'fün' }, groundingChunkIndices: [0, 1, 2, 9] },
        { segment: { endIndex: 3 }, groundingChunkIndices: [1] },
      ],
    };
    const { message } = tell([event([{ text: 'ä😀 ' }]), event([{ text: 'fün' }], { ...STOP, groundingMetadata })]);
    const cite = (start: number, end: number, url: string, title: string) => ({
      type: 'url_citation',
      url_citation: { start_index: start, end_index: end, url, title },
    });
    expect(message?.annotations).toEqual([
      cite(4, 7, 'https://a.test', 'A'),
      cite(4, 7, 'https://b.test', 'https://b.test'),
      cite(0, 3, 'https://b.test', 'https://b.test'),
    ]);
  });

  it('sources that support no passage, as annotations of all of it', () => {
    const groundingMetadata = { groundingChunks: [{ web: { uri: 'https://a.test', title: 'A' } }] };
    const { message } = tell([event([{ text: 'abc' }], { ...STOP, groundingMetadata })]);
    expect(message?.annotations?.[0]?.url_citation).toEqual({
      start_index: 0,
      end_index: 3,
      url: 'https://a.test',
      title: 'A',
    });
  });

  it('pictures, in one delta; those of its thoughts are left out', () => {
    const picture = { inlineData: { mimeType: 'image/png', data: 'AAAA' } };
    const { message, choice } = tell([
      event([{ ...picture, thought: true }]),
      event([{ ...picture, thoughtSignature: 'SSSS' }]),
      event([picture], STOP),
    ]);
    const image_url = { url: 'data:image/png;base64,AAAA' };
    expect(message).toMatchObject({
      content: null,
      images: [
        { type: 'image_url', index: 0, image_url, extra_content: { google: { thought_signature: 'SSSS' } } },
        { type: 'image_url', index: 1, image_url },
      ],
    });
    expect(choice?.finish_reason).toBe('stop');
  });

  it("parts of the provider's own tools, aside and never as tool calls", () => {
    const parts = [
      { executableCode: { code: '1+1' }, thoughtSignature: 'AAAA' },
      { codeExecutionResult: { output: '2' } },
    ];
    const { message } = tell([event([...parts, { text: 'Two.' }], STOP)]);
    const { contents } = nativeBody({ messages: [{ role: 'user', content: 'a' }, message as AssistantMessage] }) as {
      contents: unknown[];
    };
    expect(contents[1]).toEqual({ role: 'model', parts: [...parts, { text: 'Two.' }] });
    expect(message).toMatchObject({ content: 'Two.', extra_content: { google: { parts } } });
    expect(message?.tool_calls).toBeUndefined();
  });

  it('other candidates, which nobody asked for, are not read', () => {
    const candidates = [
      { index: 1, content: { parts: [{ text: 'no' }] } },
      { content: { parts: [{ text: 'yes' }] }, ...STOP },
    ];
    expect(tell([{ candidates }]).message?.content).toBe('yes');
  });
});

describe('a stream', () => {
  const stream = (text: string) => translateStream([encoder.encode(text)]);

  it.each([
    ['nothing', ''],
    ['a comment', ': hello\r\n\r\n'],
    ['usage alone', toEvent({ usageMetadata: { promptTokenCount: 1 } })],
    ['text without a finish reason', toEvent(event([{ text: 'a' }]))],
    ['a call that is not complete', toEvent(event([{ functionCall: { name: 'f', willContinue: true } }]))],
  ])('of %s is truncated', (_, text) => {
    expect(() => stream(text)).toThrow(expect.objectContaining({ fault: 'truncated' }));
  });

  it('goes on after the finish reason', () => {
    const { chunks, usage } = stream(
      [event([{ text: 'a' }], STOP), event([{ text: 'b' }]), { usageMetadata: { promptTokenCount: 3 } }]
        .map(toEvent)
        .join(''),
    );
    expect(assemble(chunks).message['content']).toBe('ab');
    expect(usage?.inputTokens).toBe(3);
  });

  const overloaded = { error: { code: 503, message: 'The model is overloaded.', status: 'UNAVAILABLE' } };
  it.each([
    ['object', overloaded],
    ['list', [overloaded]],
  ])('with an error %s fails as that error', (_, error) => {
    expect(() => stream(toEvent(event([{ text: 'a' }])) + toEvent(error))).toThrow(
      expect.objectContaining({
        fault: 'event',
        status: 503,
        clientError: expect.objectContaining({ code: 'upstream_unavailable' }),
      }),
    );
  });

  it.each(['{', '"x"', 'null', '17'])('with the event %s makes no sense', (data) => {
    expect(() => stream(toEvent(data))).toThrow(expect.objectContaining({ fault: 'invalid' }));
  });

  it('says nothing before the answer does, so that it can still be asked again', () => {
    const translator = countingDialect().toChunks(chatCall());
    const batch = { chunks: [] };
    translator.event(
      JSON.stringify({ ...event([{ text: '' }]), usageMetadata: { promptTokenCount: 1 } }),
      batch,
      undefined,
    );
    expect(batch).toEqual({ chunks: [] });
  });
});

describe('a whole answer', () => {
  const whole = (json: unknown) => countingDialect().toCompletion(json, JSON.stringify(json), chatCall());

  it.each([[{}], [{ candidates: [] }], [[]], [null], ['x'], [{ usageMetadata: { promptTokenCount: 1 } }]])(
    '%j is none',
    (json) => {
      expect(() => whole(json)).toThrow(expect.objectContaining({ fault: 'invalid' }));
    },
  );

  it.each([
    [{ candidates: [null] }],
    [{ candidates: [{ content: { parts: 'x' } }] }],
    [{ candidates: [{ content: { parts: [null] }, finishReason: 'STOP' }] }],
    [{ candidates: [{ content: { parts: [{ functionCall: { name: 'f', partialArgs: [null] } }] } }] }],
    [
      {
        candidates: [
          { content: { parts: [{ text: 'a' }] }, groundingMetadata: { groundingChunks: 5 }, finishReason: 'STOP' },
        ],
      },
    ],
    [{ candidates: [{ content: { parts: [{ text: 'a' }] }, logprobsResult: { chosenCandidates: [null] } }] }],
  ])('%j is the fault of the provider', (json) => {
    expect(() => whole(json)).toThrow(UpstreamError);
  });

  it('that is an error fails as that error', () => {
    expect(() => whole({ error: { code: 429, message: 'x', status: 'RESOURCE_EXHAUSTED' } })).toThrow(
      expect.objectContaining({ status: 429 }),
    );
  });
});
