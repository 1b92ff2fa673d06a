import type { UsageReportQuery, UsageReports, UsageRow } from '../../management/usage-reports.js';

const DAY_MS = 86_400_000;

/** Whose usage, from when to when. */
export interface UsedRange {
  readonly from: Date;
  readonly to: Date;
  /** Undefined: all accounts. */
  readonly accountId?: string;
}

/**
 * The sums of each day of a range that has any, oldest first, read one after another as they are taken: a year of many keys or
 * accounts is never in memory at once.
 */
export async function* usedDays(
  usage: UsageReports,
  range: UsedRange,
  groupBy: NonNullable<UsageReportQuery['groupBy']>,
): AsyncGenerator<readonly UsageRow[]> {
  for (const { day = '' } of await usage.query({ ...range, groupBy: ['day'] })) {
    const start = Date.parse(day);
    const from = new Date(Math.max(start, range.from.getTime()));
    const to = new Date(Math.min(start + DAY_MS, range.to.getTime()));
    yield await usage.query({ ...range, from, to, groupBy });
  }
}

/** Lines that follow a header, the first of them there when this resolves: what fails at the start is answered as an error. */
export async function startedLines(header: string, lines: AsyncGenerator<string>): Promise<AsyncIterable<string>> {
  const { value: first, done } = await lines.next();
  return (async function* () {
    yield done ? header : header + first;
    if (!done) yield* lines;
  })();
}
