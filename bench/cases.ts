/** What a client asks for; the provider of the model serves the route itself. */
export type Route = 'chat/completions' | 'messages' | 'responses';

/** A kind of request. */
export interface Case {
  readonly name: string;
  /** First segment of the provider's path, which says how it answers. */
  readonly path: string;
  readonly model: 'bench-openai' | 'bench-anthropic' | 'bench-google';
  readonly stream: boolean;
  /** @default 'chat/completions' */
  readonly route?: Route;
  readonly promptBytes: number;
  /** Chunks that carry the instant of their sending. */
  readonly paced?: boolean;
}

const json = { model: 'bench-openai', stream: false, path: '/json', promptBytes: 100 } as const;
const stream = { ...json, stream: true, path: '/stream-100' } as const;
const burst = { ...stream, path: '/burst-100' } as const;
const [anthropic, gemini] = [{ model: 'bench-anthropic' }, { model: 'bench-google' }] as const;
const messages = { model: 'bench-anthropic', route: 'messages' } as const;
const responses = { model: 'bench-openai', route: 'responses' } as const;

export const JSON_CASE: Case = { name: 'JSON', ...json };

export const CASES = {
  json: JSON_CASE,
  longPrompt: { name: 'JSON, 200 KB prompt', ...json, promptBytes: 200_000 },
  jsonAnthropic: { name: 'JSON, translated for Anthropic', ...json, ...anthropic },
  jsonGemini: { name: 'JSON, translated for Gemini', ...json, ...gemini },
  jsonMessages: { name: '`/messages`, JSON', ...json, ...messages },
  jsonResponses: { name: '`/responses`, JSON', ...json, ...responses },
  stream: { name: 'Stream of 100 chunks', ...stream },
  streamAnthropic: { name: 'Anthropic stream, translated', ...stream, ...anthropic },
  streamGemini: { name: 'Gemini stream, translated', ...stream, ...gemini },
  streamMessages: { name: '`/messages`, stream', ...stream, ...messages },
  streamResponses: { name: '`/responses`, stream', ...stream, ...responses },
  burst: { name: 'Burst of 100 chunks', ...burst },
  burstAnthropic: { name: 'Anthropic burst, translated', ...burst, ...anthropic },
  burstGemini: { name: 'Gemini burst, translated', ...burst, ...gemini },
  paced: { name: 'Stream of 64 chunks, one per 20 ms', ...stream, path: '/paced', paced: true },
} as const satisfies Readonly<Record<string, Case>>;

/** Each dimension at 1, 10 and 100 times its first value. */
export const GROWTH: readonly Case[] = [
  ...[2, 20, 200].map((kb) => ({ ...json, name: `prompt of ${kb} KB`, promptBytes: kb * 1_000 })),
  ...[10, 100, 1_000].map((chunks) => ({ ...stream, name: `stream of ${chunks} chunks`, path: `/burst-${chunks}` })),
];
