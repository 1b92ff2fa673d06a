import type { RouteTexts } from '../hooks/route-texts.js';
import type { GatewayRequest, RequestHeaders } from '../http/exchange.js';
import type { ParsedBody } from '../json/parsed-body.js';
import type { GatewayError } from '../lib/errors.js';
import type { MaybePromise } from '../lib/maybe-promise.js';
import type { LimitState } from '../limits/rate-limiter.js';
import type { Operation } from './operation.js';
import type { Principal } from './principal.js';
import type { Runtime } from './runtime.js';

/** One row of the router's table: a path, a method, and everything about how it is answered. */
export type Route = MeteredRoute | LocalRoute | OpenRoute;

/** A request whose route and principal are known. */
export interface RoutedRequest {
  readonly requestId: string;
  readonly request: GatewayRequest;
  /** What the path's parameters stand for, decoded: `{ id: 'gpt-4o-mini' }`. */
  readonly params: RouteParams;
  readonly principal: Principal;
  readonly runtime: Runtime;
  /** Counts bytes of the body that are kept until the request is over. @throws {GatewayError} when there are too many. */
  holdBytes?(bytes: number): void;
  /** Hears of the JSON body once it is read. */
  noteBody?(body: ParsedBody): void;
}

export type RouteParams = Readonly<Record<string, string>>;

/** The name of a route: `POST chat/completions`. */
interface RouteHead {
  readonly method: 'GET' | 'POST' | 'HEAD';
  /**
   * The path after the mount: plain (`chat/completions`), with one parameter as its last segment (`models/{id}`), or
   * with a verb after that (`models/{model}:generateContent`). A parameter may hold slashes.
   */
  readonly path: string;
  /** The form of errors and headers on this route. */
  readonly format: ClientFormat;
  /** Picks between rows with the same method and path, the first that accepts. @default accepts everything */
  accepts?(headers: RequestHeaders, path: string): boolean;
}

/** A route that calls a model: it goes through all nine stages. */
export interface MeteredRoute extends RouteHead {
  /**
   * Stage 3: reads and checks the body, and says what is to be done. JSON routes use `readJson`.
   *
   * @throws {GatewayError} whose `param` names the field that is wrong.
   */
  read(asked: RoutedRequest): MaybePromise<Operation>;
  /** Where its requests and answers hold text; loaded with the first request that hooks see. */
  readonly texts: () => Promise<RouteTexts>;
}

/** A route that the gateway answers itself, without a model and without charge. */
export interface LocalRoute extends RouteHead {
  /** The answer as JSON; for a HEAD request only its headers are sent. */
  answer(asked: RoutedRequest): MaybePromise<object>;
}

/** A route that needs no credential and reveals nothing. */
export interface OpenRoute extends RouteHead {
  readonly open: true;
}

/** What every answer reports, whatever the route. */
export interface AnswerFacts {
  readonly requestId: string;
  /** The limits of the principal after this request; empty without limits, or where they are not known. */
  readonly states: readonly LimitState[];
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** The form that a family of clients expects of errors and headers. */
export interface ClientFormat {
  /** `openai`, `anthropic`, … */
  readonly name: string;
  /** True when a request comes from a client of this format: decides the form of errors before a route is known. */
  speaks?(headers: RequestHeaders): boolean;
  /** The status of an error answer. @default `error.status` */
  errorStatus?(error: GatewayError): number;
  /** The JSON text of an error answer. */
  errorBody(error: GatewayError, requestId: string): string;
  /** Adds rate limits, and whatever else its clients read, under the format's own names; `x-request-id` is there already. */
  addHeaders(headers: Record<string, string>, facts: AnswerFacts): void;
  /** What ends a text in a stream; in a text of the model's own its quotes would be escaped. */
  readonly lastWords: RegExp;
  /** Sent on a silent stream so that proxies keep the connection. @default an SSE comment */
  readonly keepAlive?: string;
}
