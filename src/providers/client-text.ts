import { hideSecrets } from './hide-secrets.js';

const MAX_LENGTH = 1_000;
/** More of a message is not looked at. */
const LONGEST_READ = 8_000;

const PRIVATE_ENDINGS =
  'internal|local|localdomain|localhost|corp|lan|intra|intranet|private|home|svc|cluster|consul|test|example|invalid|arpa';
const PUBLIC_ENDINGS = 'com|net|org|io|ai|dev|cloud|app|co|us|eu|uk|de|fr|cn|jp|ru|in|azure|gov|edu';
const LABEL = '[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?';

/** Host names: of the endings that such names have, or before a port. */
const HOSTS = new RegExp(
  `(?<![\\w@.-])(?:${LABEL}\\.)+(?:(?:${PRIVATE_ENDINGS}|${PUBLIC_ENDINGS})(?![\\w-])(?::\\d{1,5})?|${LABEL}:\\d{2,5}(?!\\w))`,
  'gi',
);
const NAMED_PORT = /(?<![\w.-])(?:localhost|[a-z0-9]+(?:-[a-z0-9]+)+):\d{2,5}(?!\w)/gi;
const IPV4 = /(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?(?![\w.]*\d)/g;
/** With `::`, or with five groups and more: a time of day has three. */
const IPV6 =
  /\[?(?<![\w:])(?=[0-9a-f:]*::|(?:[0-9a-f]{1,4}:){4})(?:[0-9a-f:]*:\d{1,3}(?:\.\d{1,3}){3}|[0-9a-f:]{2,})(?:%\w+)?\]?(?::\d{1,5})?/gi;

/**
 * A provider's message made fit for a client: one line, bounded, without keys, organisation ids, URLs, host names and
 * network addresses.
 *
 * @param secrets exact values that must not appear, in whatever encoding.
 */
export function clientText(message: string, secrets: readonly string[]): string {
  return hideSecrets(message.slice(0, LONGEST_READ), secrets)
    .replace(/\b(?:sk|pk|gsk|xai|rk)-[\w*.-]{4,}/gi, '[redacted]')
    .replace(/\bAIza[\w-]{10,}/g, '[redacted]')
    .replace(/\b(?:org|proj|req|acct)[-_][A-Za-z0-9]{6,}/g, '[redacted]')
    .replace(/\bBearer\s+\S+/gi, '[redacted]')
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/\S+/gi, '[link]')
    .replace(IPV6, '[address]')
    .replace(IPV4, '[address]')
    .replace(HOSTS, '[host]')
    .replace(NAMED_PORT, '[host]')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, MAX_LENGTH);
}
