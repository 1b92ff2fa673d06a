import type { UsageReports, UsageRow } from '../../management/usage-reports.js';
import { csvLines } from './csv.js';
import { startedLines, type UsedRange, usedDays } from './used-days.js';

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

const HEADER = csvLines([COLUMNS.map(([name]) => name)]);

/**
 * An account's usage per day, model and key as comma-separated values (RFC 4180) with a header line, read day by day. The first
 * part is there when this resolves.
 *
 * @param keyNames key ids to names.
 */
export function usageCsv(
  usage: UsageReports,
  range: UsedRange & { readonly accountId: string },
  keyNames: ReadonlyMap<string, string>,
): Promise<AsyncIterable<string>> {
  const lines = async function* () {
    for await (const rows of usedDays(usage, range, ['day', 'model', 'key']))
      yield csvLines(rows.map((row) => COLUMNS.map(([, read]) => read(row, keyNames))));
  };
  return startedLines(HEADER, lines());
}
