import type { IncomingMessage } from 'node:http';
import { isObject } from '../../../src/openai-api/field-checks.js';
import { type Listening, listen } from '../../helpers/listen.js';
import { hostedProblem } from '../hosted-schema.js';

export const PROJECT = 'contoso-prod-4711';
export const LOCATION = 'europe-west4';
export const TOKEN = 'ya29.valid-token';

/** What the service was asked. */
export interface VertexRequest {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
  /** The body as it came. */
  readonly text: string;
}

/** A stand-in for Vertex AI. */
export interface VertexServer extends Listening {
  readonly requests: VertexRequest[];
  /** Tokens that are good. */
  readonly tokens: Set<string>;
  /** Answers the next request like this. */
  next: { readonly status: number; readonly body: unknown } | undefined;
}

const RESOURCE = new RegExp(
  `^/v1/projects/${PROJECT}/locations/${LOCATION}/(?:publishers/(google|anthropic)/models/([^/:?]+)|endpoints/(\\d+)):(\\w+)(\\?.*)?$`,
);
const METHODS = {
  google: ['generateContent', 'streamGenerateContent', 'predict', 'embedContent'],
  anthropic: ['rawPredict', 'streamRawPredict'],
};

/**
 * Checks what the real one checks: the token, the resource's name, the method of the publisher, and the body's form.
 *
 * Source: Google Cloud, "Method: models.generateContent", "Method: models.predict", "Text embeddings API"; Anthropic docs,
 * "Claude on Vertex AI". Errors are google.rpc.Status.
 */
export async function vertexServer(): Promise<VertexServer> {
  const requests: VertexRequest[] = [];
  const tokens = new Set([TOKEN]);
  const listening = await listen(async (request, response) => {
    let text = '';
    for await (const piece of request) text += String(piece);
    const body = JSON.parse(text) as Record<string, unknown>;
    const url = String(request.url);
    requests.push({ url, headers: request.headers, body, text });
    const { next } = server;
    server.next = undefined;
    const answer = next ?? judged(request, url, body, tokens);
    const sse = typeof answer.body === 'string';
    response.writeHead(answer.status, {
      'content-type': sse ? 'text/event-stream' : 'application/json; charset=UTF-8',
    });
    response.end(sse ? answer.body : JSON.stringify(answer.body));
  });
  const server: VertexServer = { ...listening, requests, tokens, next: undefined };
  return server;
}

type Answer = NonNullable<VertexServer['next']>;

function refusal(code: number, status: string, message: string): Answer {
  return { status: code, body: { error: { code, message, status } } };
}

function judged(
  { headers, method }: IncomingMessage,
  url: string,
  body: Record<string, unknown>,
  tokens: Set<string>,
): Answer {
  const [, token = ''] = /^Bearer (\S+)$/.exec(headers.authorization ?? '') ?? [];
  if (!tokens.has(token)) {
    return refusal(
      401,
      'UNAUTHENTICATED',
      'Request had invalid authentication credentials. Expected OAuth 2 access token.',
    );
  }
  const [, publisher = 'google', model = 'tuned', , verb = '', query = ''] = RESOURCE.exec(url) ?? [];
  const known = publisher === 'google' || publisher === 'anthropic' ? METHODS[publisher] : [];
  if (method !== 'POST' || !known.includes(verb)) return refusal(404, 'NOT_FOUND', `Not found: ${url}`);
  if (/gone/.test(model)) {
    const name = `projects/${PROJECT}/locations/${LOCATION}/publishers/${publisher}/models/${model}`;
    return refusal(
      404,
      'NOT_FOUND',
      `Publisher Model \`${name}\` was not found or your project does not have access to it.`,
    );
  }
  if (publisher === 'anthropic' && model === 'count-tokens') return counted(body);
  if (publisher === 'anthropic') return claude(verb === 'streamRawPredict', body);
  if (verb === 'predict') return predictions(model, body);
  if (verb === 'embedContent') return embedded(body);
  return gemini(verb === 'streamGenerateContent', query, body);
}

