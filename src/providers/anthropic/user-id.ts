import type { ChatRequest } from '../../openai/chat-request.js';
import type { MessagesRequest } from './api.js';
import type { UnsupportedParams } from './unsupported-params.js';

const MAX_LENGTH = 256;

/**
 * `safety_identifier`, else `user`, as `metadata.user_id`. Anthropic asks for an opaque id of at most 256 characters
 * without names, e-mail addresses or phone numbers. Source: Anthropic API reference, `metadata`.
 */
export function toUserId(request: ChatRequest, unsupported: UnsupportedParams): Pick<MessagesRequest, 'metadata'> {
  const name = request.safety_identifier ? 'safety_identifier' : 'user';
  const id = request[name];
  if (!id) return {};
  if (id.length > MAX_LENGTH || /\S@\S/.test(id) || /^\+\d[\d\s()-]{6,}$/.test(id)) {
    unsupported.drop(name);
    return {};
  }
  return { metadata: { user_id: id } };
}
