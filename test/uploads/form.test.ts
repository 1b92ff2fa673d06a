import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import type { GatewayRequest } from '../../src/http/exchange.js';
import { GatewayError } from '../../src/lib/errors.js';
import { type Form, readForm } from '../../src/uploads/form.js';
import { formBody } from '../../src/uploads/form-body.js';
import { ownTempFolder } from '../helpers/own-temp-folder.js';

const BOUNDARY = 'xYzZY';
const LIMITS = { maxBytes: 1_000_000, maxFieldBytes: 2_000, maxFiles: 4 };

const folder = ownTempFolder();
afterEach(() => expect(folder.uploads()).toEqual([]));
afterAll(() => folder.remove());

interface Part {
  readonly name: string;
  readonly file?: string;
  readonly content: Buffer;
}

/** A form as clients write it. */
function written(parts: readonly Part[], boundary = BOUNDARY): Buffer {
  const pieces = parts.flatMap(({ name, file, content }) => [
    Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"`),
    Buffer.from(file === undefined ? '' : `; filename="${file}"\r\nContent-Type: audio/wav`),
    Buffer.from('\r\n\r\n'),
    content,
    Buffer.from('\r\n'),
  ]);
  return Buffer.concat([...pieces, Buffer.from(`--${boundary}--\r\n`)]);
}

function requestOf(pieces: readonly Uint8Array[], boundary = BOUNDARY): GatewayRequest {
  return {
    method: 'POST',
    path: '/audio/transcriptions',
    headers: { 'content-type': `multipart/form-data; boundary=${boundary}` },
    body: () => Buffer.concat(pieces),
    async *pieces() {
      yield* pieces;
    },
    signal: new AbortController().signal,
  };
}

async function read(pieces: readonly Uint8Array[], boundary?: string) {
  const form = await readForm(requestOf(pieces, boundary), LIMITS);
  try {
    return contentOf(form);
  } finally {
    await form.dispose();
  }
}

function contentOf(form: Form) {
  return {
    fields: [...form.fields],
    files: form.files.map(({ field, name, contentType, size, path }) => ({
      field,
      name,
      contentType,
      size,
      content: readFileSync(path).toString('base64'),
    })),
  };
}

const PARTS: readonly Part[] = [
  { name: 'model', content: Buffer.from('whisper-1') },
  { name: 'prompt', content: Buffer.from('Grüße, 世界') },
  { name: 'file', file: 'a.wav', content: Buffer.from(`RIFF\r\n--${BOUNDARY.slice(0, -1)}x\r\n-\r\n--\r\n\r\n`) },
];
const EXPECTED = {
  fields: [
    ['model', ['whisper-1']],
    ['prompt', ['Grüße, 世界']],
  ],
  files: [
    {
      field: 'file',
      name: 'a.wav',
      contentType: 'audio/wav',
      size: PARTS[2]?.content.length,
      content: PARTS[2]?.content.toString('base64'),
    },
  ],
};

describe('a form says the same', () => {
  const bytes = written(PARTS);

  test('cut in two at every place', async () => {
    for (let at = 0; at <= bytes.length; at += 1) {
      expect(await read([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(EXPECTED);
    }
  });

  test('in single bytes', async () => {
    expect(await read([...bytes].map((byte) => Buffer.from([byte])))).toEqual(EXPECTED);
  });

  test('whatever is in it and however it is cut', async () => {
    const content = fc.oneof(
      fc.uint8Array({ maxLength: 300 }).map((data) => Buffer.from(data)),
      // What looks like the frame of a form.
      fc
        .array(fc.constantFrom('\r\n', '--', '-', '\r', '\n', BOUNDARY.slice(1), 'a'), { maxLength: 30 })
        .map((texts) => Buffer.from(texts.join(''))),
    );
    const sizes = fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(fc.array(content, { minLength: 1, maxLength: 3 }), sizes, async (contents, cuts) => {
        const parts = contents.map((data, index) => ({ name: 'image[]', file: `${index}.png`, content: data }));
        const { files } = await read(cut(written(parts), cuts));
        expect(files.map((file) => file.content)).toEqual(contents.map((data) => data.toString('base64')));
      }),
      { numRuns: 150 },
    );
  });

  test('when it is written anew for the provider', async () => {
    const form = await readForm(requestOf([bytes]), LIMITS);
    const body = formBody(
      [...form.fields].flatMap(([name, values]) => values.map((value) => [name, value] as const)),
      form.files,
    );
    const pieces: Uint8Array[] = [];
    for await (const piece of body) pieces.push(piece);
    expect(Buffer.concat(pieces).length).toBe(body.contentLength);
    expect(await read(pieces, body.contentType.split('boundary=')[1])).toEqual(EXPECTED);
    await form.dispose();
  });
});

test('fields are kept in memory: their bytes are counted and bounded', async () => {
  const held: number[] = [];
  const fields = Array.from({ length: 4 }, (_, index) => ({ name: `f${index}`, content: Buffer.alloc(400, 'a') }));
  await (await readForm(requestOf([written(fields)]), LIMITS, (bytes) => held.push(bytes))).dispose();
  expect(held).toEqual([400, 400, 400, 400]);
  const more = [...fields, { name: 'last', content: Buffer.alloc(500, 'a') }];
  await expect(readForm(requestOf([written(more)]), LIMITS)).rejects.toMatchObject({ status: 413, param: 'last' });
  const full = () => {
    throw new GatewayError('service_unavailable');
  };
  await expect(readForm(requestOf([written(fields)]), LIMITS, full)).rejects.toMatchObject({ status: 503 });
});

test('a form that is cut off anywhere is refused, and nothing is left of it', async () => {
  const bytes = written(PARTS);
  for (let length = 0; length < bytes.length - 4; length += 1) {
    await expect(readForm(requestOf([bytes.subarray(0, length)]), LIMITS)).rejects.toMatchObject({
      status: 400,
      code: 'invalid_request',
    });
  }
});

/** Cuts bytes into pieces of these lengths, again and again. */
function cut(bytes: Buffer, lengths: readonly number[]): Buffer[] {
  const pieces: Buffer[] = [];
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const length = lengths[index % lengths.length] as number;
    pieces.push(bytes.subarray(at, at + length));
    at += length;
  }
  return pieces;
}
