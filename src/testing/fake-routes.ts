import type { FakeRequest } from './fake-answer.js';
import { fakeAnthropic } from './fake-anthropic.js';
import { fakeBedrockWire } from './fake-bedrock.js';
import { fakeGoogle } from './fake-google.js';
import { fakeOpenAI } from './fake-openai.js';
import { responses } from './fake-responses.js';
import { DIMENSIONS, vectorOf } from './fake-vectors.js';
import { type FakeContent, type FakeFrames, type FakeWire, framesOf, textOf, withoutStream } from './fake-wire.js';

/** The wire formats of text. */
export const fakeWires = { openai: fakeOpenAI, anthropic: fakeAnthropic, google: fakeGoogle } as const;

const CREATED = 1_760_000_000;

/** The wire format of a request. */
export function fakeWireOf(request: FakeRequest): FakeWire {
  if (request.provider === 'bedrock') return fakeBedrockWire(request);
  return routeWire(request) ?? fakeWires[request.provider];
}

/** The format of a request on another route than chat; undefined for chat. */
function routeWire(request: FakeRequest): FakeWire | undefined {
  const [path = ''] = request.path.split('?');
  if (path.endsWith(':predict')) return vertexPredictions(request);
  if (path.endsWith(':batchEmbedContents')) return googleEmbeddings(request);
  if (path.endsWith(':embedContent')) return googleEmbedding(request);
  if (path.endsWith('/messages/count_tokens')) return anthropicCount;
  if (path.endsWith(':countTokens')) return googleCount;
  if (path.endsWith('/embeddings')) return openaiEmbeddings(request);
  if (path.endsWith('/responses')) return responses;
  if (path.endsWith('/completions') && !path.endsWith('/chat/completions')) return completions;
  return undefined;
}

/** Source: Anthropic API reference, `count_tokens`. */
const anthropicCount = withoutStream(({ usage }) => ({ input_tokens: usage.input }), fakeAnthropic.error);

/** Source: ai.google.dev, API reference, `countTokens`. */
const googleCount = withoutStream(({ usage }) => ({ totalTokens: usage.input }), fakeGoogle.error);

/** Source: OpenAI API reference, embeddings. */
function openaiEmbeddings({ body }: FakeRequest): FakeWire {
  const input = body?.['input'];
  const texts = Array.isArray(input) && typeof input[0] !== 'number' ? input : [input];
  const dimensions = typeof body?.['dimensions'] === 'number' ? body['dimensions'] : DIMENSIONS;
  return withoutStream((content) => {
    const data = texts.map((text, index) => {
      const vector = vectorOf(JSON.stringify(text), dimensions);
      const embedding =
        body?.['encoding_format'] === 'base64'
          ? Buffer.from(Float32Array.from(vector).buffer).toString('base64')
          : vector;
      return { object: 'embedding', index, embedding };
    });
    const { input: tokens } = content.usage;
    return { object: 'list', data, model: content.model, usage: { prompt_tokens: tokens, total_tokens: tokens } };
  }, fakeOpenAI.error);
}

/** Source: ai.google.dev, API reference, `batchEmbedContents`; token counts are left out, as older models do. */
function googleEmbeddings({ body }: FakeRequest): FakeWire {
  const requests = (body?.['requests'] ?? []) as readonly { outputDimensionality?: number; content: object }[];
  return withoutStream(() => {
    const embeddings = requests.map(({ content, outputDimensionality = DIMENSIONS }) => ({
      values: vectorOf(JSON.stringify(content), outputDimensionality),
    }));
    return { embeddings };
  }, fakeGoogle.error);
}

/** Source: ai.google.dev, API reference, `embedContent`. */
function googleEmbedding({ body }: FakeRequest): FakeWire {
  const values = vectorOf(JSON.stringify(body?.['content']));
  return withoutStream(() => ({ embedding: { values } }), fakeGoogle.error);
}

/** Source: Google Cloud, "Method: models.predict" and "Text embeddings API". */
function vertexPredictions({ body }: FakeRequest): FakeWire {
  const instances = (body?.['instances'] ?? []) as readonly { content: string }[];
  return withoutStream(({ usage }) => {
    const predictions = instances.map(({ content }, index) => {
      // The whole count is that of the first text, so that the sum is what the script says.
      const statistics = { truncated: false, token_count: index === 0 ? usage.input : 0 };
      return { embeddings: { statistics, values: vectorOf(content) } };
    });
    return { predictions };
  }, fakeGoogle.error);
}

/** Source: OpenAI API reference, completions (legacy). */
const completions: FakeWire = {
  whole(content) {
    const choices = [{ text: textOf(content), index: 0, logprobs: null, finish_reason: content.finish }];
    return { ...completionHead(content), choices, usage: completionUsage(content) };
  },
  stream(content): FakeFrames {
    const head = completionHead(content);
    const usage = content.includeUsage ? { usage: null } : {};
    const chunk = (text: string, finish: string | null = null) =>
      data({ ...head, choices: [{ text, index: 0, logprobs: null, finish_reason: finish }], ...usage });
    return {
      opening: [],
      content: framesOf(content.pieces, chunk),
      terminal: [
        chunk('', content.finish),
        ...(content.includeUsage ? [data({ ...head, choices: [], usage: completionUsage(content) })] : []),
        'data: [DONE]\n\n',
      ],
    };
  },
  error: fakeOpenAI.error,
};

function completionHead({ model }: FakeContent): object {
  return { id: 'cmpl-fake0000000000000000000001', object: 'text_completion', created: CREATED, model };
}

function completionUsage({ usage: { input, output } }: FakeContent): object {
  return { prompt_tokens: input, completion_tokens: output, total_tokens: input + output };
}

function data(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}
