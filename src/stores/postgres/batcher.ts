/** So many operations share one statement at most. */
const MAX_BATCH = 64;

interface Job<I, O> {
  readonly item: I;
  readonly resolve: (value: O) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Sends what belongs together in one statement: while one runs for an account, what arrives for the same account waits
 * and then goes together. Alone they would take turns at the account's row, each for the time of a commit.
 *
 * Nothing waits where nothing is running, so a batch costs no request any time.
 */
export class Batcher<I, O> {
  readonly #one: (item: I) => Promise<O>;
  readonly #many: (items: readonly I[]) => Promise<readonly O[]>;
  /** What waits, by group; a group is there while a statement of it runs. */
  readonly #groups = new Map<string, Job<I, O>[]>();

  constructor(one: (item: I) => Promise<O>, many: (items: readonly I[]) => Promise<readonly O[]>) {
    this.#one = one;
    this.#many = many;
  }

  run(group: string, item: I): Promise<O> {
    return new Promise<O>((resolve, reject) => {
      const job = { item, resolve, reject };
      const waiting = this.#groups.get(group);
      if (waiting) waiting.push(job);
      else {
        this.#groups.set(group, []);
        void this.#drain(group, [job]);
      }
    });
  }

  /** Never rejects. */
  async #drain(group: string, first: Job<I, O>[]): Promise<void> {
    for (let jobs = first; jobs.length > 0; jobs = this.#groups.get(group)?.splice(0, MAX_BATCH) ?? []) {
      if (jobs.length > 1 && (await this.#sendTogether(jobs))) continue;
      for (const { item, resolve, reject } of jobs) await this.#one(item).then(resolve, reject);
    }
    this.#groups.delete(group);
  }

  /** False when the statement failed: then nothing happened, and each goes alone so that only the one that is wrong fails. */
  async #sendTogether(jobs: readonly Job<I, O>[]): Promise<boolean> {
    let results: readonly O[];
    try {
      results = await this.#many(jobs.map(({ item }) => item));
    } catch {
      return false;
    }
    for (const [i, job] of jobs.entries()) job.resolve(results[i] as O);
    return true;
  }
}
