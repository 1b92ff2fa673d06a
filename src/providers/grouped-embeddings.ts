import { NO_USAGE, tokenCount, type Usage } from '../lib/usage.js';
import type { EmbeddingsRequest } from '../openai-api/embeddings.js';
import type { EmbeddingsAnswer, RouteCall } from './adapter.js';
import { invalidAnswer } from './answer-faults.js';
import { dropUnknown, embeddingsOf, textsOf } from './google/embeddings.js';
import { type Destination, fetchJson, parseAnswer } from './http/http-exchange.js';
import { UnsupportedParams } from './unsupported-params.js';

/** Requests of one call that run at the same time. */
const AT_ONCE = 8;

/** Vectors and the tokens of their texts. */
export interface EmbeddedTexts {
  readonly vectors: number[][];
  /** Undefined: not reported. */
  readonly tokens: number | undefined;
}

/** How a model is asked for vectors, and for how many at once. */
export interface EmbeddingForm {
  readonly path: string;
  /** Texts in one request. */
  readonly most: number;
  body(texts: readonly string[], request: EmbeddingsRequest): object;
  read(answer: unknown, headers: Readonly<Record<string, string>>): EmbeddedTexts;
}

/** Asks for all vectors of a call, in as many requests as the model needs, and puts them in order. */
export async function embedInGroups(
  call: RouteCall<EmbeddingsRequest>,
  form: EmbeddingForm,
  destination: Destination,
): Promise<EmbeddingsAnswer> {
  const unsupported = new UnsupportedParams(call.unsupported);
  dropUnknown(call.request, unsupported);
  const parts: EmbeddedTexts[] = [];
  for (const running of inGroups(inGroups(textsOf(call.request), form.most), AT_ONCE)) {
    parts.push(...(await Promise.all(running.map((texts) => ask(call, texts, form, destination)))));
  }
  const vectors = parts.flatMap((part) => part.vectors);
  const usage = usageOf(parts);
  const dropped = unsupported.names;
  return {
    embeddings: embeddingsOf(vectors, call.request, call.model),
    ...(usage && { usage }),
    ...(dropped.length > 0 && { dropped }),
  };
}

async function ask(
  call: RouteCall<EmbeddingsRequest>,
  texts: readonly string[],
  form: EmbeddingForm,
  destination: Destination,
): Promise<EmbeddedTexts> {
  const translate = () => ({ path: form.path, body: JSON.stringify(form.body(texts, call.request)) });
  const part = await fetchJson(call, translate, destination, (body, _native, headers) =>
    form.read(parseAnswer(body).json, headers),
  );
  if (part.vectors.length === texts.length) return part;
  throw invalidAnswer(new Error('the answer has too few or too many vectors'));
}

/** Only when every part reported its tokens is their sum the truth. */
function usageOf(parts: readonly EmbeddedTexts[]): Usage | undefined {
  let inputTokens = 0;
  for (const { tokens } of parts) {
    const count = tokenCount(tokens);
    if (count === undefined) return undefined;
    inputTokens += count;
  }
  return { ...NO_USAGE, inputTokens, source: 'provider' };
}

function inGroups<T>(items: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}
