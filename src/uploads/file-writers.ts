import { type FileHandle, open } from 'node:fs/promises';
import { join } from 'node:path';
import type { UploadedFile } from './uploaded-file.js';

/** A file that is being written. */
interface OpenFile {
  readonly field: string;
  readonly name: string;
  readonly contentType: string;
  readonly path: string;
  handle: FileHandle | undefined;
  size: number;
}

/**
 * Writes the files of one form, one piece after the other. Without streams, each of which would hold back some pieces more
 * in memory: of 200 uploads at once that is most of what they take.
 */
export class FileWriters {
  readonly #folder: string;
  readonly #files: OpenFile[] = [];
  #waiting: { readonly file: OpenFile; readonly piece: Uint8Array }[] = [];

  constructor(folder: string) {
    this.#folder = folder;
  }

  begin(field: string, name: string, contentType: string): OpenFile {
    const path = join(this.#folder, String(this.#files.length));
    const file = { field, name, contentType, path, handle: undefined, size: 0 };
    this.#files.push(file);
    return file;
  }

  /** Takes a piece, which `flush` writes. */
  add(file: OpenFile, piece: Uint8Array): void {
    file.size += piece.byteLength;
    this.#waiting.push({ file, piece });
  }

  /** Writes what waits. */
  async flush(): Promise<void> {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { file, piece } of waiting) {
      file.handle ??= await open(file.path, 'w');
      await file.handle.appendFile(piece);
    }
  }

  /** Closes all open files. An empty file exists afterwards as well. */
  async close(): Promise<void> {
    for (const file of this.#files) {
      file.handle ??= await open(file.path, 'w');
      await file.handle.close();
    }
  }

  /** In the order of the form. */
  get written(): UploadedFile[] {
    return this.#files.map(({ field, name, contentType, path, size }) => ({ field, name, contentType, path, size }));
  }
}
