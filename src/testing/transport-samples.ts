import { fail } from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import {
  type Transport,
  TransportError,
  type UpstreamBody,
  type UpstreamRequest,
  type UpstreamResponse,
} from '../upstream/transport.js';
import type { SuiteCase } from './suite.js';

/** One test of the transport suite. */
export type TransportCase = SuiteCase<TransportSubject>;

/** A transport for one test, and the servers that it talks to. */
export class TransportSubject {
  readonly transport: Transport;
  readonly #patienceMs: number;
  readonly #servers: Server[] = [];

  constructor(transport: Transport, patienceMs: number) {
    this.transport = transport;
    this.#patienceMs = patienceMs;
  }

  /** Starts a server; returns its origin. */
  async serve(listener: RequestListener): Promise<string> {
    const server = createServer(listener);
    this.#servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  /** An origin at which nobody listens any more. */
  async unserved(): Promise<string> {
    const origin = await this.serve(() => {});
    const server = this.#servers.pop();
    await new Promise((resolve) => server?.close(resolve));
    return origin;
  }

  /** Posts a text, unless `request` says otherwise. */
  send(url: string, request: Partial<UpstreamRequest> = {}): Promise<UpstreamResponse> {
    const signal = new AbortController().signal;
    return this.transport.send({
      method: 'POST',
      url,
      headers: {},
      body: 'hi',
      signal,
      ...request,
    });
  }

  /** Fails when something does not come in time. */
  async soon<T>(work: Promise<T>, what: string): Promise<T> {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`${what} did not come in time`)), this.#patienceMs);
    });
    try {
      return await Promise.race([work, late]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** What was thrown, which must be a `TransportError`. */
  async errorOf(work: Promise<unknown>, what: string): Promise<TransportError> {
    const thrown = await this.soon(
      work.then(
        () => undefined,
        (error: unknown) => error,
      ),
      what,
    );
    if (TransportError.isInstance(thrown)) return thrown;
    return fail(`${what} was not a TransportError: ${String(thrown)}`);
  }

  async close(): Promise<void> {
    await this.transport.close?.();
    for (const server of this.#servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }
}

/** A body as text; `read` must end it with undefined, and must bring at least one piece before that. */
export async function textOf(body: UpstreamBody): Promise<string> {
  const all: Uint8Array[] = [];
  for (let pieces = await body.read(); pieces !== undefined; pieces = await body.read()) {
    if (pieces.length === 0) fail('read() brought no piece');
    all.push(...pieces);
  }
  return Buffer.concat(all).toString();
}
