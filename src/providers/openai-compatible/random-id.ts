const ALPHABET = '0123456789abcdefghijklmnopqrstuvwxyz';

/** An id for a tool call without one. Nine letters and digits are an id everywhere; Mistral takes no other. */
export function newCallId(random: () => number): string {
  return randomId('', random, 9);
}

/** An id for what a provider left without one: the prefix and `length` characters. */
export function randomId(prefix: string, random: () => number, length = 24): string {
  let id = prefix;
  for (let count = 0; count < length; count++) id += ALPHABET[Math.floor(random() * ALPHABET.length)];
  return id;
}
