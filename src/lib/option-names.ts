/** The names of all options of a type: the compiler refuses a list that lacks one. */
export type OptionNames<T> = { readonly [Name in keyof T]-?: true };

/** Says of each unknown option what it is, and which known one it resembles. */
export function unknownOptions(options: object, known: Readonly<Record<string, true>>): readonly UnknownOption[] {
  return Object.keys(options)
    .filter((name) => !Object.hasOwn(known, name))
    .map((name) => ({ name, ...resembling(name, Object.keys(known)) }));
}

/** An option that does not exist. */
export interface UnknownOption {
  readonly name: string;
  /** The existing option that was probably meant. */
  readonly meant?: string;
}

/** A typo or a misremembered name differs by at most this many letters. */
const MAX_SLIPS = 2;

function resembling(name: string, known: readonly string[]): { readonly meant?: string } {
  const [closest] = known
    .map((meant) => ({ meant, slips: editDistance(name.toLowerCase(), meant.toLowerCase()) }))
    .filter(({ meant, slips }) => slips <= Math.min(MAX_SLIPS, meant.length / 3))
    .sort((a, b) => a.slips - b.slips);
  return closest ? { meant: closest.meant } : {};
}

/** How many letters must be added, left out or replaced to make one word of the other (Levenshtein). */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, i) => i);
  for (let i = 1; i <= from.length; i++) {
    const next = [i];
    for (let j = 1; j <= to.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
