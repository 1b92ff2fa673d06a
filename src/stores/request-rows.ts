import type { FailureCount, RequestRange, RequestSpan } from '../requests/request-log.js';
import { type RequestRecord, recordFromJson, recordToJson } from '../requests/request-record.js';
import { integer, optionalText, text } from './row-values.js';

/** The columns of a logged request, in order: what is searched for has its own, the whole is JSON. */
export const REQUEST_COLUMNS = ['id', 'account_id', 'key_id', 'at', 'model', 'status', 'code', 'record'] as const;

/** The values of `REQUEST_COLUMNS`. */
export function requestValues(record: RequestRecord): (string | number | null)[] {
  const { id, accountId, keyId, at, model, status, code } = record;
  return [id, accountId, keyId, at, model, status, code, recordToJson(record)];
}

/** The conditions of a range, with their parameters; `placeholder` writes the n-th one in the dialect. */
export function requestConditions(
  range: RequestRange,
  placeholder: (n: number) => string,
): { readonly conditions: string[]; readonly parameters: (string | number)[] } {
  const conditions: string[] = [];
  const parameters: (string | number)[] = [];
  const add = (condition: string, value: string | number | undefined) => {
    if (value === undefined) return;
    parameters.push(value);
    conditions.push(`${condition} ${placeholder(parameters.length)}`);
  };
  add('account_id =', range.accountId);
  add('key_id =', range.keyId);
  add('model =', range.model);
  if (range.status === 'failed') add('status >=', 400);
  else add('status =', range.status);
  add('code =', range.code);
  add('at >=', range.from);
  add('at <', range.to);
  return { conditions, parameters };
}

/** The failures of a span by model; both conditions on the status, so that the index of failed requests is used. */
export function failureStatement(span: RequestSpan, placeholder: (n: number) => string) {
  const { conditions, parameters } = requestConditions({ ...span, status: 'failed' }, placeholder);
  const where = [...conditions, 'status >= 500'].join(' AND ');
  return { text: `SELECT model, COUNT(*) AS failed FROM gateway_requests WHERE ${where} GROUP BY model`, parameters };
}

/** A row of `failureStatement`. */
export function toFailureCount(row: Readonly<Record<string, unknown>>): FailureCount {
  return { model: optionalText(row['model']) ?? null, failed: integer(row['failed']) };
}

/** A row that has the column `record`. */
export function toRequest(row: Readonly<Record<string, unknown>>): RequestRecord {
  return recordFromJson(text(row['record']));
}
