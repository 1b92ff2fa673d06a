import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** A file of a form, kept on disk until the request is over: any number of uploads at once takes next to no memory. */
export interface UploadedFile {
  /** The field that it was sent in: `file`, `image[]`. */
  readonly field: string;
  readonly name: string;
  /** As the client declared it. */
  readonly contentType: string;
  readonly size: number;
  /** Where it lies. */
  readonly path: string;
}

/** The bytes of a file, piece by piece. */
export function readPieces({ path }: UploadedFile): AsyncIterable<Uint8Array> {
  return createReadStream(path, { highWaterMark: 64 * 1024 });
}

/** The whole file as base64. */
export function readBase64({ path }: UploadedFile): Promise<string> {
  return readFile(path, 'base64');
}

let measuring: Promise<unknown> = Promise.resolve();

/** Looks at a whole file. One file is looked at at a time, so that memory does not grow with their number. */
export function lookAt<T>({ path }: UploadedFile, look: (bytes: Buffer) => T): Promise<T> {
  const looked = measuring.then(async () => look(await readFile(path)));
  measuring = looked.catch(() => undefined);
  return looked;
}
