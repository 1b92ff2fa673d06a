import { recordedFiles } from './recording-folders.js';

/** Which provider of the gateway answers with a recording. */
export type RecordedProvider = 'openai' | 'anthropic' | 'google' | 'compatible';

/** One recorded answer to a chat request, as bytes that can be sent again. */
export interface Recording {
  /** File and position: `anthropic/vercel-ai/anthropic-text.json#0`. */
  readonly name: string;
  readonly provider: RecordedProvider;
  readonly stream: boolean;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** The native request that was answered, where it was recorded. */
  readonly request?: Record<string, unknown>;
  readonly expected?: Expected;
}

/** What EXPECTED.json says of an answer. */
export interface Expected {
  readonly skip?: string;
  readonly id?: string;
  readonly model?: string;
  readonly text: string;
  readonly reasoning: string;
  /** Arguments are JSON text for OpenAI-style streams and parsed elsewhere; a null id means that there was none. */
  readonly tool_calls: readonly { id: string | null; name: string; arguments: unknown }[];
  readonly finish_reason: string | null;
  readonly usage: Record<string, unknown> | null;
  readonly error?: { message?: string };
}

type Fields = Record<string, unknown>;

interface Interaction {
  readonly request: { url: string; body?: Fields; bodySegments?: Fields[] };
  readonly response: {
    status?: number;
    statusCode?: number;
    headers?: Record<string, string>;
    body?: unknown;
    sse?: string;
    bodySegments?: unknown[];
  };
}

const PROVIDERS: Readonly<Record<string, RecordedProvider>> = {
  openai: 'openai',
  anthropic: 'anthropic',
  gemini: 'google',
  'openai-compatible': 'compatible',
};

const CHAT_URL: Readonly<Record<RecordedProvider, RegExp>> = {
  openai: /\/chat\/completions$/,
  compatible: /\/chat\/completions$/,
  anthropic: /\/messages(?:\?|$)/,
  google: /:(?:stream)?generateContent/i,
};

/** All recorded answers to chat requests, errors included. */
export function recordings(): Recording[] {
  return recordedFiles<Expected>().flatMap(({ path, text, expected }) =>
    readRecording(path, text).map(({ position, ...recording }) => {
      const entry = expected[position];
      return entry ? { ...recording, expected: entry } : recording;
    }),
  );
}

function readRecording(file: string, text: string): (Recording & { position: number })[] {
  const provider = PROVIDERS[file.slice(0, file.indexOf('/'))];
  if (provider === undefined) return [];
  const named = (position: number) => ({ name: `${file}#${position}`, position });
  const streamed = { stream: true, status: 200, headers: { 'content-type': 'text/event-stream' } };
  if (file.endsWith('.sse') || file.endsWith('.txt')) {
    const body = file.endsWith('.chunks.txt') ? eventsOf(text.trim().split('\n'), provider) : text;
    return isChat(body, provider) ? [{ ...named(0), provider, ...streamed, body }] : [];
  }
  const json = JSON.parse(text) as Fields;
  if (!Array.isArray(json.interactions)) {
    const status = json.error === undefined ? 200 : 400;
    const headers = { 'content-type': 'application/json' };
    return isChat(text, provider) ? [{ ...named(0), provider, stream: false, status, headers, body: text }] : [];
  }
  return (json.interactions as Interaction[]).flatMap((interaction, position) => {
    const { request, response } = interaction;
    const status = response.status ?? response.statusCode ?? 200;
    // errors look alike on all routes of a provider
    const chat = providerOf(request.url) ?? (status >= 400 ? PROVIDERS[file.slice(0, file.indexOf('/'))] : undefined);
    if (chat === undefined) return [];
    const stream = response.sse !== undefined || /:streamGenerateContent/.test(request.url);
    const segments = (response.bodySegments ?? []).map((segment) => JSON.stringify(segment));
    const whole = response.body === undefined ? (segments[0] ?? '') : JSON.stringify(response.body);
    const events = response.sse ?? eventsOf(segments, chat);
    const sent = request.body ?? request.bodySegments?.[0];
    return [
      {
        ...named(position),
        provider: file.startsWith('openai-compatible/') ? 'compatible' : chat,
        stream,
        status,
        headers: { ...keptHeaders(response.headers ?? {}), 'content-type': contentType(stream && status === 200) },
        body: stream && status === 200 ? events : whole,
        ...(sent && { request: sent }),
      },
    ];
  });
}

function providerOf(url: string): RecordedProvider | undefined {
  return (['openai', 'anthropic', 'google'] as const).find((provider) => CHAT_URL[provider].test(url));
}

/** Event-stream text of data payloads, laid out as each provider does. */
function eventsOf(payloads: readonly string[], provider: RecordedProvider): string {
  if (provider === 'google') return payloads.map((data) => `data: ${data}\r\n\r\n`).join('');
  if (provider === 'anthropic') {
    return payloads.map((data) => `event: ${(JSON.parse(data) as Fields).type}\ndata: ${data}\n\n`).join('');
  }
  return `${payloads.map((data) => `data: ${data}\n\n`).join('')}data: [DONE]\n\n`;
}

function isChat(text: string, provider: RecordedProvider): boolean {
  switch (provider) {
    case 'openai':
    case 'compatible':
      return /"object":\s*"chat\.completion|"error":\s*\{/.test(text);
    case 'anthropic':
      return /"type":\s*"(?:message|message_start|error)"/.test(text);
    case 'google':
      return /"(?:candidates|promptFeedback|error|usageMetadata)":/.test(text);
  }
}

function contentType(stream: boolean): string {
  return stream ? 'text/event-stream' : 'application/json';
}

/** Headers that describe the recorded body's encoding don't fit the one that is sent. */
function keptHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (/^(?:retry-after|request-id|x-request-id|x-ratelimit)/i.test(name)) kept[name.toLowerCase()] = String(value);
  }
  return kept;
}
