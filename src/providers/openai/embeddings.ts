import {
  type Embedding,
  type Embeddings,
  type EmbeddingsRequest,
  fromBase64,
  inputCount,
  toBase64,
} from '../../openai-api/embeddings.js';
import type { EmbeddingsAnswer, RouteCall } from '../adapter.js';
import { withoutUnlisted } from '../endpoint-fields.js';
import { invalidAnswer, type SentRequest } from '../http/http-provider.js';
import { jsonBody } from '../http/large-json.js';
import { tenantId } from '../tenant-id.js';
import { ALLOWED } from './allowed-fields.js';
import { isFields } from './fields.js';
import { refuseOtherNames } from './gateway-owned-fields.js';
import { mergeProviderOptions } from './provider-options.js';
import type { ErrorReader } from './to-completion.js';
import type { RequestStyle } from './to-request.js';
import { refuseUncounted } from './uncounted-fields.js';
import { readUsage } from './usage.js';

/** What is counted, or changes nothing about the cost. */
const COUNTED = ['model', 'input', 'user'];

/** The request for a provider. Source: the OpenAI API reference, `CreateEmbeddingRequest`. */
export function toEmbeddingsRequest(call: RouteCall<EmbeddingsRequest>, style: RequestStyle): SentRequest {
  const { request, model } = call;
  if (style.strict) refuseOtherNames(request);
  else refuseUncounted(request);
  const { provider_options: _, ...fields } = style.fields ? withoutUnlisted(request, style.fields, COUNTED) : request;
  const native: Record<string, unknown> = { ...fields, model };
  if (request.user !== undefined) native.user = tenantId(call, request.user);
  // Many copies refuse the field, and vectors are encoded here in any case.
  if (!style.strict) delete native.encoding_format;
  mergeProviderOptions(native, call, style.name, style.fields?.options ?? ALLOWED);
  return { path: '/embeddings', body: jsonBody(call, native) };
}

/**
 * Reads an answer. It is relayed as it is, unless it lacks something or has its vectors in the other encoding: many APIs
 * that copy OpenAI's pass over `encoding_format`.
 *
 * @throws {UpstreamError} when the body is an error, no list of vectors, or one of the wrong length.
 */
export function toEmbeddings(
  json: unknown,
  text: string,
  { request, model }: RouteCall<EmbeddingsRequest>,
  toError: ErrorReader,
): EmbeddingsAnswer {
  const answer = isFields(json) ? json : {};
  const list = answer.data;
  if (!Array.isArray(list)) {
    throw isFields(answer.error) ? toError({ headers: {}, text }) : invalidAnswer(new Error('the answer has no data'));
  }
  if (list.length !== inputCount(request)) throw invalidAnswer(new Error('the answer has too few or too many vectors'));
  const format = request.encoding_format ?? 'float';
  const usage = readUsage(answer.usage);
  const sound = answer.object === 'list' && typeof answer.model === 'string' && usage !== undefined;
  if (sound && list.every((item, index) => isUnchanged(item, index, format))) {
    return { embeddings: answer as unknown as Embeddings, text, usage };
  }
  const embeddings: Embeddings = {
    object: 'list',
    data: byIndex(list).map((item, index) => ({ object: 'embedding', index, embedding: encoded(item, format) })),
    model: typeof answer.model === 'string' ? answer.model : model,
  };
  return { embeddings, ...(usage && { usage }) };
}

/** Vectors are placed by their `index`; if not all have a valid one, they are in the order of the texts. */
function byIndex(list: readonly unknown[]): readonly unknown[] {
  const placed = new Array<unknown>(list.length);
  const places = new Set<number>();
  for (const item of list) {
    const index = isFields(item) ? item.index : undefined;
    if (!Number.isInteger(index) || Number(index) < 0 || Number(index) >= list.length) return list;
    placed[Number(index)] = item;
    places.add(Number(index));
  }
  return places.size === list.length ? placed : list;
}

function isUnchanged(item: unknown, index: number, format: string): boolean {
  if (!isFields(item) || item.object !== 'embedding' || item.index !== index) return false;
  return format === 'base64' ? typeof item.embedding === 'string' : Array.isArray(item.embedding);
}

function encoded(item: unknown, format: string): Embedding['embedding'] {
  const vector = isFields(item) ? item.embedding : undefined;
  if (typeof vector === 'string') return format === 'base64' ? vector : decoded(vector);
  if (!Array.isArray(vector) || !vector.every((value) => typeof value === 'number')) {
    throw invalidAnswer(new Error('a vector is not a list of numbers'));
  }
  return format === 'base64' ? toBase64(vector) : vector;
}

function decoded(vector: string): number[] {
  try {
    return fromBase64(vector);
  } catch (thrown) {
    throw invalidAnswer(thrown);
  }
}
