/** Values of every type, of which each field takes a few at most: nothing, null, numbers, texts, lists, objects. */
export const WRONG: readonly unknown[] = [
  ...[undefined, null, true, 5, -1, 1.5, 1e308, 2 ** 60, '', 'zzz', '\ud800'],
  ...[[], [null], [5], ['zzz'], {}, { zzz: 1 }],
];

/** Where a value stands in another. */
type Path = readonly (string | number)[];

/** The paths of all values in a value. */
function pathsIn(value: unknown, at: Path = []): Path[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    const path = [...at, Array.isArray(value) ? Number(key) : key];
    return [path, ...pathsIn(inner, path)];
  });
}

/** A copy with another value at a path; undefined leaves it out. */
function withValue(body: object, path: Path, value: unknown): object {
  const copy = JSON.parse(JSON.stringify(body)) as object;
  let holder = copy as Record<string | number, unknown>;
  for (const name of path.slice(0, -1)) holder = holder[name] as typeof holder;
  holder[path.at(-1) as string] = value;
  return copy;
}

/** A value with one of its values replaced. */
export interface WrongBody {
  /** Where the value stands. */
  readonly path: Path;
  readonly value: unknown;
  readonly body: object;
}

/** Every copy of a body in which one value is a wrong one. */
export function* wrongBodies(body: object): Generator<WrongBody> {
  for (const path of pathsIn(body)) {
    for (const value of WRONG) yield { path, value, body: withValue(body, path, value) };
  }
}
