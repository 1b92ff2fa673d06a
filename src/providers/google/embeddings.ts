import { GatewayError } from '../../lib/errors.js';
import { type Embeddings, type EmbeddingsRequest, toBase64 } from '../../openai-api/embeddings.js';
import { isObject } from '../../openai-api/field-checks.js';
import type { EmbeddingsAnswer, ProviderRoutes, RouteCall } from '../adapter.js';
import { checkAllowed } from '../allowed-fields.js';
import { type Destination, fetchJson, parseAnswer } from '../http/http-exchange.js';
import { invalidAnswer, type SentRequest } from '../http/http-provider.js';
import { jsonBody } from '../http/large-json.js';
import { inBatches } from '../in-batches.js';
import { UnsupportedParams } from '../unsupported-params.js';
import { ALLOWED_FOR_EMBEDDINGS } from './allowed-fields.js';
import { modelPath } from './to-request.js';
import { noCounts, toUsage, updateCounts } from './to-usage.js';

/** Texts in one request. Source: ai.google.dev, `models.batchEmbedContents`, "at most 100 requests". */
const MAX_TEXTS = 100;

/** Embeddings through `batchEmbedContents`. */
export function googleRoutes(destination: Destination): ProviderRoutes {
  return {
    embeddings(call) {
      return inBatches(call, MAX_TEXTS, (part) =>
        fetchJson(
          part,
          () => toEmbeddingsRequest(part),
          destination,
          (body, { dropped }) => ({ ...toEmbeddings(parseAnswer(body).json, part), ...(dropped && { dropped }) }),
        ),
      );
    },
  };
}

/** Fields that need no translation, or have no effect on the vectors. */
const KNOWN = ['model', 'input', 'encoding_format', 'dimensions', 'user', 'provider_options'];

/**
 * `provider_options.google` goes into each of the requests: `taskType`, `title`, …
 *
 * Source: ai.google.dev, API reference, `models.batchEmbedContents`.
 *
 * @throws {GatewayError} for tokens in place of text, which only OpenAI's own models know.
 */
export function toEmbeddingsRequest(call: RouteCall<EmbeddingsRequest>): SentRequest {
  const { request } = call;
  const unsupported = new UnsupportedParams(call.unsupported);
  dropUnknown(request, unsupported);
  const path = modelPath(call.model);
  const options = nativeOptions(request);
  const requests = textsOf(request).map((text) => ({
    ...options,
    model: path,
    content: { parts: [{ text }] },
    ...(request.dimensions !== undefined && { outputDimensionality: request.dimensions }),
  }));
  const dropped = unsupported.names;
  return {
    path: `/v1beta/${path}:batchEmbedContents`,
    body: jsonBody(call, { requests }),
    ...(dropped.length > 0 && { dropped }),
  };
}

/** Reports the fields that have no effect on vectors. */
export function dropUnknown(request: EmbeddingsRequest, unsupported: UnsupportedParams): void {
  for (const name of Object.keys(request)) if (!KNOWN.includes(name)) unsupported.drop(name);
}

/** They go into each of up to 2,048 requests, so they must be few. */
const MAX_OPTIONS_LENGTH = 2_000;

/** The client's native fields. */
export function nativeOptions({ provider_options: options }: EmbeddingsRequest): object {
  const native = options?.['google'];
  if (!isObject(native)) return {};
  // The model is the path's.
  const { model: _, ...asked } = native;
  checkAllowed(asked, ALLOWED_FOR_EMBEDDINGS, 'provider_options.google');
  if (JSON.stringify(native).length <= MAX_OPTIONS_LENGTH) return native;
  const message = `The options of an embedding may have ${MAX_OPTIONS_LENGTH} characters.`;
  throw new GatewayError('invalid_value', { message, param: 'provider_options.google' });
}

/**
 * Vectors that were shortened are scaled to length 1 again, as OpenAI's are; Google leaves that to the caller.
 *
 * Source: ai.google.dev, "Embeddings", on dimensions other than the model's own. Token counts are not always reported.
 */
export function toEmbeddings(json: unknown, { request, model }: RouteCall<EmbeddingsRequest>): EmbeddingsAnswer {
  const answer = isObject(json) ? json : {};
  const list = answer['embeddings'];
  if (!Array.isArray(list) || list.length !== textsOf(request).length) {
    throw invalidAnswer(new Error('the answer has too few or too many vectors'));
  }
  const embeddings = embeddingsOf(list.map(valuesOf), request, model);
  const counts = noCounts();
  if (isObject(answer['usageMetadata'])) updateCounts(counts, answer['usageMetadata']);
  const usage = toUsage(counts);
  return { embeddings, ...(usage && { usage }) };
}

/** Vectors in OpenAI's form; those with asked dimensions are scaled to length 1, see `toEmbeddings`. */
export function embeddingsOf(
  vectors: readonly number[][],
  { dimensions, encoding_format: format }: EmbeddingsRequest,
  model: string,
): Embeddings {
  const data = vectors.map((values, index) => {
    const vector = dimensions === undefined ? values : scaled(values);
    return { object: 'embedding' as const, index, embedding: format === 'base64' ? toBase64(vector) : vector };
  });
  return { object: 'list', data, model };
}

/** The inputs as texts. @throws {GatewayError} for tokens in their place. */
export function textsOf({ input }: EmbeddingsRequest): string[] {
  const texts = Array.isArray(input) ? input : [input];
  return texts.map((text, index) => {
    if (typeof text === 'string') return text;
    const param = typeof text === 'number' ? 'input' : `input[${index}]`;
    const message = `The model takes text, not tokens: send '${param}' as a string.`;
    throw new GatewayError('unsupported_value', { message, param });
  });
}

/** One vector of an answer. @throws {UpstreamError} when it is malformed. */
export function valuesOf(item: unknown): number[] {
  const values = isObject(item) ? item['values'] : undefined;
  if (Array.isArray(values) && values.length > 0 && values.every((value) => typeof value === 'number')) return values;
  throw invalidAnswer(new Error('a vector is not a list of numbers'));
}

function scaled(vector: readonly number[]): number[] {
  const length = Math.hypot(...vector);
  return length === 0 ? [...vector] : vector.map((value) => value / length);
}
