import { recordedFiles } from '../../helpers/recording-folders.js';

/** One recorded answer, with the request that led to it where that was recorded. */
export interface Recording {
  /** `anthropic/…`, as in EXPECTED.json. */
  file: string;
  /** Position in the file. */
  index: number;
  status: number;
  request?: NativeRequestBody;
  json?: Record<string, unknown>;
  sse?: string;
  expected?: Expected | undefined;
}

export interface NativeRequestBody {
  messages: { role: string; content: Record<string, unknown>[] }[];
  [field: string]: unknown;
}

/** What a recording must become; computed from the specification, see the catalogue of recordings. */
export interface Expected {
  skip?: string;
  id: string;
  model: string;
  text: string;
  reasoning: string;
  tool_calls: { id: string; name: string; arguments: unknown }[];
  native_finish: string;
  finish_reason: string;
  usage: Record<string, number>;
  error?: { message: string; type: string };
  http_status?: number;
}

interface Cassette {
  interactions: {
    request: { body: NativeRequestBody };
    response: { status: number; body?: Record<string, unknown>; sse?: string };
  }[];
}

/** Every recording of Anthropic's API, with what it must become. */
export function recordings(): Recording[] {
  return recordedFiles<Expected>('anthropic').flatMap(({ path, text, expected }) =>
    read(path, text).map((recording) => ({ ...recording, expected: expected[recording.index] ?? undefined })),
  );
}

function read(file: string, text: string): Recording[] {
  if (file.endsWith('.cassette.json')) {
    return (JSON.parse(text) as Cassette).interactions.map(({ request, response }, index) => ({
      file,
      index,
      status: response.status,
      request: request.body,
      ...(response.sse === undefined ? { json: response.body ?? {} } : { sse: response.sse }),
    }));
  }
  if (file.endsWith('.json'))
    return [{ file, index: 0, status: 200, json: JSON.parse(text) as Record<string, unknown> }];
  if (!file.endsWith('.chunks.txt')) return [{ file, index: 0, status: 200, sse: text }];
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  const sse = lines.map((line) => `event: ${(JSON.parse(line) as { type: string }).type}\ndata: ${line}\n\n`).join('');
  return [{ file, index: 0, status: 200, sse }];
}
