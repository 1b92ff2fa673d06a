import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openaiCompatible } from '../../../src/providers/openai-compatible/index.js';
import { UpstreamError } from '../../../src/upstream/upstream-error.js';
import { addUp } from '../../helpers/client-answer.js';
import { collectStream, fakeCall, fakeTransport } from '../../helpers/fake-call.js';
import { problemIn } from '../../helpers/route-schemas.js';

const adapter = openaiCompatible({ baseURL: 'http://provider.test/v1' });

/** Values that servers put where they don't belong. */
const junk = fc.oneof(fc.constantFrom(null, '', 0, -1, 1e30, true, 'null', [], {}, [null], [[]]), fc.string());
const maybe = <T>(value: fc.Arbitrary<T>) => fc.oneof({ weight: 6, arbitrary: value }, { weight: 1, arbitrary: junk });
const text = maybe(fc.string({ maxLength: 5 }));
const part = fc.record(
  {
    type: fc.constantFrom('text', 'thinking', 'image_url'),
    text,
    thinking: fc.oneof(text, fc.array(fc.record({ text }))),
  },
  { requiredKeys: [] },
);
const toolCall = fc.record(
  {
    index: maybe(fc.nat(3)),
    id: maybe(fc.constantFrom('a', 'b', '')),
    type: fc.constantFrom('function', null, 'x'),
    function: maybe(fc.record({ name: maybe(fc.constantFrom('f', 'g')), arguments: text }, { requiredKeys: [] })),
  },
  { requiredKeys: [] },
);
const said = {
  role: fc.constantFrom('assistant', '', null),
  content: fc.oneof(text, fc.array(maybe(part), { maxLength: 3 })),
  reasoning: text,
  reasoning_content: text,
  refusal: text,
  tool_calls: maybe(fc.array(maybe(toolCall), { maxLength: 3 })),
  reasoning_details: maybe(fc.array(maybe(fc.record({ type: fc.constant('reasoning.text'), text, index: fc.nat(1) })))),
  annotations: maybe(fc.array(maybe(fc.record({ url_citation: maybe(fc.record({ url: text })) })))),
};
const usage = maybe(fc.record({ prompt_tokens: maybe(fc.nat(99)), completion_tokens: maybe(fc.nat(99)) }));
const finish = fc.constantFrom(null, null, '', 'stop', 'length', 'tool_calls', 'eos', 'MAX_TOKENS', 'error');
const envelope = { id: maybe(fc.constant('x')), model: maybe(fc.constant('m')), created: maybe(fc.nat()), usage };
const chunk = fc.record(
  {
    ...envelope,
    service_tier: text,
    system_fingerprint: text,
    choices: maybe(
      fc.array(
        maybe(
          fc.record(
            {
              index: maybe(fc.nat(1)),
              delta: maybe(fc.record(said, { requiredKeys: [] })),
              finish_reason: finish,
              logprobs: junk,
            },
            { requiredKeys: [] },
          ),
        ),
        { maxLength: 2 },
      ),
    ),
  },
  { requiredKeys: [] },
);
const answer = fc.record({
  ...envelope,
  choices: maybe(
    fc.array(maybe(fc.record({ message: maybe(fc.record(said, { requiredKeys: [] })), finish_reason: finish })), {
      maxLength: 2,
    }),
  ),
});

function played(body: string, stream: boolean) {
  const headers: Record<string, string> = stream ? { 'content-type': 'text/event-stream' } : {};
  return fakeCall({ transport: fakeTransport({ pieces: [new TextEncoder().encode(body)], headers }) });
}

describe('whatever a compatible server answers', () => {
  it('a stream is refused as a fault of the provider, or keeps every rule that clients depend on', async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(fc.array(chunk, { maxLength: 6 }), async (chunks) => {
        const body = [...chunks.map((each) => JSON.stringify(each)), '[DONE]']
          .map((data) => `data: ${data}\n\n`)
          .join('');
        const result = await collectStream(adapter, played(body, true)).catch((thrown: unknown) => thrown);
        if (!isStream(result)) {
          expect(result).toBeInstanceOf(UpstreamError);
          return;
        }
        for (const each of result.chunks) expect(problemIn('CreateChatCompletionStreamResponse', each)).toBe('');
        if (!result.chunks.some(({ choices }) => choices.some(({ index }) => index === 0))) return;
        const { finishReason, toolCalls } = addUp(result.chunks as unknown as Parameters<typeof addUp>[0]);
        expect(finishReason).not.toBe('');
        for (const { arguments: args } of toolCalls) expect(args).not.toBe('');
        accepted++;
      }),
      { numRuns: 2_000 },
    );
    expect(accepted).toBeGreaterThan(500);
  });

  it('a whole answer is refused as a fault of the provider, or fits the published schema', async () => {
    let accepted = 0;
    await fc.assert(
      fc.asyncProperty(answer, async (json) => {
        const result = await adapter.chat(played(JSON.stringify(json), false)).catch((thrown: unknown) => thrown);
        if (result instanceof UpstreamError) return;
        expect(result).toHaveProperty('completion');
        expect(problemIn('CreateChatCompletionResponse', (result as { completion: unknown }).completion)).toBe('');
        accepted++;
      }),
      { numRuns: 2_000 },
    );
    expect(accepted).toBeGreaterThan(300);
  });
});

function isStream(result: unknown): result is Awaited<ReturnType<typeof collectStream>> {
  return typeof result === 'object' && result !== null && 'chunks' in result;
}
