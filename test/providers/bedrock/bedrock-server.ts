import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { EventStreamCodec } from '@smithy/eventstream-codec';
import { fromUtf8, toUtf8 } from '@smithy/util-utf8';
import aws4 from 'aws4';
import { isObject } from '../../../src/openai-api/field-checks.js';
import { type Listening, listen } from '../../helpers/listen.js';
import { hostedProblem } from '../hosted-schema.js';
import { converseProblem } from './converse-schema.js';

export const REGION = 'eu-central-1';
export const API_KEY = 'bedrock-api-key-0123456789';
export const CREDENTIALS = {
  accessKeyId: 'AKIDEXAMPLE0123456',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
  sessionToken: 'session-token-0123456789',
};

/** Of a user, without a session. */
export const LASTING = { accessKeyId: 'AKIDLASTING9876543', secretAccessKey: 'another/secret+key/EXAMPLE' };

/** What the service was asked. */
export interface BedrockRequest {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
  /** The body as it came. */
  readonly text: string;
}

/** A message of an event stream: an event, or an exception that ends it. */
export type StreamMessage = readonly [type: string, payload: object, exception?: 'exception'];

/** A stand-in for Amazon Bedrock. */
export interface BedrockServer extends Listening {
  readonly requests: BedrockRequest[];
  /** Answers the next request like this. */
  next: Answer | undefined;
  /** How the bytes of streams are cut; default: one piece. */
  cut: number | undefined;
}

type Answer =
  | { readonly status: number; readonly body: object; readonly headers?: Record<string, string> }
  | { readonly messages: readonly StreamMessage[]; readonly bytes?: (bytes: Uint8Array) => Uint8Array };

const codec = new EventStreamCodec(toUtf8, fromUtf8);

/**
 * Checks what the real one checks: the signature (recomputed by another library), the model's id in the path, and the
 * request against the schema of Converse or of the model's own body.
 *
 * Source: AWS, Amazon Bedrock API reference; "Signature Version 4"; "Anthropic Claude Messages API".
 */
export async function bedrockServer(): Promise<BedrockServer> {
  const requests: BedrockRequest[] = [];
  const listening = await listen(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const text = Buffer.concat(pieces).toString();
    const body = JSON.parse(text) as Record<string, unknown>;
    requests.push({ url: String(request.url), headers: request.headers, body, text });
    const { next } = server;
    server.next = undefined;
    const answer = refusalOf(request, text) ?? next ?? answerOf(String(request.url), body);
    if ('status' in answer) {
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
      response.end(JSON.stringify(answer.body));
      return;
    }
    response.writeHead(200, { 'content-type': 'application/vnd.amazon.eventstream' });
    const whole = Buffer.concat(answer.messages.map(encoded));
    const bytes = answer.bytes?.(whole) ?? whole;
    const size = server.cut ?? bytes.length;
    for (let at = 0; at < bytes.length; at += size) {
      response.write(bytes.subarray(at, at + size));
      await new Promise((resolve) => setImmediate(resolve));
    }
    response.end();
  });
  const server: BedrockServer = { ...listening, requests, next: undefined, cut: undefined };
  return server;
}

function encoded([type, payload, exception]: StreamMessage): Uint8Array {
  const text = (value: string) => ({ type: 'string' as const, value });
  const headers = exception
    ? { ':exception-type': text(type), ':content-type': text('application/json'), ':message-type': text('exception') }
    : { ':event-type': text(type), ':content-type': text('application/json'), ':message-type': text('event') };
  return codec.encode({ headers, body: fromUtf8(JSON.stringify(payload)) });
}

export function exceptionAnswer(status: number, name: string, message: string): Answer {
  return { status, body: { message }, headers: { 'x-amzn-errortype': `${name}:http://internal.amazon.com/coral/` } };
}

