import { createServer, type ServerResponse } from 'node:http';
import { sampleAnswer } from './sample-answer.js';

/**
 * The provider of the benchmark: answers at once, in the wire format that the path asks for. What and how it answers
 * stands in the path's first segment, so that proxies need no setting: `/json`, `/stream-100` (that many chunks, one
 * write after the other), `/burst-100` (that many in one write), `/paced` (each chunk says when it was sent), `/hold`
 * (two chunks, then silence). Streams and bursts have no more chunks than the request allows tokens.
 */
const PACED_CHUNKS = 64;
const PACE_MS = 20;
/** Between the first chunk of a stream and the others. */
const FIRST_MS = 2;

const TEXT = 'Hello! How can I help you today?'.repeat(4);

const json = Buffer.from(sampleAnswer(TEXT));

const response = (text: string, words: number) => ({
  id: 'resp_bench',
  object: 'response',
  created_at: 1_700_000_000,
  status: 'completed',
  error: null,
  incomplete_details: null,
  instructions: null,
  model: 'bench',
  output: [
    {
      id: 'msg_bench',
      type: 'message',
      status: 'completed',
      role: 'assistant',
      content: [{ type: 'output_text', text, annotations: [], logprobs: [] }],
    },
  ],
  parallel_tool_calls: true,
  tool_choice: 'auto',
  tools: [],
  usage: {
    input_tokens: 20,
    input_tokens_details: { cached_tokens: 0 },
    output_tokens: words,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: 20 + words,
  },
});

