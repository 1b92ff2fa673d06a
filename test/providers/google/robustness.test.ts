import fc from 'fast-check';
import { describe, it } from 'vitest';
import { GatewayError } from '../../../src/lib/errors.js';
import { parseChatRequest } from '../../../src/openai-api/parse-chat-request.js';
import { UpstreamError } from '../../../src/upstream/upstream-error.js';
import { chatCall, countingDialect } from './support/call.js';
import { toEvent } from './support/recordings.js';
import { translateStream } from './support/translate.js';

const odd = fc.oneof(
  fc.constantFrom<unknown>(null, undefined, true, 0, -1, 1e300, '', 'x', '$.a[0]', 'AAAA', 'STOP', 'image/png', [], {}),
  fc.jsonValue({ maxDepth: 1 }),
);
const odds = fc.oneof(odd, fc.array(odd, { maxLength: 3 }));

/** A record whose fields are right, odd, or missing. */
function loosely(fields: Record<string, fc.Arbitrary<unknown>>): fc.Arbitrary<unknown> {
  const loose = Object.entries(fields).map(([name, value]) => [name, fc.oneof({ weight: 4, arbitrary: value }, odds)]);
  return fc.record(Object.fromEntries(loose), { requiredKeys: [] });
}

const list = (item: fc.Arbitrary<unknown>) => fc.array(item, { maxLength: 3 });

const functionCall = loosely({
  id: fc.string(),
  name: fc.string(),
  args: odd,
  partialArgs: list(loosely({ jsonPath: fc.constantFrom('$.a', '$.a[0].b', '$[0]'), stringValue: fc.string() })),
  willContinue: fc.boolean(),
});
const part = loosely({
  text: fc.string(),
  thought: fc.boolean(),
  functionCall,
  inlineData: odd,
  thoughtSignature: odd,
});
const response = loosely({
  candidates: list(
    loosely({
      content: loosely({ parts: list(part) }),
      finishReason: fc.constantFrom('STOP', 'SAFETY', 'OTHER'),
      groundingMetadata: loosely({
        groundingChunks: list(loosely({ web: odd })),
        groundingSupports: list(loosely({ segment: odd, groundingChunkIndices: list(odd) })),
      }),
      logprobsResult: loosely({ chosenCandidates: list(odd), topCandidates: list(odd) }),
    }),
  ),
  promptFeedback: loosely({ blockReason: fc.string() }),
  usageMetadata: loosely({ promptTokenCount: fc.nat(), candidatesTokenCount: fc.nat() }),
  responseId: fc.string(),
  createTime: fc.string(),
});

/** Runs what may fail in one way only. */
function onlyFails(with_: (thrown: unknown) => boolean, run: () => unknown): void {
  try {
    run();
  } catch (thrown) {
    if (!with_(thrown)) throw thrown;
  }
}

describe('whatever a provider answers', () => {
  it('is an answer or a fault of the provider', () => {
    fc.assert(
      fc.property(list(response), (events) => {
        const text = events.map((event) => toEvent(JSON.stringify(event) ?? 'null')).join('');
        onlyFails(UpstreamError.isInstance, () => translateStream([new TextEncoder().encode(text)]));
        onlyFails(UpstreamError.isInstance, () => countingDialect().toCompletion(events, text, chatCall()));
      }),
      { numRuns: 250 },
    );
  }, 120_000);

  it('is a readable error', () => {
    const error = loosely({
      code: fc.integer(),
      status: fc.string(),
      message: fc.string(),
      details: list(loosely({ violations: odd, retryDelay: odd, reason: odd })),
    });
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          loosely({ error }).map((body) => JSON.stringify(body)),
        ),
        (text) => {
          countingDialect().toError({ status: 400, headers: {}, text });
          countingDialect().toError({ headers: {}, text });
        },
      ),
      { numRuns: 100 },
    );
  });
});

describe('whatever a client asks', () => {
  it('is a request or a mistake of the client', () => {
    const content = fc.oneof(
      fc.string(),
      list(
        loosely({
          type: fc.constantFrom('text', 'image_url', 'file'),
          text: fc.string(),
          image_url: loosely({ url: fc.webUrl() }),
          file: odd,
        }),
      ),
    );
    const message = loosely({
      role: fc.constantFrom('user', 'assistant', 'tool', 'system', 'function'),
      content,
      name: fc.string(),
      tool_call_id: fc.constant('c'),
      tool_calls: list(
        loosely({
          id: fc.constant('c'),
          type: fc.constant('function'),
          function: loosely({ name: fc.string(), arguments: fc.json() }),
          extra_content: odd,
        }),
      ),
      extra_content: loosely({ google: odd }),
      reasoning_details: list(fc.record({ format: odd, data: odd, id: odd })),
      images: odds,
    });
    const request = fc.record(
      {
        model: fc.constant('m'),
        messages: fc.array(message, { minLength: 1, maxLength: 4 }),
        tools: list(
          loosely({ type: fc.constant('function'), function: loosely({ name: fc.string(), parameters: odd }) }),
        ),
        tool_choice: odd,
        response_format: loosely({
          type: fc.constant('json_schema'),
          json_schema: loosely({ name: fc.string(), schema: odd }),
        }),
        safety_settings: odd,
        provider_options: loosely({ google: odd }),
        extra_body: loosely({ google: loosely({ thinking_config: odd, generationConfig: odd, tools: odd }) }),
        unknown: odd,
      },
      { requiredKeys: ['model', 'messages'] },
    );
    fc.assert(
      fc.property(request, fc.constantFrom('gemini-3-flash-preview', 'gemma-3-27b-it'), (body, model) => {
        onlyFails(GatewayError.isInstance, () => {
          const parsed = parseChatRequest(JSON.parse(JSON.stringify(body)));
          countingDialect().toRequest(chatCall(parsed, { model }), true);
        });
      }),
      { numRuns: 250 },
    );
  });
});
