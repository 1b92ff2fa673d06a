import { type NoticeDraft, noticeId } from '../../meter/decisions.js';
import type { Notice, NoticeId, TakenNotice } from '../../meter/notices.js';
import { NOTICE_COLUMNS, toNotice } from '../ledger-rows.js';
import type { SqliteConnection } from './sqlite-database.js';

/** Adds the notices of one step, whose ids follow from its reference. */
export function addNotices(
  connection: SqliteConnection,
  accountId: string,
  reference: string,
  at: number,
  drafts: readonly NoticeDraft[],
): void {
  for (const [index, draft] of drafts.entries())
    addNotice(connection, { accountId, id: noticeId(reference, index), at, ...draft });
}

export function addNotice(connection: SqliteConnection, { accountId, id, type, at, data }: Notice): void {
  connection.run(
    `INSERT INTO gateway_notices (account_id, id, type, at, data, attempts, due_at) VALUES (?, ?, ?, ?, ?, 0, ?)
     ON CONFLICT DO NOTHING`,
    accountId,
    id,
    type,
    at,
    JSON.stringify(data),
    at,
  );
}

export function takeNotices(
  connection: SqliteConnection,
  now: number,
  dueAgainAt: number,
  limit: number,
): TakenNotice[] {
  const due = connection.all(
    `SELECT ${NOTICE_COLUMNS} FROM gateway_notices WHERE due_at <= ? ORDER BY due_at, at LIMIT ?`,
    now,
    limit,
  );
  return due
    .map(toNotice)
    .map((notice) => {
      connection.run(
        'UPDATE gateway_notices SET due_at = ?, attempts = attempts + 1 WHERE account_id = ? AND id = ?',
        dueAgainAt,
        notice.accountId,
        notice.id,
      );
      return { ...notice, attempts: notice.attempts + 1 };
    })
    .sort((a, b) => a.at - b.at);
}

export function endNotice(connection: SqliteConnection, { accountId, id }: NoticeId): void {
  connection.run('DELETE FROM gateway_notices WHERE account_id = ? AND id = ?', accountId, id);
}

export function retryNotice(connection: SqliteConnection, { accountId, id }: NoticeId, dueAt: number): void {
  connection.run('UPDATE gateway_notices SET due_at = ? WHERE account_id = ? AND id = ?', dueAt, accountId, id);
}
