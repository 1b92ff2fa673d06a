import { GatewayError } from '../../lib/errors.js';
import type { ChatRequest } from '../../openai-api/chat-request.js';
import type { UnsupportedParams } from '../unsupported-params.js';
import { PARAMETERS } from './parameters.js';

/** Values that can be left out without any effect. */
const NO_WISH: Record<string, unknown> = {
  logprobs: false,
  top_logprobs: 0,
  frequency_penalty: 0,
  presence_penalty: 0,
  store: false,
  verbosity: 'medium',
};

/**
 * Names the fields that Anthropic has no place for, unknown ones included.
 *
 * @throws {GatewayError} where leaving a field out would change what the client gets: several choices, audio, web search.
 */
export function reportDropped(request: ChatRequest, unsupported: UnsupportedParams): void {
  refuse(request);
  for (const [name, value] of Object.entries(request)) {
    const isDropped = !Object.hasOwn(PARAMETERS, name) || PARAMETERS[name] === 'dropped';
    if (value === undefined || value === null || !isDropped) continue;
    if (value === NO_WISH[name] || isEmptyObject(value)) continue;
    // Names go into a header.
    unsupported.drop(name.replace(/[^\w.-]/g, '_').slice(0, 64));
  }
}

function refuse(request: ChatRequest): void {
  if (request.n !== undefined && request.n !== 1) {
    throw new GatewayError('unsupported_value', {
      param: 'n',
      message: 'This model returns one choice: `n` must be 1.',
    });
  }
  const modality = request.modalities?.find((name) => name !== 'text');
  if (modality !== undefined) {
    throw new GatewayError('unsupported_value', { param: 'modalities', message: 'The model answers in text only.' });
  }
  for (const param of ['audio', 'web_search_options']) {
    if (request[param] === undefined || request[param] === null) continue;
    throw new GatewayError('unsupported_parameter', { param, message: `The model does not support '${param}'.` });
  }
}

function isEmptyObject(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}