function refusalOf(request: IncomingMessage, body: string): Answer | undefined {
  const { headers } = request;
  if (headers.authorization === `Bearer ${API_KEY}`) return undefined;
  if (!headers.authorization?.startsWith('AWS4-HMAC-SHA256')) {
    return exceptionAnswer(403, 'AccessDeniedException', 'Missing Authentication Token');
  }
  const [, accessKeyId, day, scope] = /Credential=([^/]+)\/(\d{8})\/([^,]+),/.exec(headers.authorization) ?? [];
  const identity = [CREDENTIALS, LASTING].find((known) => known.accessKeyId === accessKeyId);
  if (!identity || scope !== `${REGION}/bedrock/aws4_request`) {
    return exceptionAnswer(
      403,
      'UnrecognizedClientException',
      'The security token included in the request is invalid.',
    );
  }
  if (!String(headers['x-amz-date']).startsWith(`${day}T`)) {
    return exceptionAnswer(403, 'InvalidSignatureException', 'Date in Credential scope does not match the request.');
  }
  const token = 'sessionToken' in identity ? identity.sessionToken : undefined;
  if (headers['x-amz-security-token'] !== token) {
    const message = `The security token ${headers['x-amz-security-token']} is expired`;
    return exceptionAnswer(403, 'ExpiredTokenException', message);
  }
  const signed = /SignedHeaders=([^,]+)/.exec(headers.authorization)?.[1]?.split(';') ?? [];
  const needed = ['host', 'x-amz-date', ...(token ? ['x-amz-security-token'] : [])];
  if (!needed.every((name) => signed.includes(name))) {
    return exceptionAnswer(403, 'InvalidSignatureException', `${needed.join()} must be signed`);
  }
  const hash = headers['x-amz-content-sha256'];
  if (hash !== undefined && hash !== createHash('sha256').update(body).digest('hex')) {
    return exceptionAnswer(400, 'XAmzContentSHA256Mismatch', 'The hash does not fit the body.');
  }
  // The length is not signed, because the HTTP client sets it.
  const options = {
    service: 'bedrock',
    region: REGION,
    method: String(request.method),
    path: String(request.url),
    headers: Object.fromEntries(signed.map((name) => [name, String(headers[name])])),
    body,
    extraHeadersToIgnore: { 'content-length': true },
  };
  const expected = String(aws4.sign(options, identity).headers?.['Authorization']);
  if (signatureIn(expected) === signatureIn(headers.authorization)) return undefined;
  return exceptionAnswer(403, 'InvalidSignatureException', 'The request signature we calculated does not match.');
}

const signatureIn = (authorization: string) => /Signature=([0-9a-f]{64})/.exec(authorization)?.[1] ?? 'none';

function answerOf(url: string, body: Record<string, unknown>): Answer {
  const [, encodedModel = '', method] = /^\/model\/([^/]+)\/([\w-]+)$/.exec(url) ?? [];
  const model = decodeURIComponent(encodedModel);
  if (/gone/.test(model))
    return exceptionAnswer(400, 'ValidationException', 'The provided model identifier is invalid.');
  switch (method) {
    case 'invoke':
      return /claude/.test(model) ? claude(body, false) : embedding(model, body);
    case 'invoke-with-response-stream':
      return claude(body, true);
    case 'count-tokens':
      return counted(model, body);
    case 'converse':
    case 'converse-stream': {
      const problem = converseProblem(body);
      if (problem) return exceptionAnswer(400, 'ValidationException', problem);
      return method === 'converse' ? { status: 200, body: CONVERSE } : { messages: CONVERSE_STREAM };
    }
    default:
      return exceptionAnswer(404, 'UnknownOperationException', 'unknown');
  }
}

const USAGE = { inputTokens: 9, outputTokens: 7, totalTokens: 19, cacheReadInputTokens: 3, cacheWriteInputTokens: 0 };
const ARGUMENTS = { city: 'Köln', days: 2 };
const CONVERSE = {
  output: {
    message: {
      role: 'assistant',
      content: [
        { reasoningContent: { reasoningText: { text: 'Hm.', signature: 'c2ln' } } },
        { text: 'Looking it up. ☂' },
        { toolUse: { toolUseId: 'tooluse_1', name: 'weather', input: ARGUMENTS } },
      ],
    },
  },
  stopReason: 'tool_use',
  usage: USAGE,
  metrics: { latencyMs: 12 },
};
export const CONVERSE_STREAM: readonly StreamMessage[] = [
  ['messageStart', { role: 'assistant', p: 'abcd' }],
  ['contentBlockDelta', { contentBlockIndex: 0, delta: { reasoningContent: { text: 'Hm' } } }],
  ['contentBlockDelta', { contentBlockIndex: 0, delta: { reasoningContent: { text: '.' } } }],
  ['contentBlockDelta', { contentBlockIndex: 0, delta: { reasoningContent: { signature: 'c2ln' } } }],
  ['contentBlockStop', { contentBlockIndex: 0 }],
  ['contentBlockDelta', { contentBlockIndex: 1, delta: { text: 'Looking it ' }, p: 'ab' }],
  ['contentBlockDelta', { contentBlockIndex: 1, delta: { text: 'up. ☂' } }],
  ['contentBlockStop', { contentBlockIndex: 1 }],
  ['contentBlockStart', { contentBlockIndex: 2, start: { toolUse: { toolUseId: 'tooluse_1', name: 'weather' } } }],
  ['contentBlockDelta', { contentBlockIndex: 2, delta: { toolUse: { input: '{"city":"Kö' } } }],
  ['contentBlockDelta', { contentBlockIndex: 2, delta: { toolUse: { input: 'ln","days":2}' } } }],
  ['contentBlockStop', { contentBlockIndex: 2 }],
  ['messageStop', { stopReason: 'tool_use' }],
  ['metadata', { usage: USAGE, metrics: { latencyMs: 12 } }],
];

