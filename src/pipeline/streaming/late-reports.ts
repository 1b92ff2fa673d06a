/** Bounds how many streams without a client are read on for the provider's report: in all, and for each account. */
export class LateReports {
  readonly #most: number;
  readonly #mostPerAccount: number;
  readonly #running = new Map<string, number>();
  #total = 0;

  constructor({ maxStreams, maxPerAccount }: { readonly maxStreams: number; readonly maxPerAccount: number }) {
    this.#most = maxStreams;
    this.#mostPerAccount = maxPerAccount;
  }

  /** True when there is a place; `leave` frees it. */
  enter(accountId: string): boolean {
    const running = this.#running.get(accountId) ?? 0;
    if (this.#total >= this.#most || running >= this.#mostPerAccount) return false;
    this.#total += 1;
    this.#running.set(accountId, running + 1);
    return true;
  }

  leave(accountId: string): void {
    const running = (this.#running.get(accountId) ?? 0) - 1;
    this.#total -= 1;
    if (running > 0) this.#running.set(accountId, running);
    else this.#running.delete(accountId);
  }
}
