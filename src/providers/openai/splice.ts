/** Inserts members, in ASCII, at the end of the JSON object in `body`. */
export function splice(body: Uint8Array, members: string): Uint8Array {
  const brace = body.lastIndexOf(0x7d);
  const bytes = Buffer.allocUnsafe(body.length + members.length);
  bytes.set(body.subarray(0, brace));
  bytes.write(members, brace, 'latin1');
  bytes.set(body.subarray(brace), brace + members.length);
  return bytes;
}
