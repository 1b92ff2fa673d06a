const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';

/** An id for what a provider left without one: the prefix and 24 characters. */
export function randomId(prefix: string, random: () => number): string {
  let id = prefix;
  for (let count = 0; count < 24; count++) id += ALPHABET[Math.floor(random() * ALPHABET.length)];
  return id;
}
