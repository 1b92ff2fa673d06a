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

/** Source: ai.google.dev, API reference, `generateContent` and `streamGenerateContent`; google.rpc.Status for errors. */
export const fakeGoogle: FakeWire<string> = {
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
        ...googleThoughts(content).map((part) => dataFrame(googleAnswer(content, [part], false))),
        ...framesOf(content.pieces, (text) => dataFrame(googleAnswer(content, [{ text }], false))),
        ...(calls.length > 0 ? [dataFrame(googleAnswer(content, calls, false))] : []),
      ],
      terminal: [dataFrame(googleAnswer(content, [{ text: '' }], true))],
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
    responseId: FAKE_ID,
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
