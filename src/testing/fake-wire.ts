import type { Gate } from './gate.js';

/** Whose wire format a request speaks. */
export type FakeProvider = 'openai' | 'anthropic' | 'google' | 'bedrock';

/** A function call of an answer. */
export interface FakeToolCall {
  readonly name: string;
  readonly arguments: Readonly<Record<string, unknown>>;
  /** @default by its position in the answer, so that later answers have the same; none at Gemini */
  readonly id?: string;
}

/** Tokens of an answer. */
export interface FakeUsage {
  readonly input: number;
  readonly output: number;
}

/** What a model says, before it is written in a provider's format. */
export interface FakeContent {
  readonly model: string;
  readonly pieces: readonly (string | Gate)[];
  readonly toolCalls: readonly FakeToolCall[];
  readonly thinking: string | undefined;
  readonly usage: FakeUsage;
  readonly finish: 'stop' | 'length';
  /** Whether an OpenAI stream ends with its usage. */
  readonly includeUsage: boolean;
}

/** One event of a stream, framed; bytes where the format is a binary one. */
export type FakeFrame = string | Uint8Array;

/** A stream: what opens it, its content with gates in place, and what ends it properly. */
export interface FakeFrames<Frame extends FakeFrame = FakeFrame> {
  readonly opening: readonly Frame[];
  readonly content: readonly (Frame | Gate)[];
  readonly terminal: readonly Frame[];
}

/** One provider's wire format. */
export interface FakeWire<Frame extends FakeFrame = FakeFrame> {
  whole(content: FakeContent): object;
  stream(content: FakeContent): FakeFrames<Frame>;
  error(status: number): object;
  /** Headers of an error answer. */
  errorHeaders?(status: number): Readonly<Record<string, string>>;
  /** The content type of a stream. @default 'text/event-stream; charset=utf-8' */
  readonly streamType?: string;
}

const ID = 'fake0000000000000000000001';

/** What the fake providers sign thoughts with. */
export const FAKE_SIGNATURES = { anthropic: 'ZmFrZS1hbnRocm9waWM=', google: 'ZmFrZS1nb29nbGU=' } as const;
/** The text of every error of the fake providers. */
export const FAKE_ERROR = 'This is a scripted error.';

/** The whole text of an answer. */
export function textOf({ pieces }: FakeContent): string {
  return pieces.filter((piece) => typeof piece === 'string').join('');
}

/** Frames of the text, with its gates in place. */
export function framesOf<Frame extends FakeFrame>(
  pieces: FakeContent['pieces'],
  frame: (text: string) => Frame,
): (Frame | Gate)[] {
  return pieces.map((piece) => (typeof piece === 'string' ? frame(piece) : piece));
}

const data = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
const named = (type: string, fields: object = {}) => `event: ${type}\n${data({ type, ...fields })}`;

/** Source: OpenAI API reference, chat completions: the object, the chunk object, error codes. */
const openai: FakeWire<string> = {
  whole(content) {
    const calls = openaiCalls(content);
    const text = textOf(content);
    const message = {
      role: 'assistant',
      content: calls.length > 0 && text === '' ? null : text,
      refusal: null,
      ...(content.thinking && { reasoning_content: content.thinking }),
      ...(calls.length > 0 && { tool_calls: calls }),
    };
    const choices = [{ index: 0, message, logprobs: null, finish_reason: openaiFinish(content) }];
    return { ...openaiHead(content, 'chat.completion'), choices, usage: openaiUsage(content) };
  },
  stream(content) {
    const head = openaiHead(content, 'chat.completion.chunk');
    const usage = content.includeUsage ? { usage: null } : {};
    const chunk = (delta: object, finish: string | null = null) =>
      data({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...usage });
    return {
      opening: [chunk({ role: 'assistant', content: '', refusal: null })],
      content: [
        ...(content.thinking ? [chunk({ reasoning_content: content.thinking })] : []),
        ...framesOf(content.pieces, (text) => chunk({ content: text })),
        ...openaiCalls(content).map((call, index) => chunk({ tool_calls: [{ index, ...call }] })),
      ],
      terminal: [
        chunk({}, openaiFinish(content)),
        ...(content.includeUsage ? [data({ ...head, choices: [], usage: openaiUsage(content) })] : []),
        'data: [DONE]\n\n',
      ],
    };
  },
  error: (status) => ({
    error: { message: FAKE_ERROR, type: 'scripted_error', param: null, code: `status_${status}` },
  }),
};

