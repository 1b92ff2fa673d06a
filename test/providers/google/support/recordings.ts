import { recordedFiles } from '../../../helpers/recording-folders.js';

/** What a correct gateway makes of a recorded answer. */
export interface Expected {
  id: string | null;
  model: string | null;
  text: string;
  reasoning: string;
  tool_calls: { id: string | null; name: string; arguments: Record<string, unknown> }[];
  native_finish: string | null;
  finish_reason: string;
  usage: Record<string, number> | null;
  signatures: number;
  error?: { code: number; message: string; status: string };
  http_status?: number;
  skip?: string;
}

/** One recorded request and its answer. */
export interface Recording {
  /** Path below the fixtures, and the place in its conversation. */
  readonly name: string;
  readonly url: string;
  readonly status: number;
  readonly request: Record<string, unknown> | undefined;
  /** The JSON answer, for `generateContent` and for errors. */
  readonly json?: unknown;
  /** The bytes of a stream as they were, or as they must have been: CRLF. */
  readonly sse?: string;
  readonly expected: Expected | null;
}

interface Interaction {
  request?: { url?: string; body?: Record<string, unknown>; bodySegments?: Record<string, unknown>[] };
  response: { status?: number; statusCode?: number; body?: unknown; sse?: string; bodySegments?: unknown[] };
}

/** All recorded exchanges with the Gemini API, conversations in their order. */
export function recordedConversations(): Recording[][] {
  return recordedFiles<Expected>('gemini')
    .filter(({ path }) => /\.(json|txt)$/.test(path))
    .map(({ path, text, expected }) =>
      readInteractions(text, path).map((interaction, index) =>
        toRecording(`${path} #${index + 1}`, interaction, expected[index] ?? null),
      ),
    );
}

/** A data payload as Gemini sends it. */
export function toEvent(value: unknown): string {
  return `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\r\n\r\n`;
}

function readInteractions(text: string, file: string): Interaction[] {
  if (file.endsWith('.txt')) {
    const events = text.split('\n').filter((line) => line.trim() !== '');
    return [{ response: { sse: events.map(toEvent).join('') } }];
  }
  const json = JSON.parse(text);
  return json.interactions ?? [{ response: { body: json } }];
}

function toRecording(name: string, { request, response }: Interaction, expected: Expected | null): Recording {
  const url = request?.url ?? '';
  const segments = response.bodySegments ?? [];
  const isStream = response.sse !== undefined || (url.includes(':streamGenerateContent') && isSuccess(response));
  return {
    name,
    url,
    status: response.status ?? response.statusCode ?? 200,
    request: request?.body ?? request?.bodySegments?.[0],
    ...(isStream ? { sse: response.sse ?? segments.map(toEvent).join('') } : { json: response.body ?? segments[0] }),
    expected,
  };
}

function isSuccess({ status, statusCode }: Interaction['response']): boolean {
  return (status ?? statusCode ?? 200) < 300;
}
