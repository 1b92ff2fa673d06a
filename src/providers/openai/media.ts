import { GatewayError } from '../../lib/errors.js';
import { NO_USAGE, tokenCount, type Usage, unitCount, unitsOf } from '../../lib/usage.js';
import type { MediaRequest } from '../../openai-api/media/media-request.js';
import { formBody } from '../../uploads/form-body.js';
import type { MediaAnswer, MediaRoute, RouteCall, StreamBatch } from '../adapter.js';
import { truncatedAnswer } from '../answer-faults.js';
import { type Destination, fetchBytes, fetchEvents, fetchJson } from '../http/http-exchange.js';
import type { SentRequest, StreamTranslator } from '../http/http-provider.js';
import { jsonBody } from '../http/large-json.js';
import { tenantId } from '../tenant-id.js';
import { isFields } from './fields.js';
import { sentFields } from './media-fields.js';
import type { ErrorReader } from './to-completion.js';
import type { RequestStyle } from './to-request.js';

/** A completed image comes as one event. */
const MAX_EVENT_LENGTH = 64 * 1024 * 1024;

/** A route that serves every path, each as a whole, as a stream and byte by byte. */
export type FullMediaRoute = Required<Omit<MediaRoute, 'paths'>>;

/** Images, sound and moderations. What a client sends goes out as it came, but for the model, the user's name and what is not counted. */
export function mediaRoute({ fields }: RequestStyle, destination: Destination): FullMediaRoute {
  return {
    answer: (call) =>
      fetchJson(
        call,
        () => toRequest(call, fields),
        destination,
        (body, { dropped }, headers) => ({
          ...toAnswer(body, headers['content-type'] ?? 'application/json'),
          ...(dropped && { dropped }),
        }),
      ),
    async relay(call) {
      const native = toRequest(call, fields);
      return { ...(await fetchBytes(call, native, destination)), ...(native.dropped && { dropped: native.dropped }) };
    },
    stream: (call) => fetchEvents(call, toRequest(call, fields), () => relayEvents(destination.toError), destination),
  };
}

function toRequest(call: RouteCall<MediaRequest>, known: RequestStyle['fields']): SentRequest {
  const { request, model, unsupported } = call;
  const sent = sentFields(request.path, request.fields, known);
  const [param] = sent.dropped;
  if (param !== undefined && unsupported === 'error') {
    throw new GatewayError('unsupported_parameter', {
      message: `The model does not support '${printable(param)}'.`,
      param,
    });
  }
  const dropped = sent.dropped.length > 0 && unsupported === 'warn' ? { dropped: sent.dropped.map(printable) } : {};
  const fields = sent.fields
    .filter(([name]) => name !== 'model' && name !== 'provider_options')
    .map(([name, value]) => [name, name === 'user' ? tenantId(call, String(value)) : value] as const);
  const path = `/${request.path}`;
  if (request.files === undefined) {
    const body = jsonBody(call, { ...Object.fromEntries(fields), model });
    return { path, headers: { accept: '*/*' }, body, ...dropped };
  }
  const form = formBody(
    [['model', model], ...fields.map(([name, value]) => [name, String(value)] as const)],
    request.files,
  );
  return {
    path,
    headers: { accept: '*/*', 'content-type': form.contentType, 'content-length': String(form.contentLength) },
    body: form,
    ...dropped,
  };
}

function toAnswer(body: Uint8Array, contentType: string): MediaAnswer {
  const usage = /json/i.test(contentType) ? readMediaUsage(parsed(body)) : undefined;
  return { body, contentType, ...(usage && { usage }) };
}

/** The report lies at the end; what can't be parsed has no report. */
function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString());
  } catch {
    return undefined;
  }
}

/**
 * The usage of an answer or event: tokens with their kinds, or seconds.
 *
 * Source: the OpenAI API reference, `ImagesResponse.usage`, `TranscriptTextUsageTokens`, `TranscriptTextUsageDuration`.
 */
export function readMediaUsage(answer: unknown): Usage | undefined {
  if (!isFields(answer)) return undefined;
  const { usage } = answer;
  if (!isFields(usage)) {
    const seconds = unitCount(answer['duration']);
    return seconds === undefined
      ? undefined
      : { ...NO_USAGE, source: 'provider', ...unitsOf({ input_second: seconds }) };
  }
  if (usage['type'] === 'duration') {
    const seconds = unitCount(usage['seconds']);
    return seconds === undefined
      ? undefined
      : { ...NO_USAGE, source: 'provider', ...unitsOf({ input_second: seconds }) };
  }
  const input = tokenCount(usage['input_tokens']);
  const output = tokenCount(usage['output_tokens']);
  if (input === undefined || output === undefined) return undefined;
  const details = firstFields(usage['input_tokens_details'], usage['input_token_details']);
  const image = Math.min(tokenCount(details['image_tokens']) ?? 0, input);
  const audio = Math.min(tokenCount(details['audio_tokens']) ?? 0, input - image);
  const made = firstFields(usage['output_tokens_details'], usage['output_token_details']);
  const outputText = Math.min(tokenCount(made['text_tokens']) ?? 0, output);
  const outputKind = 'data' in answer || isImageEvent(answer) ? 'output_image_token' : undefined;
  const isSpeech = answer['type'] === 'speech.audio.done';
  const media = outputKind ?? (isSpeech ? 'output_audio_token' : undefined);
  return {
    ...NO_USAGE,
    source: 'provider',
    inputTokens: input - image - audio,
    outputTokens: media === undefined ? output : outputText,
    ...unitsOf({
      input_image_token: image,
      input_audio_token: audio,
      ...(media !== undefined && { [media]: output - outputText }),
    }),
  };
}

function isImageEvent({ type }: Readonly<Record<string, unknown>>): boolean {
  return typeof type === 'string' && /^image_(generation|edit)\./.test(type);
}

function firstFields(...values: readonly unknown[]): Readonly<Record<string, unknown>> {
  return values.find(isFields) ?? {};
}

/** Events are relayed as they come. Each kind of stream ends with an event of its own. */
function relayEvents(toError: ErrorReader): StreamTranslator {
  let finished = false;
  return {
    maxEventLength: MAX_EVENT_LENGTH,
    event(data: string, batch: StreamBatch) {
      if (data === '[DONE]') {
        finished = true;
        batch.finished = true;
        return;
      }
      const event = parsed(Buffer.from(data));
      if (isFields(event) && (event['type'] === 'error' || isFields(event['error'])))
        throw toError({ headers: {}, text: JSON.stringify({ error: event['error'] ?? event }) });
      batch.chunks.push(data);
      const usage = readMediaUsage(event);
      if (usage) batch.usage = usage;
      if (isFields(event) && typeof event['type'] === 'string' && /\.(completed|done)$/.test(event['type'])) {
        finished = true;
      }
    },
    end(batch: StreamBatch) {
      if (!finished) throw truncatedAnswer();
      batch.finished = true;
    },
  };
}

/** A name that a header can carry: a client may send any. */
function printable(name: string): string {
  return name.replace(/[^\w.-]/g, '_').slice(0, 64);
}
