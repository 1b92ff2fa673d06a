import { open, readFile } from 'node:fs/promises';

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

const PIECE_BYTES = 32 * 1024;

/** The bytes of a file, each piece when it is asked for: a stream would read some more ahead. */
export async function* readPieces({ path }: UploadedFile): AsyncIterable<Uint8Array> {
  const file = await open(path);
  try {
    for (;;) {
      const piece = Buffer.allocUnsafe(PIECE_BYTES);
      const { bytesRead } = await file.read(piece, 0, PIECE_BYTES);
      if (bytesRead === 0) return;
      yield piece.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

/** The whole file as base64. */
export function readBase64({ path }: UploadedFile): Promise<string> {
  return readFile(path, 'base64');
}

let measuring: Promise<unknown> = Promise.resolve();
let waiting = 0;
/** Where files are looked at, one after the other: a buffer for each would wait for the garbage collector. */
let space: Buffer | undefined;

/**
 * Looks at a whole file, whose bytes may not be kept. One file is looked at at a time, so that memory does not grow with
 * their number.
 */
export function lookAt<T>(file: UploadedFile, look: (bytes: Buffer) => T | Promise<T>): Promise<T> {
  waiting += 1;
  const looked = measuring.then(async () => look(await readWhole(file)));
  measuring = looked
    .catch(() => undefined)
    .then(() => {
      waiting -= 1;
      if (waiting === 0) space = undefined;
    });
  return looked;
}

async function readWhole({ path, size }: UploadedFile): Promise<Buffer> {
  if (space === undefined || space.byteLength < size) space = Buffer.allocUnsafeSlow(size);
  const bytes = space.subarray(0, size);
  const file = await open(path);
  try {
    for (let at = 0; at < size; ) {
      const { bytesRead } = await file.read(bytes, at, size - at);
      if (bytesRead === 0) throw new Error('an uploaded file was cut');
      at += bytesRead;
    }
  } finally {
    await file.close();
  }
  return bytes;
}
