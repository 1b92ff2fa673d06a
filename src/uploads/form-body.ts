import { randomBytes } from 'node:crypto';
import { readPieces, type UploadedFile } from './uploaded-file.js';

/** A form as the body of a request: its length is known before it is read, and each attempt reads it anew. */
export interface FormBody extends AsyncIterable<Uint8Array> {
  readonly contentType: string;
  readonly contentLength: number;
}

const encoder = new TextEncoder();

/** Writes fields and files as `multipart/form-data`. Source: RFC 7578; names are escaped as the HTML standard says. */
export function formBody(fields: readonly (readonly [string, string])[], files: readonly UploadedFile[]): FormBody {
  const boundary = `----metask${randomBytes(16).toString('hex')}`;
  const disposition = (name: string) => `--${boundary}\r\nContent-Disposition: form-data; name="${escaped(name)}"`;
  const texts = fields.map(([name, value]) => encoder.encode(`${disposition(name)}\r\n\r\n${value}\r\n`));
  const heads = files.map(({ field, name, contentType }) =>
    encoder.encode(
      `${disposition(field)}; filename="${escaped(name)}"\r\nContent-Type: ${oneLine(contentType)}\r\n\r\n`,
    ),
  );
  const lineEnd = encoder.encode('\r\n');
  const end = encoder.encode(`--${boundary}--\r\n`);
  const contentLength =
    [...texts, ...heads, end].reduce((sum, { byteLength }) => sum + byteLength, 0) +
    files.reduce((sum, { size }) => sum + size + lineEnd.byteLength, 0);
  return {
    contentType: `multipart/form-data; boundary=${boundary}`,
    contentLength,
    async *[Symbol.asyncIterator]() {
      yield* texts;
      for (const [i, file] of files.entries()) {
        yield heads[i] as Uint8Array;
        yield* readPieces(file);
        yield lineEnd;
      }
      yield end;
    },
  };
}

function escaped(name: string): string {
  return name.replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('"', '%22');
}

function oneLine(text: string): string {
  return text.replace(/[\r\n]+/g, ' ');
}
