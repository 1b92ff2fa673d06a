import type { ChangeLog, ChangeRecord } from '../change-log.js';

/** Changes by operators in this process's memory. */
export function memoryChangeLog(): ChangeLog {
  const changes: ChangeRecord[] = [];
  return {
    append(change) {
      changes.push(change);
    },
    list({ accountId }, { limit, before }) {
      const newest = changes
        .filter((change) => accountId === undefined || change.accountId === accountId)
        .sort((a, b) => b.at - a.at || (a.id < b.id ? 1 : -1));
      if (before === undefined) return newest.slice(0, limit);
      const last = newest.findIndex(({ id }) => id === before);
      return last < 0 ? [] : newest.slice(last + 1, last + 1 + limit);
    },
  };
}
