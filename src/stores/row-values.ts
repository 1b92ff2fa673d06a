/** Reads a column that SQL gave as text. */
export function text(value: unknown): string {
  return String(value);
}

/** Reads a column that may be null as an optional text. */
export function optionalText(value: unknown): string | undefined {
  return value === null || value === undefined ? undefined : String(value);
}

/** Reads an integer that fits in a double, whether the driver gives it as a number, a bigint or text. */
export function integer(value: unknown): number {
  return Number(value);
}

/** Reads a column that may be null as an optional integer. */
export function optionalInteger(value: unknown): number | undefined {
  return value === null || value === undefined ? undefined : Number(value);
}

/** Reads a 64-bit integer that SQL gave as decimal text, exactly. */
export function money(value: unknown): bigint {
  return BigInt(String(value));
}

/** The object without the properties that are undefined. */
export function defined<T extends object>(value: { [K in keyof T]: T[K] | undefined }): T {
  // Reports read thousands of rows: three lists of each took longer than the rest of their reading.
  const kept: Partial<T> = {};
  for (const name of Object.keys(value) as (keyof T)[]) if (value[name] !== undefined) kept[name] = value[name];
  return kept as T;
}
