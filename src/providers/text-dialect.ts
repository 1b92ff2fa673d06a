import type { RouteCall, TextAnswer } from './adapter.js';
import type { SentRequest, StreamTranslator } from './http/http-provider.js';

/** The wire format of one route whose answers are relayed, as pure functions. */
export interface TextDialect<Request> {
  toRequest(call: RouteCall<Request>, stream: boolean): SentRequest;
  /** @throws {UpstreamError} when the body is an error or no such answer. */
  toAnswer(json: unknown, text: string): TextAnswer;
  /** A fresh reader for one stream. */
  toEvents(call: RouteCall<Request>): StreamTranslator;
}
