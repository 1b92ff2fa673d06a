import { createHmac, hash as oneShotHash, randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const RANDOM_BYTES = 24;
/** 62^33 > 2^192: as many characters as 24 bytes need. */
const BODY_LENGTH = 33;
/** 62^6 > 2^32. */
const CHECKSUM_LENGTH = 6;
/** Longer ones are refused unread. */
export const MAX_KEY_LENGTH = 256;
const BASE62 = /^[0-9A-Za-z]+$/;

/**
 * Makes a new API key: the prefix, 192 random bits in base62, and a CRC-32 checksum in base62, so that typos and
 * made-up keys are refused without a look-up, and scanners for leaked keys recognize one.
 *
 * @param random gives that many random bytes. @default node:crypto's randomBytes
 */
export function createKey(prefix: string, random: (bytes: number) => Uint8Array = randomBytes): string {
  let number = 0n;
  for (const byte of random(RANDOM_BYTES)) number = (number << 8n) | BigInt(byte);
  const start = prefix + base62(number, BODY_LENGTH);
  return start + checksumOf(start);
}

/** True when the text has the form of a key with this prefix; costs no look-up. Keys above 256 characters are refused. */
export function hasValidChecksum(key: string, prefix: string): boolean {
  if (key.length > MAX_KEY_LENGTH || key.length <= prefix.length + CHECKSUM_LENGTH || !key.startsWith(prefix))
    return false;
  const end = key.length - CHECKSUM_LENGTH;
  return BASE62.test(key.slice(prefix.length)) && key.slice(end) === checksumOf(key.slice(0, end));
}

/** What is stored of a key: SHA-256, or HMAC-SHA-256 under a pepper, in lower-case hex. */
export function hashKey(key: string, pepper?: string): string {
  if (pepper === undefined) return oneShotHash('sha256', key, 'hex');
  return createHmac('sha256', pepper).update(key).digest('hex');
}

/** First and last four characters, to recognize a key: `napi-ab12…wxyz`. */
export function keyHint(key: string, prefix: string): string {
  return `${prefix}${key.slice(prefix.length, prefix.length + 4)}…${key.slice(-4)}`;
}

/** In plain numbers: every request checks one, and big integers cost ten times as much. */
function checksumOf(text: string): string {
  let digits = '';
  for (let rest = crc32(text); digits.length < CHECKSUM_LENGTH; rest = Math.floor(rest / 62)) {
    digits = ALPHABET.charAt(rest % 62) + digits;
  }
  return digits;
}

function base62(number: bigint, length: number): string {
  let text = '';
  for (let rest = number; text.length < length; rest /= 62n) text = ALPHABET.charAt(Number(rest % 62n)) + text;
  return text;
}
