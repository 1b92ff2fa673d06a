import { ApiError, apiUrl, failureOf, send } from '../client.js';
import { isElsewhere, readBody } from '../early-reads.js';
import { t } from '../i18n.js';

export interface Message {
  readonly role: 'system' | 'user' | 'assistant';
  readonly content: string;
}

/** What is asked of a model. */
export interface Ask {
  readonly model: string;
  readonly messages: readonly Message[];
  readonly temperature?: number;
  readonly maxTokens?: number;
}

/** What an answer took. Times are in milliseconds; the cost is a decimal string in USD. */
export interface Facts {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly cost: string | undefined;
  readonly firstMs: number;
  readonly totalMs: number;
}

interface Chunk {
  readonly choices?: readonly { readonly delta?: { readonly content?: string | null } }[];
  readonly usage?: {
    readonly prompt_tokens: number;
    readonly completion_tokens: number;
    readonly cost?: number | string;
  } | null;
  readonly error?: { readonly message?: string; readonly code?: string | null };
}

/** Asks a model and calls `onText` with each piece of its answer. @throws {ApiError} for a refusal, also within the stream. */
export async function ask(body: Ask, onText: (piece: string) => void, signal: AbortSignal): Promise<Facts> {
  const began = performance.now();
  const response = await send(apiUrl('playground/chat'), body, signal);
  if (!response.ok || !response.body || isElsewhere(response)) throw failureOf(await readBody(response));
  let firstMs: number | undefined;
  let usage: Chunk['usage'];
  for await (const chunk of chunksOf(response.body)) {
    if (chunk.error) throw new ApiError(502, chunk.error.code ?? '', chunk.error.message ?? '', null);
    const piece = chunk.choices?.[0]?.delta?.content;
    if (piece) {
      firstMs ??= performance.now() - began;
      onText(piece);
    }
    usage = chunk.usage ?? usage;
  }
  if (!usage) throw new ApiError(502, '', t('code.upstream_truncated'), null);
  const totalMs = performance.now() - began;
  return {
    inputTokens: usage.prompt_tokens,
    outputTokens: usage.completion_tokens,
    cost: usage.cost === undefined ? undefined : String(usage.cost),
    firstMs: firstMs ?? totalMs,
    totalMs,
  };
}

async function* chunksOf(body: ReadableStream<Uint8Array>): AsyncGenerator<Chunk> {
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let rest = '';
  for (;;) {
    const { done, value } = await reader.read();
    rest += done ? decoder.decode() : decoder.decode(value, { stream: true });
    const lines = rest.split('\n');
    rest = done ? '' : (lines.pop() ?? '');
    for (const line of lines) {
      const data = /^data: ?(.*)/.exec(line)?.[1]?.trim();
      if (data && data !== '[DONE]') yield JSON.parse(data) as Chunk;
    }
    if (done) return;
  }
}
