import OpenAI from 'openai';
import { describe, expect, it } from 'vitest';
import { RECORDED_ADAPTERS } from '../helpers/recorded-adapters.js';
import { recordings } from '../helpers/recordings.js';
import { replayedGateway } from '../helpers/replayed-gateway.js';
import { problemIn } from '../helpers/route-schemas.js';

/** What a client must see of each recorded error: status, code, param. */
const EXPECTED: Readonly<Record<string, readonly [status: number, code: string | null, param?: string]>> = {
  'openai/errors.cassette.json#0': [404, 'model_not_found'],
  'openai/errors.cassette.json#1': [400, 'invalid_type', 'messages[0].content'],
  'openai/embeddings.cassette.json#2': [404, 'model_not_found'],
  'anthropic/unknown-model.cassette.json#0': [404, 'model_not_found'],
  'gemini/unknown-model.cassette.json#0': [404, 'model_not_found', 'model'],
  'gemini/wrong-media.cassette.json#0': [400, null],
  'openai/envoy-ai-gateway/chat-bad-request.cassette.json#0': [400, 'unsupported_parameter', 'max_tokens'],
  'openai/envoy-ai-gateway/chat-no-messages.cassette.json#0': [400, 'empty_array', 'messages'],
  'openai/envoy-ai-gateway/chat-unknown-model.cassette.json#0': [404, 'model_not_found'],
  'openai/envoy-ai-gateway/embeddings-unknown-model.cassette.json#0': [404, 'model_not_found'],
  'openai/pydantic-ai/test_openai_web_search_tool_model_not_supported.cassette.json#0': [
    400,
    null,
    'web_search_options',
  ],
  'openai/pydantic-ai/test_openai_responses_model_http_error.cassette.json#0': [
    400,
    'decimal_below_min_value',
    'temperature',
  ],
  'openai/vercel-ai/reasoning-model-legacy-parameter-error.json#0': [400, 'unsupported_parameter', 'max_tokens'],
  'openai-compatible/pydantic-ai/test_openrouter_errors_raised.cassette.json#0': [503, 'upstream_unavailable'],
  'openai-compatible/pydantic-ai/test_openrouter_errors_raised.cassette.json#1': [503, 'upstream_unavailable'],
  'openai-compatible/pydantic-ai/test_openrouter_errors_raised.cassette.json#2': [503, 'upstream_unavailable'],
  'openai-compatible/pydantic-ai/test_tool_regular_error.cassette.json#0': [404, 'model_not_found'],
  'anthropic/pydantic-ai/test_anthropic_count_tokens_error.cassette.json#0': [404, 'model_not_found'],
  'gemini/pydantic-ai/test_model_name_suggestion-google.cassette.json#0': [404, 'model_not_found', 'model'],
  'gemini/pydantic-ai/TestGoogle.test_embed_error.cassette.json#0': [404, 'model_not_found', 'model'],
  'gemini/pydantic-ai/test_multimodal_tool_return_matrix-direct-url-image-google_vertex.cassette.json#2': [400, null],
};

const messages = [{ role: 'user' as const, content: 'Hello' }];

const gateway = replayedGateway();

describe('recorded errors, as the official client sees them', () => {
  const errors = recordings().filter(({ provider, status }) => status >= 400 && provider in RECORDED_ADAPTERS);

  it('are all expected here', () => {
    expect(errors.length).toBeGreaterThan(4);
    expect(errors.map(({ name }) => name).filter((name) => !(name in EXPECTED))).toEqual([]);
  });

  describe.each([false, true])('with stream: %s', (stream) => {
    for (const [position, recording] of errors.entries()) {
      it(recording.name, async () => {
        gateway.upstream.play(recording);
        const model = `${recording.provider}/${position}`;
        const error = await gateway.client.chat.completions.create({ model, messages, stream }).then(
          () => undefined,
          (thrown: unknown) => thrown,
        );
        expect(error).toBeInstanceOf(OpenAI.APIError);
        const { status, code, param, error: body } = error as InstanceType<typeof OpenAI.APIError>;
        expect([status, code, ...(param ? [param] : [])]).toEqual(EXPECTED[recording.name]);
        expect(problemIn('ErrorResponse', { error: body })).toBe('');
      });
    }
  });
});
