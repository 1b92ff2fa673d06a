import { errorBody } from '../lib/errors.js';
import { addRateLimitHeaders } from '../limits/rate-limit-headers.js';
import type { ClientFormat } from '../pipeline/route.js';

/** Errors and headers as the OpenAI API has them. Source: OpenAI API reference, "Errors" and "Debugging requests". */
export const openaiFormat: ClientFormat = {
  name: 'openai',
  errorBody: (error) => JSON.stringify(errorBody(error)),
  addHeaders: (headers, { states }) => addRateLimitHeaders(headers, states),
  // Source: OpenAI API reference, streaming of chat, completions and responses.
  lastWords:
    /"finish_reason":\s*"|"type":\s*"response\.(?:output_text|content_part|output_item|function_call_arguments)\.done"/,
};
