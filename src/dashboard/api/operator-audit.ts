import { describeFault } from '../../lib/logger.js';
import type { ChangeInfo, ChangeOptions } from '../../management/changes.js';
import { csvOf } from './csv.js';
import { optional, text } from './fields.js';
import { limit, readQuery } from './query.js';
import { FileAnswer, type RouteContext } from './route.js';

const MOST_IN_FILE = 10_000;
const accountId = optional(text({ max: 256 }));

/** Records what the caller has done. The change has been made by then, so a failure is only logged. */
export async function noteChange(
  { gateway, caller, settings }: RouteContext,
  action: string,
  of: Omit<ChangeOptions, 'operator' | 'action'>,
): Promise<void> {
  try {
    await gateway.changes.record({ operator: caller.accountId, action, ...of });
  } catch (error) {
    const fault = describeFault(error);
    settings.logger.error({ operator: caller.accountId, action, fault }, 'a change could not be noted');
  }
}

/** What operators did, newest first; null where the store keeps no changes. */
export async function listChanges({ gateway, query, names }: RouteContext) {
  const { accountId: account, ...page } = readQuery(query, { accountId, limit, before: optional(text({ max: 200 })) });
  const changes = await gateway.changes.list(account === undefined ? {} : { accountId: account }, {
    limit: 50,
    ...page,
  });
  const ids = changes?.flatMap((change) => change.accountId ?? []) ?? [];
  return { data: changes?.map(describeChange) ?? null, names: await names.of([...new Set(ids)]) };
}

/** The same as a file. */
export async function exportChanges({ gateway, query }: RouteContext) {
  const { accountId: account } = readQuery(query, { accountId });
  const filter = account === undefined ? {} : { accountId: account };
  const changes: ChangeInfo[] = [];
  for (;;) {
    const before = changes.at(-1)?.id;
    const page = await gateway.changes.list(filter, { limit: 1_000, ...(before !== undefined && { before }) });
    changes.push(...(page ?? []));
    if (!page || page.length < 1_000 || changes.length >= MOST_IN_FILE) break;
  }
  const rows = changes.map((change) => [
    ...[change.at.toISOString(), change.operator, change.action, change.accountId ?? '', change.subject ?? ''],
    JSON.stringify(change.details ?? {}),
  ]);
  const header = ['date', 'operator', 'action', 'account', 'subject', 'details'];
  return new FileAnswer('audit-log.csv', 'text/csv; charset=utf-8', csvOf(header, rows));
}

/** One change as JSON. */
export function describeChange({ id, at, operator, action, accountId: account, subject, details }: ChangeInfo) {
  return { id, at, operator, action, accountId: account ?? null, subject: subject ?? null, details: details ?? {} };
}
