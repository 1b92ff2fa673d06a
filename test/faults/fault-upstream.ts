import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** One request at the provider, and the bare answer to do anything with. */
export interface Exchange {
  readonly index: number;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  readonly json: Readonly<Record<string, unknown>>;
  readonly response: ServerResponse;
  /** Resolves when the answer is over, or the caller has gone; with the time of it on `performance.now()`. */
  readonly over: Promise<number>;
}

/** What the provider does with a request. */
export type Play = (exchange: Exchange) => unknown;

/** A provider on a real socket. */
export interface FaultUpstream {
  readonly origin: string;
  readonly exchanges: readonly Exchange[];
  /** Answers that are not over. */
  readonly running: number;
  /** Open connections. */
  readonly sockets: number;
  /** One play for each of the next requests; the last one stays. */
  play(...plays: readonly Play[]): void;
  /** Resolves with the next request that arrives after this call. */
  arrival(): Promise<Exchange>;
  close(): Promise<void>;
}

export async function faultUpstream(first: Play): Promise<FaultUpstream> {
  let plays: Play[] = [first];
  let running = 0;
  const exchanges: Exchange[] = [];
  const sockets = new Set<Socket>();
  let arrivals: ((exchange: Exchange) => void)[] = [];

  const server = createServer((request, response) => {
    running += 1;
    const over = new Promise<number>((resolve) => {
      response.once('close', () => {
        running -= 1;
        resolve(performance.now());
      });
    });
    const pieces: Buffer[] = [];
    request.on('error', () => {});
    response.on('error', () => {});
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const text = Buffer.concat(pieces).toString();
      const { url: path = '/', headers } = request;
      const exchange = { index: exchanges.length, path, headers, text, json: JSON.parse(text), response, over };
      exchanges.push(exchange);
      const play = plays.length > 1 ? plays.shift() : plays[0];
      for (const arrive of arrivals.splice(0)) arrive(exchange);
      void Promise.resolve(play?.(exchange)).catch(() => response.destroy());
    });
  });
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    exchanges,
    get running() {
      return running;
    },
    get sockets() {
      return sockets.size;
    },
    play(...next) {
      plays = [...next];
    },
    arrival: () => new Promise((resolve) => arrivals.push(resolve)),
    close() {
      arrivals = [];
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Writes and waits until it is on its way, so that a cut afterwards does not swallow it. */
export function write(response: ServerResponse, bytes: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => response.write(bytes, () => resolve()));
}

const HEAD = { id: 'chatcmpl-1', created: 1_700_000_000, model: 'small' };
export const USAGE = { prompt_tokens: 10, completion_tokens: 20, total_tokens: 30 };
/** Eight characters: two output tokens by the gateway's estimate. */
export const WORD = 'eightchr';

/** The whole answer that costs 50,000 nano-USD at the test's prices. */
export const COMPLETION = {
  ...HEAD,
  object: 'chat.completion',
  choices: [
    {
      index: 0,
      message: { role: 'assistant', content: 'Hello', refusal: null },
      logprobs: null,
      finish_reason: 'stop',
    },
  ],
  usage: USAGE,
};

export function chunk(delta: object, finish: string | null = null): string {
  const choices = [{ index: 0, delta, logprobs: null, finish_reason: finish }];
  return event({ ...HEAD, object: 'chat.completion.chunk', choices });
}

export function event(value: unknown): string {
  return `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`;
}

export const word = (): string => chunk({ content: WORD });
export const words = (count: number): string[] => Array.from({ length: count }, word);
export const FINISH = chunk({}, 'stop');
export const USAGE_EVENT = event({ ...HEAD, object: 'chat.completion.chunk', choices: [], usage: USAGE });
export const DONE = event('[DONE]');
/** What ends a stream whose usage costs 50,000 nano-USD. */
export const TAIL = [FINISH, USAGE_EVENT, DONE];

/** Answers as a provider in good health does, as it was asked. */
export const healthy: Play = (exchange) =>
  exchange.json['stream'] === true ? stream([...words(3), ...TAIL])(exchange) : json(COMPLETION)(exchange);

export function json(body: unknown, status = 200, headers: Record<string, string | string[]> = {}): Play {
  return ({ response }) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

/** An error as the OpenAI API answers it. */
export function refusal(status: number, headers: Record<string, string> = {}, message = 'no'): Play {
  return json({ error: { message, type: 'server_error', param: null, code: 'code' } }, status, headers);
}

/** How a stream goes on after its last event. */
type After = 'end' | 'cut' | 'stall';

/** Sends these events; a promise among them is waited for. */
export function stream(
  events: readonly (string | Uint8Array | Promise<unknown>)[],
  after: After = 'end',
  headers: Record<string, string> = {},
): Play {
  return async ({ response }) => {
    response.writeHead(200, { 'content-type': 'text/event-stream', ...headers });
    response.flushHeaders();
    for (const step of events) {
      if (step instanceof Promise) await step;
      else await write(response, step);
    }
    if (after === 'end') response.end();
    if (after === 'cut') response.socket?.resetAndDestroy();
  };
}

export const reset: Play = ({ response }) => response.socket?.resetAndDestroy();
export const silence: Play = () => {};
