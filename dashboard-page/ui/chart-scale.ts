const LINES = 4;
const STEPS = [1, 2, 2.5, 5, 10];
/** What floating point may get wrong. */
const SLACK = 1e-9;

/**
 * Round values for the lines behind a chart, from 0 to at least `highest`.
 *
 * @param whole true for counts, where a line at 0.5 means nothing.
 */
export function ticks(highest: number, whole = false): number[] {
  if (!(highest > 0)) return [0];
  const step = Math.max(whole ? 1 : 0, roundUp(highest / LINES, whole));
  const needed = Math.ceil(highest / step - SLACK);
  return Array.from({ length: needed + 1 }, (_, index) => Number((index * step).toPrecision(12)));
}

function roundUp(rough: number, whole: boolean): number {
  const magnitude = 10 ** Math.floor(Math.log10(rough));
  const fits = (step: number) => step * magnitude >= rough * (1 - SLACK) && !(whole && (step * magnitude) % 1 !== 0);
  return (STEPS.find(fits) ?? 10) * magnitude;
}

/** Which of `length` labels to write so that at most `most` are there, the last one always. */
export function labelEvery(length: number, most: number): (index: number) => boolean {
  const step = Math.max(1, Math.ceil(length / Math.max(1, most)));
  return (index) => (length - 1 - index) % step === 0;
}
