import { anthropic, type Gateway, type GatewayOptions, google, openai, openaiCompatible } from '../../src/index.js';
import { type PlayedAnswer, type ReplayServer, startReplayServer } from '../helpers/replay-server.js';
import { eventsIn } from '../helpers/routes-gateway.js';
import { unservedGateway } from '../helpers/test-gateway.js';

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>;

/** What stands at a path like `messages.1.content`. */
export function at(value: unknown, path: string): unknown {
  return path.split('.').reduce((inner: unknown, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}

/** What came of one request. */
export interface Outcome {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  readonly body: Json;
  /** The values of the events, for a stream. */
  readonly events: readonly Json[];
  /** The names in `x-gateway-dropped-params`. */
  readonly dropped: readonly string[];
  /** The bodies that providers were sent, in order. */
  readonly sent: readonly Json[];
}

/** A gateway in front of one scripted provider on a real socket, with all dialects. */
export interface Reported {
  readonly gateway: Gateway;
  readonly provider: ReplayServer;
  readonly key: string;
  /** Sets what the provider answers from now on: values are JSON, texts are streams. */
  answers(...answers: (object | string | PlayedAnswer)[]): void;
  ask(body: object, route?: string, headers?: Record<string, string>): Promise<Outcome>;
  /** What the account was charged for the last request. */
  lastUsage(): Promise<Json>;
  close(): Promise<void>;
}

/** USD per million tokens. */
export const PRICE = { input: 1, output: 2 };

/** Starts one. Each model is called after what stands behind it. */
export async function reported(options: Partial<GatewayOptions> = {}): Promise<Reported> {
  const provider = await startReplayServer();
  const { url } = provider;
  const compatible = (name: string) => openaiCompatible({ baseURL: `${url}/v1`, apiKey: 'upstream-secret', name });
  const routers = ['openrouter', 'litellm'];
  const hosts = ['groq', 'mistral', 'deepseek', 'cerebras', 'vllm', 'ollama', 'xai', 'together', 'fireworks'];
  const names = [...hosts, ...routers];
  const gateway = unservedGateway({
    providers: {
      openai: openai({ apiKey: 'upstream-secret', baseURL: `${url}/v1` }),
      anthropic: anthropic({ apiKey: 'upstream-secret', baseURL: url }),
      google: google({ apiKey: 'upstream-secret', baseURL: url }),
      ...Object.fromEntries(names.map((name) => [name, compatible(name)])),
    },
    models: {
      gpt: { provider: 'openai', model: 'gpt-4o-mini', price: PRICE },
      claude: { provider: 'anthropic', model: 'claude-sonnet-4-5', price: PRICE },
      'claude-old': { provider: 'anthropic', model: 'claude-3-5-haiku-latest', price: PRICE },
      'claude-new': { provider: 'anthropic', model: 'claude-opus-4-7', price: PRICE },
      'claude-next': { provider: 'anthropic', model: 'claude-next-1', price: PRICE },
      fable: { provider: 'anthropic', model: 'claude-fable-5', price: PRICE },
      gem: { provider: 'google', model: 'gemini-2.5-flash', price: PRICE },
      gem3: { provider: 'google', model: 'gemini-3-pro-preview', price: PRICE },
      'gem-embed': { provider: 'google', model: 'gemini-embedding-001', price: PRICE },
      ...Object.fromEntries(names.map((name) => [name, { provider: name, model: `${name}-model`, price: PRICE }])),
    },
    ...options,
  });
  const { key } = await gateway.keys.create({ accountId: 'user_1', name: 'laptop' });
  provider.play(chatAnswer());
  return {
    gateway,
    provider,
    key,
    answers: (...answers) => provider.play(...answers.map(toPlayed)),
    async ask(body, route = 'chat/completions', headers = {}) {
      provider.seen.length = 0;
      const response = await gateway.fetch(
        new Request(`http://gateway.test/v1/${route}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
          body: JSON.stringify(body),
        }),
      );
      const text = await response.text();
      const streamed = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
      return {
        status: response.status,
        headers: response.headers,
        text,
        body: (streamed ? {} : JSON.parse(text)) as Json,
        events: (streamed ? eventsIn(text) : []) as readonly Json[],
        dropped: response.headers.get('x-gateway-dropped-params')?.split(', ') ?? [],
        sent: provider.seen.map(({ text: sent }) => JSON.parse(sent) as Json),
      };
    },
    async lastUsage() {
      const events = await gateway.usage.events({ accountId: 'user_1' }, { limit: 1 });
      return events[0] as unknown as Json;
    },
    async close() {
      await gateway.close({ deadlineMs: 0 });
      await provider.close();
    },
  };
}

function toPlayed(answer: object | string | PlayedAnswer): PlayedAnswer {
  if (typeof answer === 'string') return { headers: { 'content-type': 'text/event-stream' }, body: answer };
  return 'body' in answer && typeof answer.body === 'string'
    ? (answer as PlayedAnswer)
    : { body: JSON.stringify(answer) };
}

/** Values as server-sent events. */
export function stream(...events: (object | string)[]): string {
  return events.map((event) => `data: ${typeof event === 'string' ? event : JSON.stringify(event)}\n\n`).join('');
}

/** An answer in Anthropic's form as a stream would tell it. */
export function claudeStream(...events: { readonly type: string; readonly [field: string]: unknown }[]): string {
  return events.map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`).join('');
}

/** A short chat answer that every dialect of `reported` can read: its fields do not collide. */
export function chatAnswer(message: object = { role: 'assistant', content: 'Hi' }, more: object = {}): PlayedAnswer {
  const answer = {
    id: 'a1',
    object: 'chat.completion',
    created: 1_700_000_000,
    model: 'm',
    choices: [{ index: 0, message, finish_reason: 'stop', logprobs: null }],
    // Anthropic
    type: 'message',
    role: 'assistant',
    content: [{ type: 'text', text: 'Hi' }],
    stop_reason: 'end_turn',
    usage: { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15, input_tokens: 10, output_tokens: 5 },
    // Gemini
    responseId: 'a1',
    candidates: [{ content: { role: 'model', parts: [{ text: 'Hi' }] }, finishReason: 'STOP', index: 0 }],
    usageMetadata: { promptTokenCount: 10, candidatesTokenCount: 5, totalTokenCount: 15 },
    ...more,
  };
  return { body: JSON.stringify(answer) };
}

/** The user says hi. */
export const HI = { role: 'user', content: 'hi' } as const;

/** A function tool. */
export function tool(name: string, more: object = {}): object {
  return { type: 'function', function: { name, ...more } };
}
