import { dataFrame, FAKE_ERROR, FAKE_ID, type FakeContent, type FakeWire, framesOf, textOf } from './fake-wire.js';

/** Source: OpenAI API reference, chat completions: the object, the chunk object, error codes. */
export const fakeOpenAI: FakeWire<string> = {
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
      dataFrame({ ...head, choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }], ...usage });
    return {
      opening: [chunk({ role: 'assistant', content: '', refusal: null })],
      content: [
        ...(content.thinking ? [chunk({ reasoning_content: content.thinking })] : []),
        ...framesOf(content.pieces, (text) => chunk({ content: text })),
        ...openaiCalls(content).map((call, index) => chunk({ tool_calls: [{ index, ...call }] })),
      ],
      terminal: [
        chunk({}, openaiFinish(content)),
        ...(content.includeUsage ? [dataFrame({ ...head, choices: [], usage: openaiUsage(content) })] : []),
        'data: [DONE]\n\n',
      ],
    };
  },
  error: (status) => ({
    error: { message: FAKE_ERROR, type: 'scripted_error', param: null, code: `status_${status}` },
  }),
};

function openaiHead({ model }: FakeContent, object: string): object {
  return { id: `chatcmpl-${FAKE_ID}`, object, created: 1_760_000_000, model };
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
