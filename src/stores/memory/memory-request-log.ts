import type { Page } from '../../meter/meter.js';
import type { FailureCount, RequestLog, RequestRange } from '../../requests/request-log.js';
import type { RequestRecord } from '../../requests/request-record.js';

/** A request log in this process's memory that keeps the newest requests. @param max how many. @default 10_000 */
export function memoryRequestLog(max = 10_000): RequestLog & Required<Pick<RequestLog, 'countFailures'>> {
  const records = new Map<string, RequestRecord>();
  return {
    append(more) {
      for (const record of more) {
        if (records.has(record.id)) continue;
        records.set(record.id, record);
        const [oldest] = records.size > max ? records.keys() : [];
        if (oldest !== undefined) records.delete(oldest);
      }
    },
    find(id, accountId) {
      const record = records.get(id);
      return record && (accountId === undefined || record.accountId === accountId) ? record : undefined;
    },
    list: (range, page) => listNewest([...records.values()], range, page),
    countFailures: (span) => countFailures([...records.values()].filter((record) => matches(record, span))),
    prune(before, limit) {
      const old = [...records.values()].filter(({ at }) => at < before).slice(0, limit);
      for (const { id } of old) records.delete(id);
      return old.length;
    },
  };
}

function listNewest(records: RequestRecord[], range: RequestRange, { limit, before }: Page): RequestRecord[] {
  const newest = records.filter((record) => matches(record, range)).sort(newerFirst);
  const last = before === undefined ? undefined : records.find(({ id }) => id === before);
  const rest = last ? newest.filter((record) => newerFirst(last, record) < 0) : newest;
  return before !== undefined && !last ? [] : rest.slice(0, limit);
}

function countFailures(records: readonly RequestRecord[]): FailureCount[] {
  const counts = new Map<string | null, number>();
  for (const { model, status } of records) if (status >= 500) counts.set(model, (counts.get(model) ?? 0) + 1);
  return [...counts].map(([model, failed]) => ({ model, failed }));
}

function newerFirst(a: RequestRecord, b: RequestRecord): number {
  if (a.at !== b.at) return b.at - a.at;
  return a.id < b.id ? 1 : a.id > b.id ? -1 : 0;
}

function matches(record: RequestRecord, range: RequestRange): boolean {
  const { accountId, keyId, model, status, code, from, to } = range;
  return (
    (accountId === undefined || record.accountId === accountId) &&
    (keyId === undefined || record.keyId === keyId) &&
    (model === undefined || record.model === model) &&
    (status === undefined || (status === 'failed' ? record.status >= 400 : record.status === status)) &&
    (code === undefined || record.code === code) &&
    (from === undefined || record.at >= from) &&
    (to === undefined || record.at < to)
  );
}
