import type { ChatRequest } from '../../src/openai-api/chat-request.js';

/** One value that OpenAI's API reference lists, for each field of a chat request whose values are checked. */
export const PUBLISHED: Readonly<Record<string, Partial<ChatRequest>>> = {
  reasoning_effort: { reasoning_effort: 'low' },
  verbosity: { verbosity: 'low' },
  tool_choice: { tool_choice: 'auto' },
  response_format: { response_format: { type: 'json_object' } },
  temperature: { temperature: 0.5 },
  top_p: { top_p: 0.5 },
  top_k: { top_k: 5 },
  frequency_penalty: { frequency_penalty: 0.5 },
  presence_penalty: { presence_penalty: 0.5 },
  logit_bias: { logit_bias: { 50256: -100 } },
  top_logprobs: { top_logprobs: 2 },
};
