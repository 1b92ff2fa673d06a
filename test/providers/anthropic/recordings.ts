import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

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

/** Every recording of Anthropic's API in the shared folder. */
export function recordings(shared: string): Recording[] {
  const root = join(shared, 'fixtures');
  const files = readdirSync(join(root, 'anthropic'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
  return files.sort().flatMap((file) => read(file, readFileSync(join(root, file), 'utf8')));
}

/** The oracle: one entry per answer, by file. */
export function expectations(shared: string): Record<string, (Expected | null)[]> {
  const text = readFileSync(join(shared, 'fixtures', 'EXPECTED.json'), 'utf8');
  return (JSON.parse(text) as { files: Record<string, (Expected | null)[]> }).files;
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
