import { crc32 } from 'node:zlib';
import type { FakeRequest } from './fake-answer.js';
import { fakeAnthropic } from './fake-anthropic.js';
import { vectorOf } from './fake-vectors.js';
import {
  FAKE_ERROR,
  type FakeContent,
  type FakeFrames,
  type FakeWire,
  framesOf,
  textOf,
  withoutStream,
} from './fake-wire.js';

const STREAM_TYPE = 'application/vnd.amazon.eventstream';

/** The format that a request to Amazon Bedrock is asked and answered in: Claude's own bodies, Titan's, or Converse. */
export function fakeBedrockWire({ path, body }: FakeRequest): FakeWire {
  if (/\/converse(?:-stream)?$/.test(path)) return converse;
  const text = body?.['inputText'];
  return typeof text === 'string' ? titanEmbeddings(text) : claude;
}

const errors = {
  error: () => ({ message: FAKE_ERROR }),
  errorHeaders: (status: number) => ({
    'x-amzn-errortype': `${exceptionOf(status)}:http://internal.amazon.com/coral/`,
  }),
};

/** Source: AWS, "Anthropic Claude Messages API"; Amazon Bedrock API reference, `InvokeModelWithResponseStream`. */
const claude: FakeWire = {
  ...errors,
  streamType: STREAM_TYPE,
  whole: fakeAnthropic.whole,
  stream(content) {
    const { opening, content: frames, terminal } = fakeAnthropic.stream(content);
    const chunk = (frame: string) => message('chunk', { bytes: Buffer.from(dataOf(frame)).toString('base64') });
    return { opening: opening.map(chunk), content: framesOf(frames, chunk), terminal: terminal.map(chunk) };
  },
};

/** Source: AWS, Amazon Bedrock API reference, `Converse` and `ConverseStream`. */
const converse: FakeWire = {
  ...errors,
  streamType: STREAM_TYPE,
  whole(content) {
    const text = textOf(content);
    const blocks = [
      ...(content.thinking ? [{ reasoningContent: { reasoningText: { text: content.thinking } } }] : []),
      ...(text === '' ? [] : [{ text }]),
      ...toolUses(content).map(({ input, ...toolUse }) => ({ toolUse: { ...toolUse, input } })),
    ];
    return { output: { message: { role: 'assistant', content: blocks } }, ...endOf(content) };
  },
  stream: converseFrames,
};

function converseFrames(content: FakeContent): FakeFrames {
  const { stopReason, ...report } = endOf(content);
  const tools = toolUses(content).flatMap(({ input, ...toolUse }, at) => {
    const contentBlockIndex = at + 1;
    return [
      message('contentBlockStart', { contentBlockIndex, start: { toolUse } }),
      message('contentBlockDelta', { contentBlockIndex, delta: { toolUse: { input: JSON.stringify(input) } } }),
      message('contentBlockStop', { contentBlockIndex }),
    ];
  });
  return {
    opening: [message('messageStart', { role: 'assistant' })],
    content: [
      ...framesOf(content.pieces, (text) => message('contentBlockDelta', { contentBlockIndex: 0, delta: { text } })),
      message('contentBlockStop', { contentBlockIndex: 0 }),
      ...tools,
    ],
    terminal: [message('messageStop', { stopReason }), message('metadata', report)],
  };
}

function toolUses({ toolCalls }: FakeContent) {
  return toolCalls.map(({ id, name, arguments: input }, at) => ({ toolUseId: id ?? `tooluse_${at}`, name, input }));
}

function endOf({ toolCalls, finish, usage: { input, output } }: FakeContent) {
  const stopReason = finish === 'length' ? 'max_tokens' : 'end_turn';
  const usage = { inputTokens: input, outputTokens: output, totalTokens: input + output };
  return { stopReason: toolCalls.length > 0 ? 'tool_use' : stopReason, usage, metrics: { latencyMs: 1 } };
}

/** Source: AWS, "Amazon Titan Text Embeddings". */
function titanEmbeddings(text: string): FakeWire {
  return {
    ...withoutStream(({ usage }) => ({ embedding: vectorOf(text), inputTextTokenCount: usage.input }), errors.error),
    ...errors,
  };
}

function exceptionOf(status: number): string {
  const names: Record<number, string> = {
    400: 'ValidationException',
    401: 'UnrecognizedClientException',
    403: 'AccessDeniedException',
    404: 'ResourceNotFoundException',
    429: 'ThrottlingException',
    503: 'ServiceUnavailableException',
    504: 'ModelTimeoutException',
  };
  return names[status] ?? 'InternalServerException';
}

/** The JSON of a server-sent event. */
function dataOf(frame: string): string {
  return frame.slice(frame.indexOf('data: ') + 'data: '.length).trimEnd();
}

/**
 * A message of an event stream: lengths, their checksum, headers, payload, checksum of everything.
 *
 * Source: smithy.io, "Amazon Event Stream Specification".
 */
function message(type: string, payload: object): Uint8Array {
  const headers = Buffer.concat(
    Object.entries({ ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' }).map(header),
  );
  const body = Buffer.from(JSON.stringify(payload));
  const length = 12 + headers.byteLength + body.byteLength + 4;
  const prelude = Buffer.concat([uint32(length), uint32(headers.byteLength)]);
  const checked = Buffer.concat([prelude, uint32(crc32(prelude)), headers, body]);
  return Buffer.concat([checked, uint32(crc32(checked))]);
}

/** A header of the type "string": 7. */
function header([name, value]: readonly [string, string]): Uint8Array {
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(value));
  return Buffer.concat([
    Buffer.from([Buffer.byteLength(name)]),
    Buffer.from(name),
    Buffer.from([7]),
    length,
    Buffer.from(value),
  ]);
}

function uint32(value: number): Uint8Array {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}