/** Whole answers of the other formats. */
const wholes: Record<string, Buffer> = {
  anthropic: Buffer.from(
    JSON.stringify({
      id: 'msg_bench',
      type: 'message',
      role: 'assistant',
      model: 'bench',
      content: [{ type: 'text', text: TEXT }],
      stop_reason: 'end_turn',
      stop_sequence: null,
      usage: { input_tokens: 20, output_tokens: 30 },
    }),
  ),
  responses: Buffer.from(JSON.stringify(response(TEXT, 30))),
  google: Buffer.from(
    JSON.stringify({
      candidates: [{ content: { role: 'model', parts: [{ text: TEXT }] }, index: 0, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 20, candidatesTokenCount: 30, totalTokenCount: 50 },
      modelVersion: 'bench',
      responseId: 'bench',
    }),
  ),
};

const openAIChunk = (delta: object, finish: string | null) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'bench', service_tier: 'default', choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }] })}\n\n`;
const event = (value: { type: string }) => `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`;
const usageOf = (words: number) => ({ prompt_tokens: 20, completion_tokens: words, total_tokens: 20 + words });

/** The events of a stream with that many words. */
const dialects: Record<string, (words: number) => string[]> = {
  openai: (words) => [
    openAIChunk({ role: 'assistant', content: '', refusal: null }, null),
    ...Array.from({ length: words }, (_, i) => openAIChunk({ content: ` word${i}` }, null)),
    openAIChunk({}, 'stop'),
    `data: ${JSON.stringify({ id: 'chatcmpl-bench', object: 'chat.completion.chunk', created: 1_700_000_000, model: 'bench', choices: [], usage: usageOf(words) })}\n\n`,
    'data: [DONE]\n\n',
  ],
  anthropic: (words) => [
    event({
      type: 'message_start',
      message: {
        id: 'msg_bench',
        type: 'message',
        role: 'assistant',
        model: 'bench',
        content: [],
        stop_reason: null,
        usage: { input_tokens: 20, output_tokens: 1 },
      },
    } as never),
    event({ type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } } as never),
    ...Array.from({ length: words }, (_, i) =>
      event({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text: ` word${i}` } } as never),
    ),
    event({ type: 'content_block_stop', index: 0 } as never),
    event({
      type: 'message_delta',
      delta: { stop_reason: 'end_turn', stop_sequence: null },
      usage: { input_tokens: 20, output_tokens: words },
    } as never),
    event({ type: 'message_stop' }),
  ],
  responses: (words) => {
    const all = Array.from({ length: words }, (_, i) => ` word${i}`);
    const place = { item_id: 'msg_bench', output_index: 0, content_index: 0 };
    const done = response(all.join(''), words);
    const events = [
      { type: 'response.created', response: { ...done, status: 'in_progress', output: [], usage: null } },
      {
        type: 'response.output_item.added',
        output_index: 0,
        item: { ...done.output[0], status: 'in_progress', content: [] },
      },
      ...all.map((delta) => ({ type: 'response.output_text.delta', ...place, delta, logprobs: [] })),
      { type: 'response.output_item.done', output_index: 0, item: done.output[0] },
      { type: 'response.completed', response: done },
    ];
    return events.map((each, sequence_number) => event({ ...each, sequence_number } as never));
  },
  google: (words) =>
    Array.from({ length: words }, (_, i) => {
      const last = i === words - 1;
      const candidate = {
        content: { role: 'model', parts: [{ text: ` word${i}` }] },
        index: 0,
        ...(last && { finishReason: 'STOP' }),
      };
      const counts = { promptTokenCount: 20, candidatesTokenCount: i + 1, totalTokenCount: 21 + i };
      return `data: ${JSON.stringify({ candidates: [candidate], usageMetadata: counts, modelVersion: 'bench', responseId: 'bench' })}\r\n\r\n`;
    }),
};

/** Events are made once per kind of stream. */
const made = new Map<string, string[]>();

function eventsOf(dialect: string, words: number): string[] {
  const name = `${dialect} ${words}`;
  let events = made.get(name);
  if (!events) {
    events = dialects[dialect]?.(words) ?? [];
    made.set(name, events);
  }
  return events;
}

createServer((req, res) => {
  const path = req.url ?? '';
  const dialect = dialectOf(path);
  const pieces: Buffer[] = [];
  req.on('data', (piece) => pieces.push(piece));
  req.on('end', () => {
    if (path.startsWith('/json')) {
      const whole = wholes[dialect] ?? json;
      res.writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length }).end(whole);
      return;
    }
    res.socket?.setNoDelay(true);
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    const [, manner, chunks] = /^\/(stream|burst)-(\d+)/.exec(path) ?? [];
    const words = Math.min(Number(chunks), tokensAllowed(pieces));
    if (manner === 'stream') writeOneByOne(res, eventsOf(dialect, words));
    else if (manner === 'burst') writeTogether(res, eventsOf(dialect, words));
    else if (path.startsWith('/hold')) {
      for (const text of eventsOf(dialect, 1).slice(0, 2)) res.write(text);
    } else pace(res);
  });
})
  .listen({ port: 0, host: '127.0.0.1', backlog: 4_096 }, function (this: import('node:net').Server) {
    process.send?.({ port: (this.address() as { port: number }).port });
  })
  .on('connection', (socket) => socket.setNoDelay(true));

function dialectOf(path: string): string {
  if (path.includes('/v1beta/')) return 'google';
  if (path.endsWith('/v1/messages')) return 'anthropic';
  return path.endsWith('/v1/responses') ? 'responses' : 'openai';
}

/** What a request says of the length of its answer, by whatever name the provider has for it. */
function tokensAllowed(body: readonly Buffer[]): number {
  return Number(/"max\w*tokens":(\d+)/i.exec(Buffer.concat(body).toString('latin1'))?.[1]);
}

/** Each event a chunk of its own, all of them in one write of the socket: Node puts together what one turn writes. */
function writeTogether(res: ServerResponse, events: readonly string[]): void {
  for (const text of events) res.write(text);
  res.end();
}

/**
 * Each event in a turn of its own, so that it is a write of its own, as it is with real providers. The first one stands
 * alone for a moment: the load shares this core, and would get it only when the last one is written.
 */
function writeOneByOne(res: ServerResponse, events: readonly string[]): void {
  let next = 0;
  const step = () => {
    if (res.destroyed) return;
    const text = events[next++];
    if (text === undefined) return void res.end();
    res.write(text);
    if (next === 1) setTimeout(step, FIRST_MS);
    else setImmediate(step);
  };
  step();
}

/** Chunks of OpenAI's, one at a time, each with the microsecond of its sending. */
function pace(res: ServerResponse): void {
  const stamp = () => ` @${process.hrtime.bigint() / 1_000n}@`;
  const ending = eventsOf('openai', 1).slice(-3);
  let next = 0;
  const timer = setInterval(() => {
    if (res.destroyed) clearInterval(timer);
    else if (next++ < PACED_CHUNKS) res.write(openAIChunk({ content: stamp() }, null));
    else {
      clearInterval(timer);
      res.end(ending.join(''));
    }
  }, PACE_MS);
}

process.on('disconnect', () => process.exit());
