import { GatewayError } from '../../lib/errors.js';

/** Where the fields of a chat request come from, for what adapters say of them. */
const ORIGINS: readonly (readonly [RegExp, string])[] = [
  [/^response_format\b.*$/, 'output_config.format'],
  [/^reasoning_effort$/, 'output_config.effort'],
  [/^max_(?:completion_)?tokens$/, 'max_tokens'],
  [/^stop$/, 'stop_sequences'],
  [/^parallel_tool_calls$/, 'tool_choice.disable_parallel_tool_use'],
  [/^(?:safety_identifier|user)$/, 'metadata.user_id'],
  [/^(tools\[\d+\])\.function\b/, '$1'],
  [/^tools\.function\b/, 'tools'],
  [/^tool_choice\.function\b/, 'tool_choice'],
  [/^messages\[\d+\].*$/, 'messages'],
];

/** The name that a field of a chat request has in the Messages request it was made of. */
export function originOf(param: string): string {
  for (const [pattern, origin] of ORIGINS) if (pattern.test(param)) return param.replace(pattern, origin);
  return param;
}

/** Adapters name the fields of a chat request; the client has sent none of them. */
export async function inMessagesTerms<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    if (!GatewayError.isInstance(thrown) || thrown.param === null) throw thrown;
    const param = originOf(thrown.param);
    if (param === thrown.param) throw thrown;
    const { code, message, type, publicCode, status, headers, cause } = thrown;
    const words = message.replaceAll(thrown.param, param);
    throw new GatewayError(code, { message: words, param, type, publicCode, status, headers, cause });
  }
}