function openaiHead({ model }: FakeContent, object: string): object {
  return { id: `chatcmpl-${ID}`, object, created: 1_760_000_000, model };
}

function openaiCalls({ toolCalls }: FakeContent): object[] {
  return toolCalls.map((call, index) => ({
    id: call.id ?? `call_${index}`,
    type: 'function',
    function: { name: call.name, arguments: JSON.stringify(call.arguments) },
  }));
}

function openaiFinish({ toolCalls, finish }: FakeContent): string {
  return toolCalls.length > 0 ? 'tool_calls' : finish;
}

function openaiUsage({ usage: { input, output } }: FakeContent): object {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}

/** Source: Anthropic API reference, messages, streaming messages and errors. */
const anthropic: FakeWire<string> = {
  whole(content) {
    const text = textOf(content);
    const { thinking } = content;
    const blocks = [
      ...(thinking ? [{ type: 'thinking', thinking, signature: FAKE_SIGNATURES.anthropic }] : []),
      ...(text === '' ? [] : [{ type: 'text', text }]),
      ...anthropicCalls(content),
    ];
    return {
      ...anthropicHead(content),
      content: blocks,
      stop_reason: anthropicStop(content),
      stop_sequence: null,
      stop_details: null,
      usage: anthropicUsage(content.usage.input, content.usage.output),
    };
  },
  stream(content) {
    const calls = anthropicCalls(content);
    const usage = anthropicUsage(content.usage.input, 1);
    const ending = { stop_reason: null, stop_sequence: null, stop_details: null };
    const message = { ...anthropicHead(content), content: [], ...ending, usage };
    const first = content.thinking ? 1 : 0;
    const delta = (text: string) => named('content_block_delta', { index: first, delta: { type: 'text_delta', text } });
    return {
      opening: [
        named('message_start', { message }),
        ...(content.thinking ? anthropicThinkingFrames(content.thinking) : []),
        named('content_block_start', { index: first, content_block: { type: 'text', text: '' } }),
      ],
      content: [
        ...framesOf(content.pieces, delta),
        named('content_block_stop', { index: first }),
        ...calls.flatMap((call, index) => anthropicCallFrames(call, index + 1 + first)),
      ],
      terminal: [
        named('message_delta', {
          delta: { stop_reason: anthropicStop(content), stop_sequence: null, stop_details: null, container: null },
          usage: {
            ...ANTHROPIC_UNUSED,
            input_tokens: content.usage.input,
            output_tokens: content.usage.output,
            output_tokens_details: null,
          },
        }),
        named('message_stop'),
      ],
    };
  },
  error: (status) => ({
    type: 'error',
    error: { type: anthropicErrorType(status), message: FAKE_ERROR },
    request_id: null,
  }),
};

function anthropicHead({ model }: FakeContent): object {
  return { id: `msg_${ID}`, type: 'message', role: 'assistant', model, container: null, diagnostics: null };
}

/** What an answer counts besides its tokens. */
const ANTHROPIC_UNUSED = { cache_creation_input_tokens: 0, cache_read_input_tokens: 0, server_tool_use: null };

function anthropicUsage(input: number, output: number): object {
  return {
    input_tokens: input,
    ...ANTHROPIC_UNUSED,
    cache_creation: { ephemeral_5m_input_tokens: 0, ephemeral_1h_input_tokens: 0 },
    output_tokens: output,
    output_tokens_details: null,
    service_tier: 'standard',
    inference_geo: null,
    speed: null,
  };
}

function anthropicThinkingFrames(thinking: string): string[] {
  const delta = (fields: object) => named('content_block_delta', { index: 0, delta: fields });
  return [
    named('content_block_start', { index: 0, content_block: { type: 'thinking', thinking: '', signature: '' } }),
    delta({ type: 'thinking_delta', thinking }),
    delta({ type: 'signature_delta', signature: FAKE_SIGNATURES.anthropic }),
    named('content_block_stop', { index: 0 }),
  ];
}

