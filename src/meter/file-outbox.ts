import { type FileHandle, open, readFile, rename, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { mapInTurns } from '../lib/in-turns.js';
import type { Settlement } from './meter.js';
import type { Outbox } from './outbox.js';
import { settlementFromJson, settlementToJson } from './settlement-json.js';

/** Lines about removed settlements are kept up to this number before the file is rewritten. */
const MAX_DEAD_LINES = 1_000;

interface Write {
  readonly line: string;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * An outbox in a file of JSON lines, for settlements that must outlive the process.
 *
 * `append` resolves after an fsync that it shares with whatever else is appended meanwhile. A line that a crash cut
 * short is ignored: its `append` never resolved. Give each process a path of its own, the same after a restart
 * (a worker's number, not its process id), in a folder that exists.
 *
 * @throws {TypeError} without a path.
 * @throws (from its methods) when the file can't be read or written; nothing that was appended before is lost by it.
 */
export function fileOutbox(path: string): Outbox {
  if (typeof path !== 'string' || path === '') throw new TypeError('fileOutbox: the path of its file is missing');
  const file = new OutboxFile(path);
  return {
    append: (settlement) => file.append(settlement),
    pending: () => file.pending(),
    remove: (ids) => file.remove(ids),
    close: () => file.close(),
  };
}

class OutboxFile {
  readonly #path: string;
  /** The line of each settlement that waits, by id. */
  readonly #waiting = new Map<string, string>();
  #opening: Promise<void> | undefined;
  /** Whether lines may be added to the file as it is. */
  #whole = false;
  #file: FileHandle | undefined;
  #deadLines = 0;
  #writes: Write[] = [];
  #writing: Promise<void> | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async append(settlement: Settlement): Promise<void> {
    await this.#open();
    const line = settlementToJson(settlement);
    this.#waiting.set(settlement.id, line);
    await this.#write(line);
  }

  async pending(): Promise<Settlement[]> {
    await this.#open();
    return mapInTurns([...this.#waiting.values()], settlementFromJson);
  }

  async remove(ids: readonly string[]): Promise<void> {
    await this.#open();
    const known = ids.filter((id) => this.#waiting.delete(id));
    if (known.length === 0) return;
    this.#deadLines += known.length + 1;
    await this.#write(JSON.stringify({ removed: known }));
  }

  async close(): Promise<void> {
    await this.#writing;
    await this.#file?.close();
    this.#file = undefined;
    this.#opening = undefined;
  }

  #open(): Promise<void> {
    this.#opening ??= this.#load().catch((error: unknown) => {
      this.#opening = undefined;
      throw error;
    });
    return this.#opening;
  }

  async #load(): Promise<void> {
    const content = await readFile(this.#path, 'utf8').catch((error: unknown) => {
      if ((error as { code?: unknown }).code === 'ENOENT') return '';
      throw error;
    });
    const lines = content.split('\n');
    const torn = lines.pop();
    await mapInTurns([...lines.entries()], ([i, line]) => this.#read(line, i + 1));
    // Nothing is written yet: a command that is run beside the app must not put a file in the place of the app's own.
    this.#whole = content !== '' && torn === '';
  }

  #read(line: string, number: number): void {
    try {
      const { id, removed } = JSON.parse(line) as { id?: string; removed?: string[] };
      if (id !== undefined) this.#waiting.set(id, line);
      for (const id of removed ?? []) this.#waiting.delete(id);
      if (removed) this.#deadLines += removed.length + 1;
    } catch (cause) {
      throw new Error(`line ${number} of the outbox ${this.#path} can't be read; repair or move the file`, { cause });
    }
  }

  #write(line: string): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#writes.push({ line, resolve, reject });
      this.#writing ??= this.#flush().finally(() => {
        this.#writing = undefined;
      });
    });
  }

  /** Writes what waits to be written, in groups that share one fsync. Never rejects. */
  async #flush(): Promise<void> {
    while (this.#writes.length > 0) {
      const group = this.#writes.splice(0);
      try {
        await this.#writeGroup(group.map(({ line }) => `${line}\n`).join(''));
        for (const { resolve } of group) resolve();
      } catch (error) {
        // It is unknown how much reached the disk: the next write starts a new file.
        this.#whole = false;
        for (const { reject } of group) reject(error);
      }
    }
  }

  async #writeGroup(lines: string): Promise<void> {
    if (!this.#whole || this.#deadLines > MAX_DEAD_LINES || !(await this.#isInPlace())) {
      await this.#rewrite();
      return;
    }
    this.#file ??= await open(this.#path, 'a');
    await this.#file.appendFile(lines);
    await this.#file.datasync();
  }

  /** False where the file was deleted, or another process has put one of its own in its place: lines would be lost with it. */
  async #isInPlace(): Promise<boolean> {
    const there = await stat(this.#path).catch(() => undefined);
    const own = await this.#file?.stat();
    return there !== undefined && (own === undefined || (own.ino === there.ino && own.dev === there.dev));
  }

  /** Writes a new file with only what waits and puts it in the place of the old one, in one step. */
  async #rewrite(): Promise<void> {
    const next = `${this.#path}.next`;
    const file = await open(next, 'w');
    try {
      await file.writeFile([...this.#waiting.values()].map((line) => `${line}\n`).join(''));
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(next, this.#path);
    await syncFolder(dirname(this.#path));
    await this.#file?.close().catch(() => {});
    this.#file = await open(this.#path, 'a');
    this.#whole = true;
    this.#deadLines = 0;
  }
}

/** Makes a rename in a folder survive a power cut; Windows can't open folders and needs no such step. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r').catch(() => undefined);
  try {
    await folder?.sync();
  } finally {
    await folder?.close();
  }
}
