import type { Page } from '../meter/meter.js';
import type { ChangeRecord } from './change-log.js';
import { parsedJson } from './ledger-rows.js';
import { defined, integer, optionalText, text } from './row-values.js';

/** The columns of a change, in order. What belongs to no account has an empty one: the account leads every key. */
export const CHANGE_COLUMNS = ['account_id', 'id', 'at', 'operator', 'action', 'subject', 'details'] as const;

/** The values of `CHANGE_COLUMNS`. */
export function changeValues(change: ChangeRecord): (string | number | null)[] {
  const { id, at, operator, action, accountId = '', subject = null, details } = change;
  return [accountId, id, at, operator, action, subject, details ? JSON.stringify(details) : null];
}

/** The statement that lists changes, and its parameters; `placeholder` writes the n-th one in the dialect. */
export function changeStatement(
  { accountId }: { readonly accountId?: string },
  { before, limit }: Page,
  placeholder: (n: number) => string,
): { readonly text: string; readonly parameters: readonly string[] } {
  const parameters: string[] = [];
  const conditions: string[] = [];
  const add = (value: string, condition: (place: string) => string) => {
    parameters.push(value);
    conditions.push(condition(placeholder(parameters.length)));
  };
  if (accountId !== undefined) add(accountId, (place) => `account_id = ${place}`);
  if (before !== undefined)
    add(before, (place) => `(at, id) < (SELECT at, id FROM gateway_changes WHERE id = ${place})`);
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
  return {
    text: `SELECT ${CHANGE_COLUMNS.join(', ')} FROM gateway_changes ${where} ORDER BY at DESC, id DESC LIMIT ${limit}`,
    parameters,
  };
}

/** One row of `CHANGE_COLUMNS`. */
export function toChange(row: Readonly<Record<string, unknown>>): ChangeRecord {
  return defined<ChangeRecord>({
    id: text(row['id']),
    at: integer(row['at']),
    operator: text(row['operator']),
    action: text(row['action']),
    accountId: text(row['account_id']) || undefined,
    subject: optionalText(row['subject']),
    details: parsedJson<Record<string, unknown>>(row['details']),
  });
}

/** The table of changes. @param types what text and whole numbers are called in the dialect. */
export function changesStep(types: { readonly text: string; readonly integer: string; readonly end: string }): string {
  const { text: string, integer: whole, end } = types;
  return `
  CREATE TABLE gateway_changes (
    account_id ${string} NOT NULL, id ${string} NOT NULL, at ${whole} NOT NULL, operator ${string} NOT NULL,
    action ${string} NOT NULL, subject ${string}, details ${string},
    PRIMARY KEY (account_id, id)
  )${end};
  CREATE INDEX gateway_changes_id ON gateway_changes (id);
  CREATE INDEX gateway_changes_account ON gateway_changes (account_id, at, id);
  CREATE INDEX gateway_changes_time ON gateway_changes (at, id);
`;
}
