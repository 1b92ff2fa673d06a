import { isUnreachable } from './postgres-connection.js';

/** The most operations that share one statement. */
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
  readonly #send: (items: readonly I[]) => Promise<readonly O[]>;
  /** What waits, by group; a group is there while a statement of it runs. */
  readonly #groups = new Map<string, Job<I, O>[]>();

  /** @param send runs one statement for all items, of which there is at least one; answers in their order. */
  constructor(send: (items: readonly I[]) => Promise<readonly O[]>) {
    this.#send = send;
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
      const fault = await this.#sendTogether(jobs);
      if (fault === undefined) continue;
      // A statement that failed did nothing: each goes alone, so that only the one that is wrong fails. While the
      // database is out of reach that would make each wait for the attempts of all before it.
      if (jobs.length === 1 || isUnreachable(fault.cause)) for (const { reject } of jobs) reject(fault.cause);
      else for (const job of jobs) await this.#sendAlone(job);
    }
    this.#groups.delete(group);
  }

  async #sendAlone(job: Job<I, O>): Promise<void> {
    const fault = await this.#sendTogether([job]);
    if (fault !== undefined) job.reject(fault.cause);
  }

  async #sendTogether(jobs: readonly Job<I, O>[]): Promise<{ readonly cause: unknown } | undefined> {
    try {
      const results = await this.#send(jobs.map(({ item }) => item));
      for (const [i, job] of jobs.entries()) job.resolve(results[i] as O);
      return undefined;
    } catch (cause) {
      return { cause };
    }
  }
}
