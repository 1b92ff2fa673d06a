import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that reached a fake upstream. */
export interface RawRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The body as JSON; undefined when it is none. */
  readonly json: unknown;
  /** Resolves when the caller is gone or the reply is complete. */
  readonly closed: Promise<void>;
}

/** What a fake upstream answers. */
export interface RawReply {
  /** @default 200 */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** A whole body: text as it is, anything else as JSON. */
  readonly body?: unknown;
  /** Server-sent events instead of a body: text as it is, anything else as the JSON of a `data:` line. */
  readonly events?: Iterable<unknown> | AsyncIterable<unknown>;
  /**
   * After the body or events: `end` the answer, `cut` the connection, `stall` until the caller leaves. `silence` never
   * answers at all, and `reset` cuts before the head. @default 'end'
   */
  readonly ending?: 'end' | 'cut' | 'stall' | 'silence' | 'reset';
}

/** Decides what to answer; waiting in it holds the answer back. */
export type RawScript = (request: RawRequest, index: number) => RawReply | Promise<RawReply>;

/** A provider on a real socket that does what a script says. */
export interface RawUpstream {
  /** `http://127.0.0.1:<port>`, without a slash at the end. */
  readonly url: string;
  /** Every request so far. */
  readonly requests: readonly RawRequest[];
  /** Requests that are being answered now. */
  readonly running: number;
  close(): Promise<void>;
}

/** Starts a fake provider on a free port of the loopback interface. */
export async function rawUpstream(script: RawScript): Promise<RawUpstream> {
  const requests: RawRequest[] = [];
  let running = 0;
  const server = createServer((incoming, response) => {
    running++;
    response.once('close', () => running--);
    void readRequest(incoming, response)
      .then((request) => script(request, requests.push(request) - 1))
      .then((reply) => play(reply, response))
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    get running() {
      return running;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function readRequest(incoming: IncomingMessage, response: ServerResponse): Promise<RawRequest> {
  const closed = new Promise<void>((resolve) => response.once('close', resolve));
  const pieces: Buffer[] = [];
  for await (const piece of incoming) pieces.push(piece as Buffer);
  const text = Buffer.concat(pieces).toString();
  const { method = 'GET', url = '/', headers } = incoming;
  return { method, path: url, headers, text, json: parsed(text), closed };
}

async function play(reply: RawReply, response: ServerResponse): Promise<void> {
  const { status = 200, headers, body, events, ending = 'end' } = reply;
  if (ending === 'silence') return;
  if (ending === 'reset') {
    response.destroy();
    return;
  }
  const type = events ? 'text/event-stream' : 'application/json';
  response.writeHead(status, { 'content-type': type, ...headers });
  response.flushHeaders();
  if (events) for await (const event of events) await write(response, asEvent(event));
  else if (body !== undefined) await write(response, typeof body === 'string' ? body : JSON.stringify(body));
  if (ending === 'cut') response.destroy();
  else if (ending === 'end') response.end();
}

/** Waits until the text is on its way, so that a cut afterwards does not swallow it. */
async function write(response: ServerResponse, text: string): Promise<void> {
  if (response.destroyed) throw new Error('the caller is gone');
  await new Promise<void>((resolve) => response.write(text, () => resolve()));
}

function asEvent(event: unknown): string {
  return typeof event === 'string' ? event : `data: ${JSON.stringify(event)}\n\n`;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
