import type { UsageReports, UsageRow } from '../../management/usage-reports.js';
import { csvLines } from './csv.js';

const COLUMNS: readonly (readonly [
  string,
  (row: UsageRow, keyNames: ReadonlyMap<string, string>) => string | number,
])[] = [
  ['day', (row) => row.day ?? ''],
  ['model', (row) => row.model ?? ''],
  ['key', (row, keyNames) => keyNames.get(row.keyId ?? '') ?? row.keyId ?? ''],
  ['requests', (row) => row.requests],
  ['input_tokens', (row) => row.inputTokens],
  ['cached_input_tokens', (row) => row.cachedInputTokens],
  ['output_tokens', (row) => row.outputTokens],
  ['reasoning_tokens', (row) => row.reasoningTokens],
  ['total_tokens', (row) => row.totalTokens],
  ['cost_usd', (row) => row.cost],
];

/** The rows of one day, and the header line before the first. */
function dayOfCsv(rows: readonly UsageRow[], keyNames: ReadonlyMap<string, string>): string {
  return csvLines(rows.map((row) => COLUMNS.map(([, read]) => read(row, keyNames))));
}

const HEADER = csvLines([COLUMNS.map(([name]) => name)]);
const DAY_MS = 86_400_000;

/**
 * An account's usage per day, model and key as comma-separated values (RFC 4180) with a header line, read day by day:
 * a year of an account with many keys is never in memory at once. The first part is there when this resolves.
 *
 * @param keyNames key ids to names.
 */
export async function usageCsv(
  usage: UsageReports,
  { from, to, accountId }: { readonly from: Date; readonly to: Date; readonly accountId: string },
  keyNames: ReadonlyMap<string, string>,
): Promise<AsyncIterable<string>> {
  const days = (await usage.query({ accountId, from, to, groupBy: ['day'] })).map(({ day = '' }) => Date.parse(day));
  const readDay = async (start: number | undefined) => {
    if (start === undefined) return '';
    const bounds = {
      from: new Date(Math.max(start, from.getTime())),
      to: new Date(Math.min(start + DAY_MS, to.getTime())),
    };
    return dayOfCsv(await usage.query({ accountId, ...bounds, groupBy: ['day', 'model', 'key'] }), keyNames);
  };
  const first = HEADER + (await readDay(days[0]));
  return (async function* () {
    yield first;
    for (const day of days.slice(1)) yield await readDay(day);
  })();
}
