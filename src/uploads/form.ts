import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy } from '@fastify/busboy';
import { type GatewayRequest, headerValue } from '../http/exchange.js';
import { GatewayError, toGatewayError } from '../lib/errors.js';
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
      message: 'A body parser has read the form before the gateway could: mount the gateway before it.',
    });
  const folder = await mkdtemp(join(tmpdir(), 'metask-upload-'));
  const dispose = () => rm(folder, { recursive: true, force: true });
  try {
    return { ...(await parse(await bodyStream(request, limits), type, folder, limits, holdBytes)), dispose };
  } catch (thrown) {
    await dispose();
    throw thrown;
  }
}

/** The body as it comes, or all of it from hosts that can't say it otherwise. */
async function bodyStream(request: GatewayRequest, { maxBytes }: FormLimits): Promise<Readable> {
  if (Number(headerValue(request.headers, 'content-length') ?? 0) > maxBytes)
    throw new GatewayError('request_too_large');
  const pieces = request.pieces?.();
  return pieces ? Readable.from(pieces, { objectMode: false }) : Readable.from([await request.body(maxBytes)]);
}

async function parse(
  source: Readable,
  type: string,
  folder: string,
  { maxBytes, maxFieldBytes, maxFiles }: FormLimits,
  holdBytes: ((bytes: number) => void) | undefined,
): Promise<Pick<Form, 'fields' | 'files'>> {
  const fields = new Map<string, string[]>();
  const files: UploadedFile[] = [];
  const writing: Promise<void>[] = [];
  let problem: GatewayError | undefined;
  let fieldBytes = 0;
  const parser = new Busboy({
    headers: { 'content-type': type },
    limits: {
      fieldNameSize: MAX_NAME_BYTES,
      fieldSize: MAX_FIELD_BYTES,
      fields: MAX_FIELDS,
      files: maxFiles,
      parts: MAX_FIELDS + maxFiles,
    },
  });
  parser.on('field', (name, value, nameCut, valueCut) => {
    fieldBytes += Buffer.byteLength(value);
    if (nameCut || valueCut || fieldBytes > maxFieldBytes)
      problem ??= new GatewayError('request_too_large', { param: name });
    if (problem) return;
    try {
      holdBytes?.(Buffer.byteLength(value));
      fields.set(name, [...(fields.get(name) ?? []), value]);
    } catch (thrown) {
      problem = toGatewayError(thrown);
    }
  });
  parser.on('file', (field, stream, name, _encoding, contentType) => {
    const path = join(folder, String(writing.length));
    let size = 0;
    stream.on('data', (piece: Buffer) => {
      size += piece.byteLength;
    });
    const written = pipeline(stream, createWriteStream(path)).then(() => {
      files.push({ field, name: name ?? '', contentType: contentType ?? 'application/octet-stream', size, path });
    });
    writing.push(written);
    written.catch(() => undefined);
  });
  parser.on('filesLimit', () => {
    problem ??= new GatewayError('invalid_value', { message: `Send at most ${maxFiles} files.` });
  });
  parser.on('fieldsLimit', () => {
    problem ??= new GatewayError('invalid_value', { message: `Send at most ${MAX_FIELDS} fields.` });
  });
  try {
    await pipeline(source, (pieces: AsyncIterable<Uint8Array>) => bounded(pieces, maxBytes), parser);
    await Promise.all(writing);
  } catch (cause) {
    await Promise.allSettled(writing);
    throw GatewayError.isInstance(cause) ? cause : broken(cause);
  }
  if (problem) throw problem;
  // In the order of the form, whichever was written first.
  return { fields, files: files.sort((a, b) => a.path.localeCompare(b.path, 'en', { numeric: true })) };
}

async function* bounded(pieces: AsyncIterable<Uint8Array>, maxBytes: number): AsyncIterable<Uint8Array> {
  let size = 0;
  for await (const piece of pieces) {
    size += piece.byteLength;
    if (size > maxBytes) throw new GatewayError('request_too_large');
    yield piece;
  }
}

function broken(cause: unknown): GatewayError {
  return new GatewayError('invalid_request', { message: 'The form is malformed or was not complete.', cause });
}
