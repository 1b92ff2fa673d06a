const ID_LENGTH = 'req_'.length + 32;
const IDS_AT_ONCE = 256;
const RANDOM_BYTES = 10;
let ids = '';
let position = 0;

/**
 * `req_`, the time in 12 hexadecimal digits, a counter in 2, and 72 random bits: drawn for 256 requests with one system call.
 * Ids of a process are in order, so that inserts touch only the end of a large index and fill its pages (the idea of UUID
 * version 7, RFC 9562, sections 5.7 and 6.2). 0.1 µs instead of 2.4, 7 to 10 % of a JSON request
 * (bench:tricks `newRequestId`).
 */
export function newRequestId(): string {
  if (position === ids.length) {
    const bits = Buffer.from(crypto.getRandomValues(new Uint8Array(IDS_AT_ONCE * RANDOM_BYTES)));
    for (let i = 0; i < IDS_AT_ONCE; i++) bits[i * RANDOM_BYTES] = i;
    const begin = `req_${Date.now().toString(16).padStart(12, '0')}`;
    ids = bits.toString('hex').replace(/.{20}/g, `${begin}$&`);
    position = 0;
  }
  position += ID_LENGTH;
  return ids.slice(position - ID_LENGTH, position);
}