/** Profiles have no counter. Source: AWS, Amazon Bedrock API reference, `CountTokens`. */
function counted(model: string, { input }: Record<string, unknown>): Answer {
  if (!/^anthropic\.claude-/.test(model)) {
    return exceptionAnswer(400, 'ValidationException', "The provided model doesn't support counting tokens.");
  }
  const invoked = isObject(input) && isObject(input['invokeModel']) ? input['invokeModel']['body'] : undefined;
  const body: unknown = JSON.parse(Buffer.from(String(invoked), 'base64').toString());
  if (!isObject(body) || body['anthropic_version'] !== 'bedrock-2023-05-31') {
    return exceptionAnswer(400, 'ValidationException', 'anthropic_version: Field required');
  }
  const problem = hostedProblem(body);
  return problem ? exceptionAnswer(400, 'ValidationException', problem) : { status: 200, body: { inputTokens: 42 } };
}

function claude(body: Record<string, unknown>, stream: boolean): Answer {
  if (body['anthropic_version'] !== 'bedrock-2023-05-31') {
    return exceptionAnswer(400, 'ValidationException', 'anthropic_version: Field required');
  }
  if ('stream' in body) return exceptionAnswer(400, 'ValidationException', 'stream: Extra inputs are not permitted');
  const problem = hostedProblem(body);
  if (problem !== undefined) return exceptionAnswer(400, 'ValidationException', problem);
  const message = { id: 'msg_bdrk_1', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5-20250929' };
  const usage = { input_tokens: 9, cache_read_input_tokens: 3, cache_creation_input_tokens: 0, output_tokens: 2 };
  const content = [{ type: 'text', text: 'Hi.' }];
  if (!stream)
    return { status: 200, body: { ...message, content, stop_reason: 'end_turn', stop_sequence: null, usage } };
  const events = [
    { type: 'message_start', message: { ...message, content: [], usage: { ...usage, output_tokens: 1 } } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi.' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 2 } },
    { type: 'message_stop', 'amazon-bedrock-invocationMetrics': { inputTokenCount: 9, outputTokenCount: 2 } },
  ];
  return {
    messages: events.map((event) => [
      'chunk',
      { bytes: Buffer.from(JSON.stringify(event)).toString('base64'), p: 'abc' },
    ]),
  };
}

function embedding(model: string, body: Record<string, unknown>): Answer {
  const headers = { 'x-amzn-bedrock-input-token-count': '4' };
  if (/titan/.test(model) && typeof body['inputText'] === 'string') {
    const { length } = body['inputText'];
    return { status: 200, body: { embedding: [length, 4], inputTextTokenCount: length, embeddingsByType: {} } };
  }
  if (/cohere/.test(model) && Array.isArray(body['texts']) && body['texts'].length <= 96 && body['input_type']) {
    const float = body['texts'].map((text) => [String(text).length, 4]);
    return { status: 200, body: { embeddings: { float }, id: '1', response_type: 'embeddings_by_type' }, headers };
  }
  const params = body['singleEmbeddingParams'];
  if (/nova/.test(model) && isObject(params) && isObject(params['text'])) {
    return { status: 200, body: { embeddings: [{ embeddingType: 'TEXT', embedding: [3, 4] }] }, headers };
  }
  return exceptionAnswer(400, 'ValidationException', 'Malformed input request');
}
