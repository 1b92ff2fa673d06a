const MAX_LENGTH = 1_000;

/**
 * A provider's message made fit for a client: one line, bounded, without keys, organisation ids or URLs.
 *
 * @param secrets exact values that must not appear, whatever they look like.
 */
export function clientText(message: string, secrets: readonly string[]): string {
  let text = message;
  for (const secret of secrets) if (secret) text = text.replaceAll(secret, '[redacted]');
  return text
    .replace(/\b(?:sk|pk|gsk|xai|rk)-[\w*.-]{4,}/gi, '[redacted]')
    .replace(/\bAIza[\w-]{10,}/g, '[redacted]')
    .replace(/\b(?:org|proj|req|acct)[-_][A-Za-z0-9]{6,}/g, '[redacted]')
    .replace(/\bBearer\s+\S+/gi, '[redacted]')
    .replace(/https?:\/\/\S+/g, '[link]')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, MAX_LENGTH);
}
