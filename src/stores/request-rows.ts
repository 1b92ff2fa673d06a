import type { FailureCount, RequestRange, RequestSpan } from '../requests/request-log.js';
import { type RequestRecord, recordFromJson, recordToJson } from '../requests/request-record.js';
import { integer, optionalText, text } from './row-values.js';

/** The columns of a logged request, in order: what is searched for has its own, the whole is JSON. */
export const REQUEST_COLUMNS = ['id', 'account_id', 'key_id', 'at', 'model', 'status', 'code', 'record'] as const;

/** Requests with another status are few, and have an index of their own. */
const USUAL_STATUS = 200;

/** No index takes texts of any length, and PostgreSQL no text with NUL; the JSON of a request keeps its model whole. */
const INDEXED_LETTERS = 256;

function indexed(model: string): string {
  return model.replaceAll('\0', '\uFFFD').slice(0, INDEXED_LETTERS);
}

/** The values of `REQUEST_COLUMNS`. */
export function requestValues(record: RequestRecord): (string | number | null)[] {
  const { id, accountId, keyId, at, model, status, code } = record;
  return [id, accountId, keyId, at, model === null ? null : indexed(model), status, code, recordToJson(record)];
}

/** The filters that an index is chosen by, those that leave the fewest requests first. */
function leadingFilter({
  keyId,
  code,
  status,
  model,
}: RequestRange): 'key_id' | 'code' | 'status' | 'failed' | 'model' | undefined {
  if (keyId !== undefined) return 'key_id';
  if (code !== undefined) return 'code';
  if (status === 'failed') return 'failed';
  if (status !== undefined && status !== USUAL_STATUS) return 'status';
  return model === undefined ? undefined : 'model';
}

/**
 * The conditions of a range, with their parameters; `placeholder` writes the n-th one in the dialect. Conditions of partial
 * indices are written out, since no planner knows the value of a parameter.
 *
 * @param unindexed writes a column so that no index is chosen by it: SQLite has no statistics, and is led to one index.
 */
export function requestConditions(
  range: RequestRange,
  placeholder: (n: number) => string,
  unindexed: (column: string) => string = (column) => column,
): { readonly conditions: string[]; readonly parameters: (string | number)[] } {
  const leading = leadingFilter(range);
  const conditions: string[] = [];
  const parameters: (string | number)[] = [];
  const add = (condition: string, value: string | number | undefined) => {
    if (value === undefined) return;
    parameters.push(value);
    conditions.push(`${condition} ${placeholder(parameters.length)}`);
  };
  const column = (name: string) => (name === leading ? name : unindexed(name));
  // A key is of one account.
  add(`${leading === 'key_id' ? unindexed('account_id') : 'account_id'} =`, range.accountId);
  add(`${column('key_id')} =`, range.keyId);
  add(`${column('model')} =`, range.model === undefined ? undefined : indexed(range.model));
  if (range.status === 'failed') conditions.push(`${leading === 'failed' ? 'status' : unindexed('status')} >= 400`);
  else add(`${column('status')} =`, range.status);
  if (leading === 'status') conditions.push(`status <> ${USUAL_STATUS}`);
  add(`${column('code')} =`, range.code);
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

/**
 * An index for each filter of a list, in the order of the list, for one account and for all: so a page reads about as many
 * rows as it shows, however long the log is. What successful requests lack is indexed for the others alone. By name.
 */
export const REQUEST_INDICES: Readonly<Record<string, string>> = {
  gateway_requests_key: '(key_id, at, id)',
  gateway_requests_model: '(model, at, id)',
  gateway_requests_account_model: '(account_id, model, at, id)',
  gateway_requests_code: '(code, at, id) WHERE code IS NOT NULL',
  gateway_requests_account_code: '(account_id, code, at, id) WHERE code IS NOT NULL',
  gateway_requests_status: `(status, at, id) WHERE status <> ${USUAL_STATUS}`,
  gateway_requests_account_status: `(account_id, status, at, id) WHERE status <> ${USUAL_STATUS}`,
  gateway_requests_account_failed: '(account_id, at, id) WHERE status >= 400',
};

/** Part of a step of both SQL schemas: no index takes a text of any length. */
export const SHORT_MODELS = `
  UPDATE gateway_requests SET model = substr(model, 1, ${INDEXED_LETTERS}) WHERE length(model) > ${INDEXED_LETTERS};
`;

/** Statements that make the indices. */
export const CREATE_REQUEST_INDICES = Object.entries(REQUEST_INDICES)
  .map(([name, rows]) => `CREATE INDEX ${name} ON gateway_requests ${rows};`)
  .join('\n  ');
