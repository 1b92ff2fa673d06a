import { GatewayError } from '../../lib/errors.js';
import { addCounts, completionTokens, promptTokens, type Usage } from '../../lib/usage.js';
import { decodeHead } from '../../media/base64.js';
import { mediaFormat } from '../../media/media-type.js';
import { isObject } from '../../openai-api/field-checks.js';
import { MAX_IMAGE_TOKENS } from '../../openai-api/media/images.js';
import type { MediaRequest } from '../../openai-api/media/media-request.js';
import { readBase64, type UploadedFile } from '../../uploads/uploaded-file.js';
import { UpstreamError } from '../../upstream/upstream-error.js';
import type { MediaAnswer, MediaRoute, RouteCall, StreamBatch } from '../adapter.js';
import { type Destination, fetchJson, parseAnswer } from '../http/http-exchange.js';
import type { SentRequest } from '../http/http-provider.js';
import { splitMedia } from '../media-tokens.js';
import { UnsupportedParams } from '../unsupported-params.js';
import type { GenerateContentResponse, Part } from './api.js';
import { imageConfig } from './image-config.js';
import { modelPath } from './to-request.js';
import { noCounts, toUsage, updateCounts } from './to-usage.js';

/** One picture, or the reason why it is missing. */
interface Made {
  readonly pictures: readonly string[];
  readonly usage: Usage | undefined;
  readonly reason: string | undefined;
}

/**
 * Pictures of Gemini's image models, made and edited in the form of OpenAI's Images API. Each request makes one picture:
 * for `n` of them as many are sent at once.
 *
 * Source: ai.google.dev, "Image generation with Gemini"; API reference, `GenerationConfig`.
 */
export function imagesRoute(destination: Destination): MediaRoute {
  const make = async (call: RouteCall<MediaRequest>) => toImages(await makeAll(call, destination), call);
  return {
    paths: ['images/generations', 'images/edits'],
    async answer(call) {
      const { images, ...facts } = await make(call);
      return { body: Buffer.from(JSON.stringify(images)), contentType: 'application/json', ...facts };
    },
    async stream(call) {
      const { images, usage, dropped } = await make(call);
      return { batches: completed(images, usage), ...(dropped && { dropped }) };
    },
  };
}

interface AllMade {
  readonly made: readonly Made[];
  readonly dropped: readonly string[];
}

/** Sends the requests. What some of them made is the answer, also where others failed. */
async function makeAll(call: RouteCall<MediaRequest>, destination: Destination): Promise<AllMade> {
  const unsupported = new UnsupportedParams(call.unsupported);
  const sent = await toRequest(call, unsupported);
  const count = Number(fieldOf(call.request, 'n') ?? 1);
  const asked = Array.from({ length: count }, () => fetchJson(call, () => sent, destination, readMade));
  const settled = await Promise.allSettled(asked);
  const made = settled.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const [failure] = settled.flatMap((result) => (result.status === 'rejected' ? [result.reason as unknown] : []));
  if (made.length === 0) throw failure;
  return { made, dropped: unsupported.names };
}

const SNIFFED_BYTES = 64;

/** Fields with a meaning here; the others have no effect. */
const KNOWN = ['model', 'prompt', 'n', 'size', 'stream', 'user', 'provider_options'];

async function toRequest(call: RouteCall<MediaRequest>, unsupported: UnsupportedParams): Promise<SentRequest> {
  const { request } = call;
  // Answers hold the picture itself.
  const asked = request.fields.filter(([name, value]) => name !== 'response_format' || value === 'url');
  for (const [name] of asked) if (!KNOWN.includes(name)) unsupported.drop(name);
  const pictures = await Promise.all((request.files ?? []).map(toPart));
  const config = imageConfig(fieldOf(request, 'size'), call.model, unsupported);
  const body = {
    contents: [{ role: 'user', parts: [...pictures, { text: String(fieldOf(request, 'prompt')) }] }],
    generationConfig: {
      responseModalities: ['TEXT', 'IMAGE'],
      // What was held is a bound of everything that the model makes: thoughts and words, too.
      maxOutputTokens: MAX_IMAGE_TOKENS,
      ...(config && { imageConfig: config }),
    },
  };
  return { path: `/v1beta/${modelPath(call.model)}:generateContent`, body: JSON.stringify(body) };
}

async function toPart(file: UploadedFile): Promise<Part> {
  if (file.field === 'mask')
    throw new GatewayError('unsupported_parameter', { message: 'The model takes no mask.', param: 'mask' });
  const data = await readBase64(file);
  // By its bytes: clients name types as they like.
  return { inlineData: { mimeType: `image/${mediaFormat(decodeHead(data, SNIFFED_BYTES))}`, data } };
}

