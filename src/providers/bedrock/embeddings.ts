import { GatewayError } from '../../lib/errors.js';
import type { EmbeddingsRequest } from '../../openai-api/embeddings.js';
import { isObject } from '../../openai-api/field-checks.js';
import type { ProviderRoutes } from '../adapter.js';
import { valuesOf } from '../google/embeddings.js';
import { type EmbeddingForm, embedInGroups } from '../grouped-embeddings.js';
import type { Destination } from '../http/http-exchange.js';

/** Embeddings of Titan, Cohere and Nova, each by its own body. `provider_options.bedrock` is merged into it. */
export function bedrockRoutes(destination: Destination): ProviderRoutes {
  return { embeddings: (call) => embedInGroups(call, formOf(call.model), destination) };
}

function formOf(model: string): EmbeddingForm {
  if (/cohere\.embed/.test(model)) return COHERE;
  if (/nova.*embed/.test(model)) return NOVA;
  if (/titan-embed/.test(model)) return /titan-embed-text-v1|g1-text/.test(model) ? TITAN_1 : TITAN;
  throw new GatewayError('unsupported_value', { param: 'model', message: 'The model makes no embeddings here.' });
}

/** Source: AWS, "Amazon Titan Text Embeddings". */
const TITAN: EmbeddingForm = {
  path: '/invoke',
  most: 1,
  body: ([inputText], request) => ({
    inputText,
    ...(request.dimensions !== undefined && { dimensions: request.dimensions }),
    ...optionsOf(request),
  }),
  read(answer) {
    const { embedding, inputTextTokenCount: tokens } = isObject(answer) ? answer : {};
    return { vectors: [valuesOf({ values: embedding })], tokens: typeof tokens === 'number' ? tokens : undefined };
  },
};

/** The first Titan knows no dimensions. */
const TITAN_1: EmbeddingForm = { ...TITAN, body: ([inputText]) => ({ inputText }) };

/** Source: AWS, "Cohere Embed". Up to 96 texts; the count of tokens is in a header. */
const COHERE: EmbeddingForm = {
  path: '/invoke',
  most: 96,
  body: (texts, request) => ({
    texts,
    input_type: 'search_document',
    truncate: 'NONE',
    embedding_types: ['float'],
    ...(request.dimensions !== undefined && { output_dimension: request.dimensions }),
    ...optionsOf(request),
  }),
  read(answer, headers) {
    const embeddings = isObject(answer) ? answer['embeddings'] : undefined;
    const list = isObject(embeddings) ? embeddings['float'] : embeddings;
    const vectors = Array.isArray(list) ? list.map((values) => valuesOf({ values })) : [];
    return { vectors, tokens: tokensIn(headers) };
  },
};

/** Source: AWS, "Amazon Nova Multimodal Embeddings", the synchronous request of one text. */
const NOVA: EmbeddingForm = {
  path: '/invoke',
  most: 1,
  body: ([value], request) => ({
    taskType: 'SINGLE_EMBEDDING',
    singleEmbeddingParams: {
      embeddingPurpose: 'GENERIC_INDEX',
      ...(request.dimensions !== undefined && { embeddingDimension: request.dimensions }),
      text: { truncationMode: 'NONE', value },
      ...optionsOf(request),
    },
  }),
  read(answer, headers) {
    const embeddings = isObject(answer) && Array.isArray(answer['embeddings']) ? answer['embeddings'] : [];
    const vectors = embeddings.map((item) => valuesOf({ values: isObject(item) ? item['embedding'] : undefined }));
    return { vectors, tokens: tokensIn(headers) };
  },
};

/** What a request may hold besides its texts, which have been counted. */
const OPTIONS: readonly string[] = ['input_type', 'truncate', 'normalize', 'embeddingPurpose'];

function optionsOf({ provider_options: all }: EmbeddingsRequest): object {
  const options: unknown = all?.['bedrock'];
  if (!isObject(options)) return {};
  const foreign = Object.keys(options).find((name) => !OPTIONS.includes(name));
  if (foreign === undefined) return options;
  throw new GatewayError('unsupported_parameter', { param: `provider_options.bedrock.${foreign.slice(0, 64)}` });
}

/** Source: AWS, Amazon Bedrock API reference, `InvokeModel`, response headers. */
function tokensIn(headers: Readonly<Record<string, string>>): number | undefined {
  const count = headers['x-amzn-bedrock-input-token-count'];
  return count !== undefined && /^\d{1,12}$/.test(count) ? Number(count) : undefined;
}
