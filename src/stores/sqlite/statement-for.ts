/**
 * SQL that depends on how many rows it is about, made once for each number: so that a statement that was prepared is
 * found by a text whose hash is known.
 */
export function statementFor(
  make: (rows: number, others: number) => string,
): (rows: number, others?: number) => string {
  const made: string[][] = [];
  return (rows, others = 0) => {
    made[rows] ??= [];
    const sized = made[rows] as string[];
    sized[others] ??= make(rows, others);
    return sized[others] as string;
  };
}
