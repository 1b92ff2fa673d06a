import {
  dataFrame,
  FAKE_ERROR,
  FAKE_ID,
  FAKE_SIGNATURES,
  type FakeContent,
  type FakeWire,
  framesOf,
  textOf,
} from './fake-wire.js';

function named(type: string, fields: object = {}): string {
  return `event: ${type}\n${dataFrame({ type, ...fields })}`;
}

/** Source: Anthropic API reference, messages, streaming messages and errors. */
export const fakeAnthropic: FakeWire<string> = {
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
  return { id: `msg_${FAKE_ID}`, type: 'message', role: 'assistant', model, container: null, diagnostics: null };
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
