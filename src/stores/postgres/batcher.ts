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
  readonly #isUnreachable: (error: unknown) => boolean;
  /** What waits, by group; a group is there while a statement of it runs. */
  readonly #groups = new Map<string, Job<I, O>[]>();

  /** @param isUnreachable of an error: true when nothing else could be done either, so that nothing is tried. */
  constructor(
    one: (item: I) => Promise<O>,
    many: (items: readonly I[]) => Promise<readonly O[]>,
    isUnreachable: (error: unknown) => boolean,
  ) {
    this.#one = one;
    this.#many = many;
    this.#isUnreachable = isUnreachable;
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

  /**
   * False when the statement failed: then nothing happened, and each goes alone so that only the one that is wrong
   * fails. When the database can't be reached they fail together: one after another, the last would wait for all.
   */
  async #sendTogether(jobs: readonly Job<I, O>[]): Promise<boolean> {
    let results: readonly O[];
    try {
      results = await this.#many(jobs.map(({ item }) => item));
    } catch (error) {
      if (!this.#isUnreachable(error)) return false;
      for (const { reject } of jobs) reject(error);
      return true;
    }
    for (const [i, job] of jobs.entries()) job.resolve(results[i] as O);
    return true;
  }
}
