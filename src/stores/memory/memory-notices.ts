import { type NoticeDraft, noticeId } from '../../meter/decisions.js';
import type { Notice, NoticeId, Notices, TakenNotice } from '../../meter/notices.js';

interface NoticeState {
  readonly notice: Notice;
  attempts: number;
  dueAt: number;
}

/** The notices of a memory meter. */
export class MemoryNotices implements Notices {
  readonly #notices = new Map<string, NoticeState>();

  /** Adds the notices of one step, whose ids follow from its reference. */
  addAll(accountId: string, reference: string, at: number, drafts: readonly NoticeDraft[]): void {
    for (const [index, draft] of drafts.entries())
      this.addNotice({ accountId, id: noticeId(reference, index), at, ...draft });
  }

  addNotice(notice: Notice): void {
    const key = keyOf(notice);
    if (!this.#notices.has(key)) this.#notices.set(key, { notice, attempts: 0, dueAt: notice.at });
  }

  takeNotices(now: number, dueAgainAt: number, limit: number): TakenNotice[] {
    const due = [...this.#notices.values()].filter(({ dueAt }) => dueAt <= now).sort((a, b) => a.dueAt - b.dueAt);
    return due
      .slice(0, limit)
      .map((state) => {
        state.dueAt = dueAgainAt;
        state.attempts++;
        return { ...state.notice, attempts: state.attempts };
      })
      .sort((a, b) => a.at - b.at);
  }

  endNotice(notice: NoticeId): void {
    this.#notices.delete(keyOf(notice));
  }

  retryNotice(notice: NoticeId, dueAt: number): void {
    const state = this.#notices.get(keyOf(notice));
    if (state) state.dueAt = dueAt;
  }
}

function keyOf({ accountId, id }: NoticeId): string {
  return `${accountId}\n${id}`;
}
