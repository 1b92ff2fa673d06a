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
  /** The fewest rounds: large bodies take long to come to rest, and short requests are what matters most. */
  readonly rounds?: number;
  /** The fewest rounds before those that count. */
  readonly settlingRounds?: number;
  /** At least so long one request at a time, per round, for the floor and the gateway on node:http: a p99 needs many. */
  readonly latencySeconds?: number;
  /** The most that this gateway on node:http may cost, as a multiple of the floor. */
  readonly target?: number;
  /** The least that Portkey should cost, as a multiple of this gateway on node:http. */
  readonly peerTarget?: number;
}

const json = { model: 'bench-openai', stream: false, path: '/json', promptBytes: 100, peerTarget: 8 } as const;
const paced = { model: 'bench-openai', stream: true, path: '/paced', promptBytes: 100 } as const;
const stream = {
  ...paced,
  path: '/stream-100',
  rounds: 9,
  settlingRounds: 12,
  latencySeconds: 6,
  peerTarget: 2,
} as const;
const burst = { ...stream, path: '/burst-100' } as const;

export const JSON_CASE: Case = { name: 'JSON', ...json, rounds: 15, target: 1.6 };

/** The same request by `fetchFor` and through node:http. */
export const INSIDE_CASE: Case = { name: 'inside', ...json, rounds: 15 };
/** The most that it may cost by `fetchFor`, as a multiple of what it costs through node:http. */
export const INSIDE_TARGET = 0.6;

const messages = { model: 'bench-anthropic', route: 'messages' } as const;
const responses = { model: 'bench-openai', route: 'responses' } as const;

export const CASES: readonly Case[] = [
  JSON_CASE,
  { name: 'JSON, 200 KB prompt', ...json, promptBytes: 200_000, rounds: 9, latencySeconds: 6, target: 1.5 },
  { name: 'Stream of 100 chunks', ...stream, target: 1.25 },
  { name: 'Anthropic stream, translated', ...stream, model: 'bench-anthropic', target: 2 },
  { name: 'Gemini stream, translated', ...stream, model: 'bench-google', target: 2 },
  { name: 'Burst of 100 chunks', ...burst, target: 1.25 },
  { name: 'Anthropic burst, translated', ...burst, model: 'bench-anthropic', target: 2 },
  { name: 'Gemini burst, translated', ...burst, model: 'bench-google', target: 2 },
  { name: 'messages, JSON, relayed', ...json, ...messages, target: 1.5 },
  { name: 'messages, stream, relayed', ...stream, ...messages, target: 1.25 },
  { name: 'responses, JSON, relayed', ...json, ...responses },
  { name: 'responses, stream, relayed', ...stream, ...responses },
  { name: 'Stream of 64 chunks, one per 20 ms', ...paced, paced: true },
];

/** Each dimension at 1, 10 and 100 times its first value. */
export const GROWTH: readonly Case[] = [
  ...[2, 20, 200].map((kb) => ({ ...json, name: `prompt of ${kb} KB`, promptBytes: kb * 1_000 })),
  ...[10, 100, 1_000].map((chunks) => ({ ...paced, name: `stream of ${chunks} chunks`, path: `/burst-${chunks}` })),
];
