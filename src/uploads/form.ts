import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Busboy } from '@fastify/busboy';
import { type GatewayRequest, headerValue } from '../http/exchange.js';
import { GatewayError, toGatewayError } from '../lib/errors.js';
import { Turnstile } from '../lib/turnstile.js';
import { FileWriters } from './file-writers.js';
import type { UploadedFile } from './uploaded-file.js';

/** How much of a form is taken. */
export interface FormLimits {
  /** Bytes of the whole body. */
  readonly maxBytes: number;
  /** Of all fields together, which are in memory. */
  readonly maxFieldBytes: number;
  readonly maxFiles: number;
}

/** A form that was read to its end. */
export interface Form {
  /** Values by field; fields that were sent more than once have more than one. */
  readonly fields: ReadonlyMap<string, readonly string[]>;
  readonly files: readonly UploadedFile[];
  /** Deletes its files. Called once, when the request is over. */
  dispose(): Promise<void>;
}

const MAX_FIELDS = 100;
const MAX_FIELD_BYTES = 1024 * 1024;
const MAX_NAME_BYTES = 256;

/**
 * Reads a `multipart/form-data` body as it comes; its files go to a folder of their own.
 *
 * Source: RFC 7578.
 *
 * @param holdBytes called with the bytes that are kept in memory; throws where that is too much.
 * @throws {GatewayError} `unsupported_media_type`, `request_too_large`, or `invalid_request` for a body that is cut or
 * malformed; nothing is left behind then.
 */
export async function readForm(
  request: GatewayRequest,
  limits: FormLimits,
  holdBytes?: (bytes: number) => void,
): Promise<Form> {
  const type = headerValue(request.headers, 'content-type') ?? '';
  if (!/^multipart\/form-data\s*;.*boundary=/i.test(type))
    throw new GatewayError('unsupported_media_type', { message: 'The content type must be multipart/form-data.' });
  if (request.parsedBody !== undefined)
    throw new GatewayError('invalid_request', {
      message: 'The form was already consumed: mount the gateway before any body parser.',
    });
  const folder = await mkdtemp(join(tmpdir(), 'metask-upload-'));
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    return { ...(await parse(await bodyPieces(request, limits), type, folder, limits, holdBytes)), dispose };
  } catch (thrown) {
    await dispose();
    throw thrown;
  }
}

/** The body as it comes, or all of it from hosts that can't say it otherwise. */
async function bodyPieces(
  request: GatewayRequest,
  { maxBytes }: FormLimits,
): Promise<AsyncIterable<Uint8Array> | Iterable<Uint8Array>> {
  if (Number(headerValue(request.headers, 'content-length') ?? 0) > maxBytes)
    throw new GatewayError('request_too_large');
  return request.pieces?.() ?? [await request.body(maxBytes)];
}

/** Pieces of all forms that are parsed and written to disk at once: more would only wait for the disk, in memory. */
const turns = new Turnstile(8);

async function parse(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  type: string,
  folder: string,
  limits: FormLimits,
  holdBytes: ((bytes: number) => void) | undefined,
): Promise<Pick<Form, 'fields' | 'files'>> {
  const files = new FileWriters(folder);
  const parser = new FormParser(type, limits, files, holdBytes);
  let size = 0;
  try {
    for await (const piece of pieces) {
      size += piece.byteLength;
      if (size > limits.maxBytes) throw new GatewayError('request_too_large');
      await turns.enter();
      try {
        await parser.write(piece);
        await files.flush();
      } finally {
        turns.leave();
      }
    }
    await parser.end();
    await files.flush();
  } catch (cause) {
    throw GatewayError.isInstance(cause) ? cause : broken(cause);
  } finally {
    await files.close();
  }
  if (parser.problem) throw parser.problem;
  return { fields: parser.fields, files: files.written };
}

/** Finds fields and files in the bytes of a form. */
class FormParser {
  readonly fields = new Map<string, string[]>();
  /** What is wrong with the form, known before its end. */
  problem: GatewayError | undefined;
  readonly #busboy: InstanceType<typeof Busboy>;
  readonly #limits: FormLimits;
  readonly #writers: FileWriters;
  readonly #holdBytes: ((bytes: number) => void) | undefined;
  #fieldBytes = 0;
  #files = 0;
  #failure: unknown;

  constructor(
    type: string,
    limits: FormLimits,
    writers: FileWriters,
    holdBytes: ((bytes: number) => void) | undefined,
  ) {
    this.#limits = limits;
    this.#writers = writers;
    this.#holdBytes = holdBytes;
    this.#busboy = new Busboy({
      headers: { 'content-type': type },
      limits: {
        fieldNameSize: MAX_NAME_BYTES,
        fieldSize: MAX_FIELD_BYTES,
        fields: MAX_FIELDS,
        // one more, whose field is named in the refusal
        files: limits.maxFiles + 1,
        parts: MAX_FIELDS + limits.maxFiles + 1,
      },
    });
    this.#busboy
      .on('error', this.#fail)
      .on('field', (name, value, nameCut, valueCut) => this.#addField(name, value, nameCut || valueCut))
      .on('file', (field, stream, name, _encoding, contentType) => this.#addFile(field, stream, name, contentType))
      .on('fieldsLimit', () => {
        this.problem ??= new GatewayError('invalid_value', { message: `Send at most ${MAX_FIELDS} fields.` });
      });
  }

  readonly #fail = (error: unknown): void => {
    this.#failure ??= error;
  };

  #addField(name: string, value: string, isCut: boolean): void {
    const bytes = Buffer.byteLength(value);
    this.#fieldBytes += bytes;
    if (isCut || this.#fieldBytes > this.#limits.maxFieldBytes)
      this.problem ??= new GatewayError('request_too_large', { param: name });
    if (this.problem) return;
    try {
      this.#holdBytes?.(bytes);
      this.fields.set(name, [...(this.fields.get(name) ?? []), value]);
    } catch (thrown) {
      this.problem = toGatewayError(thrown);
    }
  }

  #addFile(field: string, stream: Readable, name: string | undefined, contentType: string | undefined): void {
    const { maxFiles } = this.#limits;
    this.#files += 1;
    if (this.#files > maxFiles) {
      this.problem ??= tooMany(field, maxFiles);
      stream.on('error', this.#fail).resume();
      return;
    }
    const file = this.#writers.begin(field, name ?? '', contentType ?? 'application/octet-stream');
    stream.on('error', this.#fail).on('data', (piece: Buffer) => this.#writers.add(file, piece));
  }

  /** Resolves when the piece is parsed. Rejects where the form is malformed. */
  write(piece: Uint8Array): Promise<void> {
    return this.#done((onDone) => this.#busboy.write(piece, onDone));
  }

  /** Resolves when all of its files have been found. Rejects where the form is cut. */
  end(): Promise<void> {
    return this.#done((onDone) => this.#busboy.once('finish', onDone).end());
  }

  #done(work: (onDone: (error?: unknown) => void) => void): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (error?: unknown) => {
        this.#busboy.off('error', settle);
        this.#failure ??= error;
        if (this.#failure) reject(this.#failure);
        else resolve();
      };
      this.#busboy.once('error', settle);
      work(settle);
    });
  }
}

function tooMany(param: string, most: number): GatewayError {
  const message = `Send at most ${most} file${most === 1 ? '' : 's'}: the one in '${param.slice(0, 64)}' is too many.`;
  return new GatewayError('invalid_value', { message, param: param.slice(0, 64) });
}

function broken(cause: unknown): GatewayError {
  return new GatewayError('invalid_request', { message: 'The form is malformed or was not complete.', cause });
}
