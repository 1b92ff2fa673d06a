import {
  anthropic,
  createGateway,
  google,
  memoryStore,
  openai,
  type Transport,
  type UpstreamBody,
} from '../src/index.js';
import { sampleAnswer } from './sample-answer.js';

/**
 * Requests through a whole gateway in this process, without sockets: the provider's answer is there at once, in one piece.
 * Bundled twice by `tricks.ts`, with a trick and without it.
 */
export type Work = (requests: number) => Promise<void>;

const WORDS = 100;
const ACCOUNT = 'bench';

const texts: Readonly<Record<string, string>> = {
  json: sampleAnswer('Hello!'),
  openai: [
    ...words((word) => openAIChunk([{ index: 0, delta: { content: word }, logprobs: null, finish_reason: null }])),
    openAIChunk([{ index: 0, delta: {}, logprobs: null, finish_reason: 'stop' }]),
    openAIChunk([], { usage: { prompt_tokens: 20, completion_tokens: WORDS, total_tokens: 20 + WORDS } }),
    'data: [DONE]\n\n',
  ].join(''),
  choices: [
    ...words((content, i) => openAIChunk([{ index: i % 2, delta: { content }, logprobs: null, finish_reason: null }])),
    ...[0, 1].map((index) => openAIChunk([{ index, delta: {}, logprobs: null, finish_reason: 'stop' }])),
    openAIChunk([], { usage: { prompt_tokens: 20, completion_tokens: WORDS, total_tokens: 20 + WORDS } }),
    'data: [DONE]\n\n',
  ].join(''),
  anthropic: [
    {
      type: 'message_start',
      message: {
        id: 'msg_bench',
        type: 'message',
        role: 'assistant',
        model: 'bench',
        content: [],
        usage: { input_tokens: 20, output_tokens: 1 },
      },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...words((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage: { output_tokens: WORDS } },
    { type: 'message_stop' },
  ]
    .map((event) => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`)
    .join(''),
  google: words((text, i) => {
    const candidate = {
      content: { role: 'model', parts: [{ text }] },
      index: 0,
      ...(i === WORDS - 1 && { finishReason: 'STOP' }),
    };
    const usageMetadata = { promptTokenCount: 20, candidatesTokenCount: i + 1, totalTokenCount: 21 + i };
    return `data: ${JSON.stringify({ candidates: [candidate], usageMetadata, modelVersion: 'bench', responseId: 'bench' })}\r\n\r\n`;
  }).join(''),
};

/** The kinds of request. */
export async function works(): Promise<Readonly<Record<string, Work>>> {
  const gateway = createGateway({
    providers: {
      openai: openai({ apiKey: 'sk-bench' }),
      choices: openai({ apiKey: 'sk-bench', baseURL: 'https://choices.test/v1' }),
      anthropic: anthropic({ apiKey: 'sk-bench' }),
      google: google({ apiKey: 'sk-bench' }),
    },
    models: {
      openai: { provider: 'openai', model: 'gpt-4o-mini', price: { input: 0.15, output: 0.6 } },
      choices: { provider: 'choices', model: 'gpt-4o-mini', price: { input: 0.15, output: 0.6 } },
      anthropic: { provider: 'anthropic', model: 'claude-sonnet-4-5', price: { input: 3, output: 15 } },
      google: { provider: 'google', model: 'gemini-2.5-flash', price: { input: 0.3, output: 2.5 } },
    },
    plans: {
      pro: {
        models: '*',
        billing: 'prepaid',
        limits: { requestsPerMinute: 1e9, tokensPerMinute: 2e9, concurrentRequests: 1e6 },
      },
    },
    store: memoryStore(),
    transport,
  });
  await gateway.credits.topUp({ accountId: ACCOUNT, amount: '1000000', idempotencyKey: 'bench' });
  const { key } = await gateway.keys.create({ accountId: ACCOUNT, name: 'bench' });
  const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
  const asking =
    (model: string, stream: boolean, prompt: string): Work =>
    async (requests) => {
      const body = JSON.stringify({ model, stream, max_tokens: 200, messages: [{ role: 'user', content: prompt }] });
      for (let left = requests; left > 0; left -= AT_ONCE) {
        await Promise.all(Array.from({ length: AT_ONCE }, () => ask(body)));
      }
    };
  async function ask(body: string): Promise<void> {
    const answer = await gateway.fetch(
      new Request('http://gateway.test/v1/chat/completions', { method: 'POST', headers, body }),
    );
    const text = await answer.text();
    if (answer.status !== 200 || text.includes('"error"')) throw new Error(text);
  }
  return {
    json: asking('openai', false, 'Hi'),
    'json-200k': asking('openai', false, `${'All work and no play makes Jack a dull boy. '.repeat(4_500)}\\n`),
    'openai-burst': asking('openai', true, 'Hi'),
    'openai-choices': asking('choices', true, 'Hi'),
    'anthropic-burst': asking('anthropic', true, 'Hi'),
    'google-burst': asking('google', true, 'Hi'),
  };
}

const AT_ONCE = 32;

const transport: Transport = {
  async send({ url, body }) {
    const isStream = url.includes('streamGenerateContent') || textOf(body).includes('"stream":true');
    const [, host = ''] = /(openai|anthropic|google|choices)/.exec(url) ?? [];
    const type = isStream ? 'text/event-stream' : 'application/json';
    return { status: 200, headers: { 'content-type': type }, body: inOnePiece(bytes(isStream ? host : 'json')) };
  },
};

const made = new Map<string, Uint8Array>();

function bytes(name: string): Uint8Array {
  let found = made.get(name);
  if (!found) made.set(name, (found = Buffer.from(texts[name] ?? '')));
  return found;
}

function inOnePiece(whole: Uint8Array): UpstreamBody {
  let left: readonly Uint8Array[] | undefined = [whole];
  return {
    async read() {
      const piece = left;
      left = undefined;
      return piece;
    },
    cancel() {},
    discard() {},
  };
}

/** The end of a body, where the fields beside the prompt stand. */
function textOf(body: unknown): string {
  if (typeof body === 'string') return body.slice(0, 200) + body.slice(-200);
  if (!(body instanceof Uint8Array)) return '';
  const ends = [body.subarray(0, 200), body.subarray(-200)];
  return Buffer.concat(ends).toString('latin1');
}

function openAIChunk(choices: readonly object[], more: object = {}): string {
  const chunk = {
    id: 'chatcmpl-bench',
    object: 'chat.completion.chunk',
    created: 1_700_000_000,
    model: 'bench',
    service_tier: 'default',
  };
  return `data: ${JSON.stringify({ ...chunk, choices, ...more })}\n\n`;
}

function words<T>(make: (word: string, index: number) => T): T[] {
  return Array.from({ length: WORDS }, (_, i) => make(` word${i}`, i));
}
