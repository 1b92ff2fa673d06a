import type { MaybePromise } from '../lib/maybe-promise.js';

/** Header names in lower case, as `node:http` gives them. */
export type RequestHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** One HTTP request, free of any framework. Adapters build it; `gateway.handle` reads it. */
export interface GatewayRequest {
  /** Upper-case HTTP method. */
  readonly method: string;
  /** Path after the mount, undecoded; a query string is allowed and kept. */
  readonly path: string;
  /** Path as the host received it, before the mount was cut off; unset where an adapter can't know it. */
  readonly originalPath?: string;
  readonly headers: RequestHeaders;
  /**
   * Reads the whole body, at most `maxBytes` of it. Called at most once.
   *
   * @param makeRoom called with the size of each piece of a body whose length was not announced, before the piece is
   * kept; what it throws ends the reading. An adapter that can't call it leaves it out.
   * @throws {GatewayError} `request_too_large` as soon as the limit is passed.
   */
  body(maxBytes: number, makeRoom?: (bytes: number) => void): MaybePromise<Uint8Array>;
  /** True: the bytes that `body` returns belong to the gateway, which may change them. */
  readonly ownsBody?: boolean;
  /** The client's address as the host framework knows it; never read from a header by the gateway. */
  readonly ip?: string | undefined;
  /** The body in pieces as they arrive, in place of `body`; unset where an adapter only has the whole body. */
  pieces?(): AsyncIterable<Uint8Array>;
  /** Set when the host's body parser ran first: a parsed value, a string or bytes. */
  readonly parsedBody?: unknown;
  /** The host framework's own request object, for sessions; unset where an adapter does not have it. */
  readonly raw?: unknown;
  /** Aborted when the client disconnects before its answer is complete. */
  readonly signal: AbortSignal;
  /** Closes the connection of a client that stopped reading; unset where an adapter can't. */
  hangUp?(): void;
}

/** One HTTP answer, free of any framework. */
export interface GatewayResponse {
  readonly status: number;
  /** Header names in lower case. */
  readonly headers: Record<string, string>;
  /** A whole body, or a stream whose `return()` is called when the client disconnects. */
  readonly body: string | Uint8Array | AsyncIterable<Uint8Array>;
}

/** Anything an adapter can mount: a gateway, a dashboard. */
export interface ExchangeHandler {
  /** Answers one request. Never throws and never rejects. */
  handle(request: GatewayRequest): Promise<GatewayResponse>;
}

/** The first value of a header, however often it was sent. */
export function headerValue(headers: RequestHeaders, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Bytes of a body as its `content-length` says; undefined where it says nothing. Source: RFC 9110, section 8.6. */
export function announcedLength(headers: RequestHeaders): number | undefined {
  const value = headerValue(headers, 'content-length');
  return value !== undefined && /^\d{1,15}$/.test(value) ? Number(value) : undefined;
}
