import { toError as toAnthropicError } from '../anthropic/to-error.js';
import { readErrorBody } from '../google/native-error.js';
import { toError as toGoogleError } from '../google/to-error.js';
import type { ChatDialect, NativeError } from '../http/http-provider.js';

/** Errors of Claude on Vertex: Google's where its own layer refuses (quota, permission, unknown model), else Anthropic's. */
export function claudeErrors(secrets: readonly string[]): ChatDialect['toError'] {
  return (answer: NativeError) => {
    const { name, status } = readErrorBody(answer.text);
    return name !== '' || status !== undefined ? toGoogleError(answer, secrets) : toAnthropicError(answer, secrets);
  };
}
