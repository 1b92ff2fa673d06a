import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** An answer to play. */
export interface PlayedAnswer {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** A request that the gateway sent. */
export interface SeenRequest {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** A provider on a real socket that plays recordings. */
export interface ReplayServer {
  readonly url: string;
  /** What has been asked since the last `play`. */
  readonly seen: SeenRequest[];
  /** The answers from now on, in turn; the last one is played again and again. */
  play(...answers: PlayedAnswer[]): void;
  close(): Promise<void>;
}

/** Starts one on a free port. */
export async function startReplayServer(): Promise<ReplayServer> {
  let answers: PlayedAnswer[] = [];
  const seen: SeenRequest[] = [];
  const server = createServer(async (request, response) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    seen.push({ path: request.url ?? '', headers: request.headers, text: Buffer.concat(pieces).toString() });
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    response.writeHead(answer?.status ?? 200, { 'content-type': 'application/json', ...answer?.headers });
    response.end(answer?.body ?? '');
  });
  return {
    url: await listening(server),
    seen,
    play(...next) {
      answers = next;
      seen.length = 0;
    },
    close: () => closed(server),
  };
}

/** Listens on a free port of the loopback interface and tells the origin. */
export async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Closes a server and every connection to it. */
export function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