function gemini(stream: boolean, query: string, body: Record<string, unknown>): Answer {
  const contents = Array.isArray(body['contents']) ? body['contents'] : [];
  if (!contents.every((content) => isObject(content) && ['user', 'model'].includes(String(content['role'])))) {
    return refusal(400, 'INVALID_ARGUMENT', 'Please use a valid role: user, model.');
  }
  const usageMetadata = {
    promptTokenCount: 9,
    candidatesTokenCount: 2,
    thoughtsTokenCount: 5,
    totalTokenCount: 16,
    trafficType: 'ON_DEMAND',
  };
  const head = { modelVersion: 'gemini-2.5-pro', createTime: '2026-11-01T10:00:00.123456Z', responseId: 'resp-1' };
  const part = (text: string, more: object = {}) => ({
    candidates: [{ content: { role: 'model', parts: [{ text }] }, ...more }],
    ...head,
  });
  if (!stream) return { status: 200, body: { ...part('Hi.', { finishReason: 'STOP' }), usageMetadata } };
  if (query !== '?alt=sse')
    return refusal(400, 'INVALID_ARGUMENT', 'This stand-in streams as server-sent events only.');
  return { status: 200, body: sse([part('Hi'), { ...part('.', { finishReason: 'STOP' }), usageMetadata }]) };
}

const invalid = (message: string): Answer => ({
  status: 400,
  body: { type: 'error', error: { type: 'invalid_request_error', message } },
});

/** Source: Google Cloud, "Count tokens for Claude models". */
function counted({ model, ...body }: Record<string, unknown>): Answer {
  if (typeof model !== 'string' || !/^claude-[\w.-]+@\d{8}$/.test(model)) return invalid('model: Field required');
  if ('max_tokens' in body || 'stream' in body) return invalid('max_tokens: Extra inputs are not permitted');
  if (!Array.isArray(body['messages'])) return invalid('messages: Field required');
  return { status: 200, body: { input_tokens: 42 } };
}

function claude(stream: boolean, body: Record<string, unknown>): Answer {
  if (body['anthropic_version'] !== 'vertex-2023-10-16') return invalid('anthropic_version: Field required');
  if ('model' in body) return invalid('model: Extra inputs are not permitted');
  if ((body['stream'] === true) !== stream) return invalid('stream: does not fit the method');
  const problem = hostedProblem(body);
  if (problem !== undefined) return invalid(problem);
  const message = { id: 'msg_vrtx_1', type: 'message', role: 'assistant', model: 'claude-sonnet-4-5-20250929' };
  const usage = { input_tokens: 9, cache_read_input_tokens: 3, cache_creation_input_tokens: 0, output_tokens: 2 };
  const content = [{ type: 'text', text: 'Hi.' }];
  if (!stream)
    return { status: 200, body: { ...message, content, stop_reason: 'end_turn', stop_sequence: null, usage } };
  const events = [
    { type: 'vertex_event' },
    { type: 'message_start', message: { ...message, content: [], usage: { ...usage, output_tokens: 1 } } },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    { type: 'ping' },
    { type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: 'Hi.' } },
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: 2 } },
    { type: 'message_stop' },
  ];
  return { status: 200, body: events.map((event) => `event: ${event.type}\n${sse([event])}`).join('') };
}

function predictions(model: string, { instances }: Record<string, unknown>): Answer {
  const list = Array.isArray(instances) ? instances : [];
  if (list.length === 0 || list.length > (model === 'gemini-embedding-001' ? 1 : 250)) {
    return refusal(400, 'INVALID_ARGUMENT', `${list.length} instance(s) is not allowed.`);
  }
  if (!list.every((item) => isObject(item) && typeof item['content'] === 'string')) {
    return refusal(400, 'INVALID_ARGUMENT', 'content is missing');
  }
  const made = list.map((item) => ({
    embeddings: { values: [String(item.content).length, 4], statistics: { token_count: 2, truncated: false } },
  }));
  return { status: 200, body: { predictions: made, metadata: { billableCharacterCount: 7 } } };
}

function embedded({ content }: Record<string, unknown>): Answer {
  if (!isObject(content) || !Array.isArray(content['parts']))
    return refusal(400, 'INVALID_ARGUMENT', 'content is missing');
  const length = String(content['parts'][0].text).length;
  return {
    status: 200,
    body: { embedding: { values: [length, 4] }, usageMetadata: { promptTokenCount: 3 }, truncated: false },
  };
}

function sse(events: readonly object[]): string {
  return events.map((event) => `data: ${JSON.stringify(event)}\r\n\r\n`).join('');
}
