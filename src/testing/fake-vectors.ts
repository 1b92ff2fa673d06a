/** How long the fake vectors are where nothing else is asked. */
export const DIMENSIONS = 8;

/** A vector of length 1 that depends on nothing but its text and length. */
export function vectorOf(text: string, dimensions = DIMENSIONS): number[] {
  let seed = 0;
  for (const character of text) seed = (seed * 31 + character.charCodeAt(0)) % 65_521;
  const raw = Array.from({ length: dimensions }, (_, i) => 1 + ((seed * (i + 7)) % 97));
  const length = Math.hypot(...raw);
  return raw.map((value) => Math.fround(value / length));
}
