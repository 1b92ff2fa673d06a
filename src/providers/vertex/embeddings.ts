import type { EmbeddingsRequest } from '../../openai-api/embeddings.js';
import { isObject } from '../../openai-api/field-checks.js';
import type { ProviderRoutes } from '../adapter.js';
import { nativeOptions, valuesOf } from '../google/embeddings.js';
import { type EmbeddingForm, embedInGroups } from '../grouped-embeddings.js';
import type { Destination } from '../http/http-exchange.js';

/** Texts in one `predict` request. Source: Google Cloud, "Text embeddings API". */
const MAX_INSTANCES = 250;

/** Embeddings on Vertex. Models differ in how they are asked, and in how many texts a request may hold. */
export function vertexRoutes(destination: Destination): ProviderRoutes {
  return { embeddings: (call) => embedInGroups(call, formOf(call.model), destination) };
}

function formOf(model: string): EmbeddingForm {
  if (/gemini-embedding-001$/.test(model)) return { ...PREDICT, most: 1 };
  return /gemini/.test(model) ? EMBED_CONTENT : PREDICT;
}

/** Source: Google Cloud, "Method: models.predict", and "Text embeddings API" for the fields of instances and predictions. */
const PREDICT: EmbeddingForm = {
  path: ':predict',
  most: MAX_INSTANCES,
  body(texts, request) {
    const { taskType, title, autoTruncate = false, ...others } = optionsOf(request);
    const instance = { ...(taskType !== undefined && { task_type: taskType }), ...(title !== undefined && { title }) };
    return {
      instances: texts.map((content) => ({ content, ...instance })),
      parameters: { ...others, autoTruncate, ...dimensions(request) },
    };
  },
  read(answer) {
    const list = isObject(answer) && Array.isArray(answer['predictions']) ? answer['predictions'] : [];
    const embeddings = list.map((item) => (isObject(item) && isObject(item['embeddings']) ? item['embeddings'] : {}));
    const counts = embeddings.map(({ statistics }) => numberIn(statistics, 'token_count'));
    const tokens = counts.reduce(
      (sum, count) => (sum === undefined || count === undefined ? undefined : sum + count),
      0,
    );
    return { vectors: embeddings.map(valuesOf), tokens };
  },
};

/** Source: Google Cloud, "Method: models.embedContent". */
const EMBED_CONTENT: EmbeddingForm = {
  path: ':embedContent',
  most: 1,
  body: ([text], request) => ({
    content: { role: 'user', parts: [{ text }] },
    embedContentConfig: { autoTruncate: false, ...optionsOf(request), ...dimensions(request) },
  }),
  read(answer) {
    const { embedding, usageMetadata } = isObject(answer) ? answer : {};
    return { vectors: [valuesOf(embedding)], tokens: numberIn(usageMetadata, 'promptTokenCount') };
  },
};

function optionsOf(request: EmbeddingsRequest): Record<string, unknown> {
  return { ...nativeOptions(request) };
}

function dimensions({ dimensions: asked }: EmbeddingsRequest): object {
  return asked === undefined ? {} : { outputDimensionality: asked };
}

function numberIn(value: unknown, name: string): number | undefined {
  const found = isObject(value) ? value[name] : undefined;
  return typeof found === 'number' ? Math.ceil(found) : undefined;
}
