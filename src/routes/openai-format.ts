import { errorBody } from '../lib/errors.js';
import { addRateLimitHeaders } from '../limits/rate-limit-headers.js';
import type { ClientFormat } from '../pipeline/route.js';

/** Errors and headers as the OpenAI API has them. Source: OpenAI API reference, "Errors" and "Debugging requests". */
export const openaiFormat: ClientFormat = {
  name: 'openai',
  errorBody: (error) => JSON.stringify(errorBody(error)),
  addHeaders: (headers, { states }) => addRateLimitHeaders(headers, states),
};
