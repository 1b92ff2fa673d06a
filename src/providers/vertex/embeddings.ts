import type { EmbeddingsRequest } from '../../openai-api/embeddings.js';
import { isObject } from '../../openai-api/field-checks.js';
import type { EmbeddingsAnswer, ProviderRoutes, RouteCall } from '../adapter.js';
import { dropUnknown, embeddingsOf, nativeOptions, textsOf, valuesOf } from '../google/embeddings.js';
import { noCounts, toUsage, updateCounts } from '../google/to-usage.js';
import { type Destination, fetchJson, parseAnswer } from '../http/http-exchange.js';
import { invalidAnswer } from '../http/http-provider.js';
import { UnsupportedParams } from '../unsupported-params.js';

/** Requests of one call that run at the same time. */
const AT_ONCE = 8;
/** Texts in one `predict` request. Source: Google Cloud, "Text embeddings API". */
const MAX_INSTANCES = 250;

/** Embeddings on Vertex. Models differ in how they are asked, and in how many texts a request may hold. */
export function vertexRoutes(destination: Destination): ProviderRoutes {
  return {
    async embeddings(call) {
      const unsupported = new UnsupportedParams(call.unsupported);
      dropUnknown(call.request, unsupported);
      const form = formOf(call.model);
      const groups = inGroups(textsOf(call.request), form.most);
      const vectors: number[][] = [];
      const counts = noCounts();
      let reported = 0;
      for (const running of inGroups(groups, AT_ONCE)) {
        const parts = await Promise.all(running.map((texts) => ask(call, texts, form, destination)));
        for (const part of parts) {
          vectors.push(...part.vectors);
          reported += part.tokens;
        }
      }
      updateCounts(counts, { promptTokenCount: reported });
      const usage = reported > 0 ? toUsage(counts) : undefined;
      const dropped = unsupported.names;
      const embeddings = embeddingsOf(vectors, call.request, call.model);
      return { embeddings, ...(usage && { usage }), ...(dropped.length > 0 && { dropped }) } satisfies EmbeddingsAnswer;
    },
  };
}

/** Vectors and the tokens of their texts. */
interface Part {
  readonly vectors: number[][];
  readonly tokens: number;
}

interface Form {
  readonly method: string;
  /** Texts in one request. */
  readonly most: number;
  body(texts: readonly string[], request: EmbeddingsRequest): object;
  read(answer: Record<string, unknown>): Part;
}

/** Source: Google Cloud, "Method: models.predict", and "Text embeddings API" for the fields of instances and predictions. */
const PREDICT: Form = {
  method: ':predict',
  most: MAX_INSTANCES,
  body(texts, request) {
    const { taskType, title, autoTruncate = false, ...others } = optionsOf(request);
    const instance = { ...(taskType !== undefined && { task_type: taskType }), ...(title !== undefined && { title }) };
    return {
      instances: texts.map((content) => ({ content, ...instance })),
      parameters: { ...others, autoTruncate, ...dimensions(request) },
    };
  },
  read({ predictions }) {
    const list = Array.isArray(predictions) ? predictions : [];
    const embeddings = list.map((item) => (isObject(item) && isObject(item['embeddings']) ? item['embeddings'] : {}));
    return {
      vectors: embeddings.map(valuesOf),
      tokens: embeddings.reduce((sum, { statistics }) => sum + count(statistics, 'token_count'), 0),
    };
  },
};

/** Source: Google Cloud, "Method: models.embedContent". */
const EMBED_CONTENT: Form = {
  method: ':embedContent',
  most: 1,
  body: ([text], request) => ({
    content: { role: 'user', parts: [{ text }] },
    embedContentConfig: { autoTruncate: false, ...optionsOf(request), ...dimensions(request) },
  }),
  read: ({ embedding, usageMetadata }) => ({
    vectors: [valuesOf(embedding)],
    tokens: count(usageMetadata, 'promptTokenCount'),
  }),
};

function formOf(model: string): Form {
  if (/gemini-embedding-001$/.test(model)) return { ...PREDICT, most: 1 };
  return /gemini/.test(model) ? EMBED_CONTENT : PREDICT;
}

async function ask(
  call: RouteCall<EmbeddingsRequest>,
  texts: readonly string[],
  form: Form,
  destination: Destination,
): Promise<Part> {
  const translate = () => ({ path: form.method, body: JSON.stringify(form.body(texts, call.request)) });
  const part = await fetchJson(call, translate, destination, (body) => {
    const { json } = parseAnswer(body);
    return form.read(isObject(json) ? json : {});
  });
  if (part.vectors.length === texts.length) return part;
  throw invalidAnswer(new Error('the answer has too few or too many vectors'));
}

function optionsOf(request: EmbeddingsRequest): Record<string, unknown> {
  return { ...nativeOptions(request) };
}

function dimensions({ dimensions: asked }: EmbeddingsRequest): object {
  return asked === undefined ? {} : { outputDimensionality: asked };
}

function count(value: unknown, name: string): number {
  const found = isObject(value) ? value[name] : undefined;
  return typeof found === 'number' && found > 0 ? Math.ceil(found) : 0;
}

function inGroups<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
