const ISO_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?$/i;

/**
 * Reads a day, or a day and a time of it, in ISO 8601: milliseconds since the epoch, NaN for anything else. `Date.parse` takes
 * any text with a number in it, and February 30 for March 2.
 */
export function parseIsoTime(text: string): number {
  const [, year, month, day] = ISO_TIME.exec(text) ?? [];
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  return Number(day) <= lastDay ? Date.parse(text) : Number.NaN;
}