function fieldOf({ fields }: MediaRequest, wanted: string): unknown {
  return fields.find(([name]) => name === wanted)?.[1];
}

function readMade(body: Uint8Array): Made {
  const { json } = parseAnswer(body);
  const response: GenerateContentResponse = isObject(json) ? json : {};
  const [candidate] = response.candidates ?? [];
  const parts = (candidate?.content?.parts ?? []).filter(({ thought }) => thought !== true);
  const pictures = parts.flatMap(({ inlineData }) => (typeof inlineData?.data === 'string' ? [inlineData.data] : []));
  const counts = noCounts();
  if (isObject(response.usageMetadata)) updateCounts(counts, response.usageMetadata);
  const reason = response.promptFeedback?.blockReason ?? candidate?.finishReason;
  return { pictures, usage: withPictures(toUsage(counts), pictures), reason };
}

/** A report that does not say what was made: an answer with a picture is charged as one. */
function withPictures(usage: Usage | undefined, pictures: readonly string[]): Usage | undefined {
  if (!usage || pictures.length === 0 || usage.units?.['output_image_token'] !== undefined) return usage;
  return splitMedia(usage, { inputAudio: 0, inputImage: 0, outputAudio: 0, outputImage: usage.outputTokens });
}

/** Source: the OpenAI API reference, `ImagesResponse`. */
interface Images {
  readonly created: number;
  readonly data: readonly { readonly b64_json: string }[];
  readonly usage?: object;
}

/** The pictures, with what is charged for them. */
type CountedImages = Pick<MediaAnswer, 'usage' | 'dropped'> & { readonly images: Images };

function toImages({ made, dropped }: AllMade, { request, now }: RouteCall<MediaRequest>): CountedImages {
  const data = made.flatMap(({ pictures }) => pictures.map((picture) => ({ b64_json: picture })));
  const usage = sumOf(made);
  const [unit] = Object.keys(request.use.units ?? {});
  const counted = usage && { ...usage, units: { ...usage.units, ...(unit !== undefined && { [unit]: data.length }) } };
  if (data.length === 0) throw withheld(made[0]?.reason, counted);
  return {
    images: { created: Math.floor(now() / 1_000), data, ...(usage && { usage: toImagesUsage(usage) }) },
    ...(counted && { usage: counted }),
    ...(dropped.length > 0 && { dropped }),
  };
}

/** Undefined as soon as one report is missing: the most that was held is charged then. */
function sumOf(made: readonly Made[]): Usage | undefined {
  let sum: Usage | undefined;
  for (const { usage } of made) {
    if (!usage) return undefined;
    sum = sum ? addCounts(sum, usage) : usage;
  }
  return sum;
}

/** The model made no picture, but billed what it read and thought. */
function withheld(reason: string | undefined, usage: Usage | undefined): UpstreamError {
  const cause = new Error(`no picture: ${reason ?? 'no reason given'}`);
  const isRefused =
    reason !== undefined && !['STOP', 'MAX_TOKENS', 'NO_IMAGE', 'OTHER', 'IMAGE_OTHER'].includes(reason);
  const clientError = isRefused
    ? new GatewayError('content_policy_violation', { param: 'prompt', cause })
    : new GatewayError('upstream_error', { message: 'The model made no picture of this prompt.', cause });
  return new UpstreamError('status', clientError, { cause, status: clientError.status, billed: usage });
}

/** Source: the OpenAI API reference, `ImagesResponse.usage`. */
function toImagesUsage(usage: Usage): object {
  const input = promptTokens(usage);
  const output = completionTokens(usage);
  const picture = usage.units?.['input_image_token'] ?? 0;
  const made = usage.units?.['output_image_token'] ?? 0;
  return {
    input_tokens: input,
    output_tokens: output,
    total_tokens: input + output,
    input_tokens_details: { text_tokens: input - picture, image_tokens: picture },
    output_tokens_details: { text_tokens: output - made, image_tokens: made },
  };
}

/** A stream of one event: Gemini sends no partial pictures. */
async function* completed(
  { created, data, usage: reported }: Images,
  usage: Usage | undefined,
): AsyncIterable<StreamBatch> {
  for (const [index, { b64_json }] of data.entries()) {
    const last = index === data.length - 1;
    const event = {
      type: 'image_generation.completed',
      b64_json,
      created_at: created,
      ...(last && { usage: reported }),
    };
    yield { chunks: [JSON.stringify(event)], ...(last && usage && { usage }), ...(last && { finished: true }) };
  }
}
