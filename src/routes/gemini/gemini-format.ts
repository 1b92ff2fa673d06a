import { geminiErrorBody } from '../../gemini-api/error-body.js';
import type { RequestHeaders } from '../../http/exchange.js';
import { addRateLimitHeaders } from '../../limits/rate-limit-headers.js';
import type { ClientFormat } from '../../pipeline/route.js';

/** True for a client of the Gemini API: it has a header of its own for the key, or puts it into the query. */
export function isGeminiClient(headers: RequestHeaders, path: string): boolean {
  return headers['x-goog-api-key'] !== undefined || /\/v1beta\/models\b|[?&]key=/.test(path);
}

/** Errors as the Gemini API has them, and the gateway's own headers. */
export const geminiFormat: ClientFormat = {
  name: 'gemini',
  speaks: (headers) => headers['x-goog-api-key'] !== undefined || headers['x-goog-api-client'] !== undefined,
  errorBody: geminiErrorBody,
  addHeaders: (headers, { states }) => addRateLimitHeaders(headers, states),
  // Source: ai.google.dev, `Candidate.finishReason`.
  lastWords: /"finishReason":\s*"/,
  // Both forms of a stream, events and a JSON array, ignore white space.
  keepAlive: '\n',
};
