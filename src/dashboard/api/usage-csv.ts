import type { UsageRow } from '../../management/usage-reports.js';
import { csvOf } from './csv.js';

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

/** Usage as comma-separated values (RFC 4180) with a header line; `keyNames` maps key ids to names. */
export function toCsv(rows: readonly UsageRow[], keyNames: ReadonlyMap<string, string>): string {
  return csvOf(
    COLUMNS.map(([name]) => name),
    rows.map((row) => COLUMNS.map(([, read]) => read(row, keyNames))),
  );
}
