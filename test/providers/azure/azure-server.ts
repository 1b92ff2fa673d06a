import type { IncomingMessage, ServerResponse } from 'node:http';
import { type Listening, listen } from '../../helpers/listen.js';

/** What a resource was asked. */
export interface AzureRequest {
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: Record<string, unknown>;
}

/** A stand-in for an Azure OpenAI resource with one key, one token and some deployments. */
export interface AzureServer extends Listening {
  readonly requests: AzureRequest[];
  /** Answers the next request like this. */
  next: { readonly status: number; readonly body: object; readonly headers?: Record<string, string> } | undefined;
}

export const KEY = 'azure-key-0123456789abcdef';
export const TOKEN = 'eyJ0eXAi.entra.token';
export const DEPLOYMENTS = ['my-gpt', 'my embedding'];
const VERSIONS = ['2024-10-21', '2025-04-01-preview'];

const SAFE = { filtered: false, severity: 'safe' };
const VERDICTS = { hate: SAFE, self_harm: SAFE, sexual: SAFE, violence: SAFE };
export const PROMPT_FILTER = [{ prompt_index: 0, content_filter_results: VERDICTS }];
const USAGE = { prompt_tokens: 9, completion_tokens: 2, total_tokens: 11 };

/**
 * Checks what the real one checks: key or token, version, deployment, content type, and that a body is there.
 *
 * Source of paths, errors and shapes: Microsoft Learn, Azure OpenAI REST API reference, and "Content filtering".
 */
export async function azureServer(): Promise<AzureServer> {
  const requests: AzureRequest[] = [];
  const listening = await listen(async (request, response) => {
    let text = '';
    for await (const piece of request) text += String(piece);
    const body = JSON.parse(text) as Record<string, unknown>;
    requests.push({ url: String(request.url), headers: request.headers, body });
    const { next } = server;
    server.next = undefined;
    const refusal = next ?? refusalOf(request, body);
    if (refusal) return json(response, refusal.status, refusal.body, refusal.headers);
    return answer(response, new URL(String(request.url), 'http://x').pathname, body);
  });
  const server: AzureServer = { ...listening, requests, next: undefined };
  return server;
}

type Refusal = NonNullable<AzureServer['next']>;

function refusalOf({ headers, url, method }: IncomingMessage, body: Record<string, unknown>): Refusal | undefined {
  const { pathname, searchParams } = new URL(String(url), 'http://x');
  if (headers['api-key'] !== KEY && headers.authorization !== `Bearer ${TOKEN}`) {
    const message = 'Access denied due to invalid subscription key or wrong API endpoint.';
    return error(401, '401', message);
  }
  if (method !== 'POST' || headers['content-type'] !== 'application/json') return error(415, '415', 'Media type');
  const version = searchParams.get('api-version');
  const [, deployment] =
    /^\/openai\/deployments\/([^/]+)\/(?:chat\/completions|embeddings|completions)$/.exec(pathname) ?? [];
  const dated = deployment !== undefined || pathname === '/openai/responses';
  if (!dated && !/^\/openai\/v1\/(?:chat\/completions|embeddings|completions|responses)$/.test(pathname)) {
    return error(404, '404', 'Resource not found');
  }
  if (dated && version === null) return error(404, '404', 'Resource not found');
  if (dated && !VERSIONS.includes(String(version))) return error(400, 'BadRequest', 'API version not supported');
  if (!dated && version !== null && version !== 'preview') return error(400, 'BadRequest', 'API version not supported');
  const name = deployment === undefined ? body['model'] : decodeURIComponent(deployment);
  if (!DEPLOYMENTS.includes(String(name))) {
    return error(404, 'DeploymentNotFound', 'The API deployment for this resource does not exist.');
  }
  return undefined;
}

function error(status: number, code: string, message: string): Refusal {
  return { status, body: { error: { code, message } } };
}

function json(response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}) {
  return response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
}

function answer(response: ServerResponse, path: string, body: Record<string, unknown>): ServerResponse {
  if (path.endsWith('/embeddings')) {
    const data = [{ object: 'embedding', index: 0, embedding: [0.25, -0.5] }];
    return json(response, 200, {
      object: 'list',
      data,
      model: 'text-embedding-3-small',
      usage: { prompt_tokens: 3, total_tokens: 3 },
    });
  }
  if (path.endsWith('/responses')) return json(response, 200, responseBody(body));
  if (path.endsWith('/chat/completions')) {
    return body['stream'] ? chatStream(response, body) : json(response, 200, chatBody());
  }
  return json(response, 200, {
    ...HEAD,
    object: 'text_completion',
    choices: [{ text: 'Hi.', index: 0, finish_reason: 'stop', logprobs: null, content_filter_results: VERDICTS }],
    prompt_filter_results: PROMPT_FILTER,
    usage: USAGE,
  });
}

const HEAD = { id: 'chatcmpl-A1', created: 1_700_000_000, model: 'gpt-4o-mini-2024-07-18' };

function chatBody(): object {
  const message = { role: 'assistant', content: 'Hi.', refusal: null, annotations: [] };
  const choices = [{ index: 0, message, finish_reason: 'stop', logprobs: null, content_filter_results: VERDICTS }];
  return { ...HEAD, object: 'chat.completion', choices, prompt_filter_results: PROMPT_FILTER, usage: USAGE };
}

function chatStream(response: ServerResponse, body: Record<string, unknown>): ServerResponse {
  const chunk = (choice: object) => ({
    ...HEAD,
    object: 'chat.completion.chunk',
    system_fingerprint: 'fp_1',
    choices: [{ index: 0, finish_reason: null, logprobs: null, content_filter_results: {}, ...choice }],
  });
  const options = body['stream_options'] as { include_usage?: boolean } | undefined;
  const events = [
    { id: '', object: '', created: 0, model: '', choices: [], prompt_filter_results: PROMPT_FILTER },
    chunk({ delta: { role: 'assistant', content: '', refusal: null } }),
    chunk({ delta: { content: 'Hi' }, content_filter_results: VERDICTS }),
    chunk({ delta: { content: '.' }, content_filter_results: VERDICTS }),
    chunk({ delta: {}, finish_reason: 'stop' }),
    ...(options?.include_usage ? [{ ...HEAD, object: 'chat.completion.chunk', choices: [], usage: USAGE }] : []),
  ];
  response.writeHead(200, { 'content-type': 'text/event-stream' });
  return response.end(`${events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('')}data: [DONE]\n\n`);
}

function responseBody(body: Record<string, unknown>): object {
  const content = [{ type: 'output_text', text: 'Hi.', annotations: [], logprobs: [] }];
  return {
    id: 'resp_1',
    object: 'response',
    created_at: 1_700_000_000,
    status: 'completed',
    error: null,
    incomplete_details: null,
    instructions: null,
    metadata: {},
    model: body['model'],
    output: [{ type: 'message', id: 'msg_1', status: 'completed', role: 'assistant', content }],
    parallel_tool_calls: true,
    temperature: 1,
    tool_choice: 'auto',
    tools: [],
    top_p: 1,
    usage: {
      input_tokens: 9,
      input_tokens_details: { cached_tokens: 0 },
      output_tokens: 2,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: 11,
    },
  };
}
