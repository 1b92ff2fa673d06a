/** How OpenAI's ids begin. */
export const ID_PREFIX = 'chatcmpl-';

/** The id of a chat answer: every one begins as OpenAI's do, and a provider's own stays readable behind it. */
export function chatId(native: string): string {
  return native.startsWith(ID_PREFIX) ? native : ID_PREFIX + native;
}
