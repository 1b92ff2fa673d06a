import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { readFakeRequest } from './fake-request.js';
import { fakeWireOf } from './fake-routes.js';
import type { FakeProvider, FakeToolCall, FakeUsage } from './fake-wire.js';
import type { Gate } from './gate.js';
import { playScript } from './play-script.js';

/** What a fake provider does with one request. Without any field: a short greeting. */
export interface FakeAnswer {
  /** The text; a list is streamed piece by piece, and a gate in it is waited for. */
  readonly text?: string | readonly (string | Gate)[];
  readonly toolCalls?: readonly FakeToolCall[];
  /** What the model thinks first, with the signature of its provider; `reasoning_content` in chat of OpenAI's form. */
  readonly thinking?: string;
  /** Tokens. @default a quarter of the characters */
  readonly usage?: Partial<FakeUsage>;
  /** A stream of OpenAI's form ends with its usage, also when the request does not ask for it, as at some compatible APIs. */
  readonly streamUsage?: boolean;
  /** @default 'stop' */
  readonly finish?: 'stop' | 'length';
  /** From 400 on the body is an error in the provider's own format. @default 200 */
  readonly status?: number;
  /** Further answer headers. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as it is, in place of the provider's format; a list piece by piece, gates waited for. */
  readonly body?: string | readonly (string | Gate)[];
  /** Waited for before the head of the answer is sent. */
  readonly before?: Gate;
  /** Milliseconds before the head of the answer. */
  readonly firstByteDelayMs?: number;
  /** Milliseconds before each further event of a stream. */
  readonly chunkDelayMs?: number;
  /** After so many events nothing more comes, and the connection stays open. */
  readonly stallAfter?: number;
  /** After so many bytes of the body the connection is reset. */
  readonly resetAfterBytes?: number;
  /** A stream ends without what marks its end: `[DONE]`, `message_stop`, a finish reason. */
  readonly endWithoutTerminal?: boolean;
}

/** A request that a fake provider received. */
export interface FakeRequest {
  readonly provider: FakeProvider;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  /** The body as it was sent. */
  readonly text: string;
  /** The body as a value; undefined when it is not JSON. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
  readonly model: string;
  readonly stream: boolean;
  /** The text of the last message. */
  readonly prompt: string;
  /** How the exchange ended: with the whole script, or because the caller went away first. */
  readonly ended: Promise<'complete' | 'aborted'>;
}

/**
 * A server on a free port of the loopback interface that speaks the wire formats of OpenAI, Anthropic, Gemini and Bedrock, as
 * they are at their own hosts, at Azure and at Vertex AI.
 */
export interface FakeUpstream {
  readonly url: string;
  /** Options of the provider adapters that reach this server. */
  readonly openai: { readonly apiKey: string; readonly baseURL: string };
  readonly anthropic: { readonly apiKey: string; readonly baseURL: string };
  readonly google: { readonly apiKey: string; readonly baseURL: string };
  readonly azure: { readonly apiKey: string; readonly baseURL: string };
  readonly vertex: {
    readonly project: string;
    readonly location: string;
    readonly token: string;
    readonly baseURL: string;
  };
  readonly bedrock: { readonly region: string; readonly apiKey: string; readonly baseURL: string };
  /** Every request so far, in order. */
  readonly requests: readonly FakeRequest[];
  /** The next request that this has not returned yet; waits for it. */
  received(): Promise<FakeRequest>;
  /** Scripts for the next requests, one each; afterwards the default answer is given again. */
  answer(...answers: readonly FakeAnswer[]): void;
  /** Connections that are open now. */
  connections(): Promise<number>;
  /** Closes the server and every connection. */
  close(): Promise<void>;
}

/** Options of `fakeUpstream`. */
export interface FakeUpstreamOptions {
  /** The answer to requests that no script waits for. @default a short greeting */
  readonly answer?: FakeAnswer | ((request: FakeRequest) => FakeAnswer);
}

/**
 * Starts a scriptable stand-in for providers, so that the real adapters run without any provider key.
 *
 * @example
 * const upstream = await fakeUpstream()
 * const gateway = createGateway({ providers: { openai: openai(upstream.openai) }, … })
 * upstream.answer({ status: 503 }, { text: ['Hel', 'lo'] })
 */
export async function fakeUpstream({ answer: fallback = {} }: FakeUpstreamOptions = {}): Promise<FakeUpstream> {
  const scripts: FakeAnswer[] = [];
  const requests: FakeRequest[] = [];
  const waiting: ((request: FakeRequest) => void)[] = [];
  let taken = 0;

  async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const request = await readFakeRequest(req, res);
    if (!request) return;
    requests.push(request);
    const receiver = waiting.shift();
    if (receiver) {
      taken += 1;
      receiver(request);
    }
    const script = scripts.shift() ?? (typeof fallback === 'function' ? fallback(request) : fallback);
    await playScript(script, request, fakeWireOf(request), res);
  }

  const server = createServer((req, res) => void serve(req, res).catch(() => res.destroy()));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url,
    openai: { apiKey: 'sk-fake-openai', baseURL: `${url}/v1` },
    anthropic: { apiKey: 'sk-ant-fake', baseURL: url },
    google: { apiKey: 'fake-google', baseURL: url },
    azure: { apiKey: 'fake-azure', baseURL: url },
    vertex: { project: 'fake-project', location: 'global', token: 'fake-vertex', baseURL: url },
    bedrock: { region: 'us-east-1', apiKey: 'fake-bedrock', baseURL: url },
    requests,
    received() {
      const request = requests[taken];
      if (!request) return new Promise((resolve) => waiting.push(resolve));
      taken += 1;
      return Promise.resolve(request);
    },
    answer: (...answers) => void scripts.push(...answers),
    connections: () =>
      new Promise((resolve, reject) =>
        server.getConnections((error, count) => (error ? reject(error) : resolve(count))),
      ),
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
