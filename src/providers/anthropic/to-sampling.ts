import type { ChatRequest } from '../../openai-api/chat-request.js';
import type { UnsupportedParams } from '../unsupported-params.js';
import type { MessagesRequest } from './api.js';
import type { ClaudeFamily } from './families.js';

type Sampling = Pick<MessagesRequest, 'temperature' | 'top_p' | 'top_k'>;

/**
 * Temperature up to 1 (higher ones count as 1, as in Anthropic's own OpenAI endpoint), `top_p`, `top_k`. A value that
 * asks for the default is never reported as left out.
 *
 * Source: Anthropic API reference: newer models and thinking allow none of them, Claude 4.1 to 4.6 not both of the first.
 */
export function toSampling(
  request: ChatRequest,
  family: ClaudeFamily,
  thinks: boolean,
  unsupported: UnsupportedParams,
): Sampling {
  const { temperature, top_p, top_k } = request;
  if (thinks || family.sampling === 'none') {
    if (temperature !== undefined && temperature !== 1) unsupported.drop('temperature');
    if (top_p !== undefined && top_p < 0.99) unsupported.drop('top_p');
    if (top_k !== undefined) unsupported.drop('top_k');
    return {};
  }
  const sampling: Sampling = {
    ...(temperature !== undefined && { temperature: Math.min(temperature, 1) }),
    ...(top_p !== undefined && { top_p }),
    ...(top_k !== undefined && { top_k }),
  };
  if (family.sampling === 'exclusive' && temperature !== undefined && top_p !== undefined) {
    if (top_p >= 1) delete sampling.top_p;
    else if (temperature === 1) delete sampling.temperature;
    else {
      unsupported.drop('top_p');
      delete sampling.top_p;
    }
  }
  return sampling;
}
