import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { FakeAnswer, FakeRequest } from './fake-answer.js';
import { readFakeRequest } from './fake-request.js';
import { fakeWireOf } from './fake-routes.js';
import { playScript } from './play-script.js';

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
  /** Scripts for the next requests, one each; after them the default answer is sent again. */
  answer(...answers: readonly FakeAnswer[]): void;
  /** Connections that are open now. */
  connections(): Promise<number>;
  /** Closes the server and every connection. */
  close(): Promise<void>;
}

/** Options of `fakeUpstream`. */
export interface FakeUpstreamOptions {
  /** The answer to requests without a script. @default a short greeting */
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
  return {
    ...endpointsAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
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

function endpointsAt(url: string) {
  return {
    url,
    openai: { apiKey: 'sk-fake-openai', baseURL: `${url}/v1` },
    anthropic: { apiKey: 'sk-ant-fake', baseURL: url },
    google: { apiKey: 'fake-google', baseURL: url },
    azure: { apiKey: 'fake-azure', baseURL: url },
    vertex: { project: 'fake-project', location: 'global', token: 'fake-vertex', baseURL: url },
    bedrock: { region: 'us-east-1', apiKey: 'fake-bedrock', baseURL: url },
  };
}