function anthropicCalls({ toolCalls }: FakeContent) {
  return toolCalls.map(({ id, name, arguments: input }, i) => ({
    type: 'tool_use',
    id: id ?? `toolu_${i}`,
    name,
    input,
    caller: { type: 'direct' },
  }));
}

function anthropicCallFrames(call: ReturnType<typeof anthropicCalls>[number], index: number): string[] {
  const json = { type: 'input_json_delta', partial_json: JSON.stringify(call.input) };
  return [
    named('content_block_start', { index, content_block: { ...call, input: {} } }),
    named('content_block_delta', { index, delta: json }),
    named('content_block_stop', { index }),
  ];
}

function anthropicStop({ toolCalls, finish }: FakeContent): string {
  if (toolCalls.length > 0) return 'tool_use';
  return finish === 'length' ? 'max_tokens' : 'end_turn';
}

function anthropicErrorType(status: number): string {
  const types: Record<number, string> = {
    400: 'invalid_request_error',
    401: 'authentication_error',
    403: 'permission_error',
    404: 'not_found_error',
    413: 'request_too_large',
    429: 'rate_limit_error',
    529: 'overloaded_error',
  };
  return types[status] ?? 'api_error';
}

/** Source: ai.google.dev, API reference, `generateContent` and `streamGenerateContent`; google.rpc.Status for errors. */
const google: FakeWire<string> = {
  whole: (content) =>
    googleAnswer(
      content,
      [
        ...googleThoughts(content),
        ...(textOf(content) === '' ? [] : [{ text: textOf(content) }]),
        ...googleCalls(content),
      ],
      true,
    ),
  stream(content) {
    const calls = googleCalls(content);
    return {
      opening: [],
      content: [
        ...googleThoughts(content).map((part) => data(googleAnswer(content, [part], false))),
        ...framesOf(content.pieces, (text) => data(googleAnswer(content, [{ text }], false))),
        ...(calls.length > 0 ? [data(googleAnswer(content, calls, false))] : []),
      ],
      terminal: [data(googleAnswer(content, [{ text: '' }], true))],
    };
  },
  error: (status) => ({ error: { code: status, message: FAKE_ERROR, status: googleErrorStatus(status) } }),
};

function googleAnswer({ model, usage, finish }: FakeContent, parts: readonly object[], last: boolean): object {
  const finishReason = finish === 'length' ? 'MAX_TOKENS' : 'STOP';
  return {
    candidates: [{ content: { role: 'model', parts }, index: 0, ...(last && { finishReason }) }],
    usageMetadata: {
      promptTokenCount: usage.input,
      ...(last && { candidatesTokenCount: usage.output }),
      totalTokenCount: usage.input + (last ? usage.output : 0),
    },
    modelVersion: model,
    responseId: ID,
  };
}

function googleThoughts({ thinking }: FakeContent): object[] {
  return thinking ? [{ text: thinking, thought: true }] : [];
}

/** The first call of an answer with thoughts is signed. */
function googleCalls({ toolCalls, thinking }: FakeContent): object[] {
  return toolCalls.map(({ id, name, arguments: args }, index) => ({
    functionCall: { ...(id !== undefined && { id }), name, args },
    ...(thinking && index === 0 && { thoughtSignature: FAKE_SIGNATURES.google }),
  }));
}

function googleErrorStatus(status: number): string {
  const names: Record<number, string> = {
    400: 'INVALID_ARGUMENT',
    401: 'UNAUTHENTICATED',
    403: 'PERMISSION_DENIED',
    404: 'NOT_FOUND',
    429: 'RESOURCE_EXHAUSTED',
    503: 'UNAVAILABLE',
    504: 'DEADLINE_EXCEEDED',
  };
  return names[status] ?? 'INTERNAL';
}

/** The wire formats of text. */
export const fakeWires = { openai, anthropic, google } as const;

/** The format of a route that has no streams. */
export function withoutStream(whole: FakeWire['whole'], error: FakeWire['error']): FakeWire {
  return { whole, error, stream: () => ({ opening: [], content: [], terminal: [] }) };
}
