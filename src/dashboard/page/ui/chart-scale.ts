/** Round values for the lines behind a chart, from 0 to at least `highest`. */
export function ticks(highest: number, lines = 4): number[] {
  if (!(highest > 0)) return [0];
  const rough = highest / lines;
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const step = ([1, 2, 2.5, 5, 10].find((factor) => factor * magnitude >= rough) ?? 10) * magnitude;
  const needed = Math.ceil(highest / step - 1e-9);
  return Array.from({ length: needed + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

/** Which of `length` labels to write so that at most `most` are there, the last one always. */
export function labelEvery(length: number, most: number): (index: number) => boolean {
  const step = Math.max(1, Math.ceil(length / Math.max(1, most)));
  return (index) => (length - 1 - index) % step === 0;
}
