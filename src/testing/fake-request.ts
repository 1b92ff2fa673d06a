import type { IncomingMessage, ServerResponse } from 'node:http';
import type { FakeRequest } from './fake-answer.js';
import type { FakeProvider } from './fake-wire.js';

/** Reads what the gateway sent; undefined when the caller left before its request was complete. */
export async function readFakeRequest(req: IncomingMessage, res: ServerResponse): Promise<FakeRequest | undefined> {
  const ended = new Promise<'complete' | 'aborted'>((resolve) => {
    res.once('close', () => resolve(res.writableFinished ? 'complete' : 'aborted'));
  });
  const text = await readText(req);
  if (text === undefined) return undefined;
  const path = req.url ?? '/';
  const body = parse(text);
  const provider = providerOf(path);
  return {
    provider,
    method: req.method ?? 'GET',
    path,
    headers: req.headers,
    text,
    body,
    model: modelOf(path) ?? String(body?.['model'] ?? ''),
    stream: STREAM_PATH.test(path) || body?.['stream'] === true,
    prompt: lastText(body),
    ended,
  };
}

async function readText(req: IncomingMessage): Promise<string | undefined> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of req) pieces.push(piece as Buffer);
  } catch {
    return undefined;
  }
  return Buffer.concat(pieces).toString();
}

function parse(text: string): FakeRequest['body'] {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

const STREAM_PATH = /:stream(?:GenerateContent|RawPredict)|\/(?:converse-stream|invoke-with-response-stream)$/;

function modelOf(path: string): string | undefined {
  const [, model] = /\/models?\/([^/:?]+)/.exec(path) ?? [];
  return model && decodeURIComponent(model);
}

/** Claude on Vertex AI is asked in Anthropic's format, by paths that look like Google's. */
export function providerOf(path: string): FakeProvider {
  if (path.startsWith('/model/')) return 'bedrock';
  if (/:(?:rawPredict|streamRawPredict)$/.test(path)) return 'anthropic';
  if (/\/models\/[^/]+:\w+/.test(path)) return 'google';
  return /\/messages(?:\/count_tokens)?(?:\?|$)/.test(path) ? 'anthropic' : 'openai';
}

interface Said {
  readonly content?: string | readonly { readonly text?: string }[];
  readonly parts?: readonly { readonly text?: string }[];
}

function messagesOf(input: unknown): unknown {
  return Array.isArray(input) && typeof input.at(-1) === 'object' ? input : undefined;
}

function lastText(body: FakeRequest['body']): string {
  const plain = body?.['prompt'] ?? body?.['input'];
  if (typeof plain === 'string') return plain;
  const said = ((body?.['messages'] ?? body?.['contents'] ?? messagesOf(plain)) as readonly Said[] | undefined)?.at(-1);
  const parts = said?.content ?? said?.parts ?? '';
  return typeof parts === 'string' ? parts : parts.map((part) => part.text ?? '').join('');
}
