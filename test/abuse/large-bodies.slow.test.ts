import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { eventually } from '../helpers/eventually.js';
import { FORM_TYPE, KINDS, ROUTES, TEXT_KINDS, TEXT_ROUTES, takes, UPLOADS } from './large-bodies.js';
import { type MeasuredProcess, measuredProcess } from './measured-process.js';

const MIB = 1024 * 1024;

/** The most that a process may grow by, garbage included that is not collected yet. */
const MOST_GROWN = 160 * MIB;
/** No turn may take longer than so many times what reading and writing the body as JSON takes, at once, in the same process. */
const MOST_TURN = 1.25;

let gateway: MeasuredProcess;
let provider: Server;
/** In milliseconds of processor time, so that a busy machine does not count. */
let floor: number;

const USAGE = { prompt_tokens: 5, completion_tokens: 5, total_tokens: 10 };
const ANSWERS: readonly (readonly [path: RegExp, answer: object])[] = [
  [
    /messages/,
    {
      id: 'msg_1',
      type: 'message',
      role: 'assistant',
      model: 'm',
      stop_reason: 'end_turn',
      stop_sequence: null,
      content: [{ type: 'text', text: 'ok' }],
      usage: { input_tokens: 5, output_tokens: 5 },
    },
  ],
  [
    /responses/,
    {
      id: 'resp_1',
      object: 'response',
      created_at: 1,
      status: 'completed',
      model: 'm',
      output: [],
      usage: {
        input_tokens: 5,
        input_tokens_details: { cached_tokens: 0 },
        output_tokens: 5,
        output_tokens_details: { reasoning_tokens: 0 },
        total_tokens: 10,
      },
    },
  ],
  [/batchEmbedContents/, { embeddings: [{ values: [1] }] }],
  [/moderations/, { id: 'modr_1', model: 'm', results: [] }],
  [/audio/, { text: 'ok' }],
  [/images/, { created: 1, data: [{ b64_json: 'AA==' }] }],
  [
    /generateContent/,
    {
      candidates: [{ content: { role: 'model', parts: [{ text: 'ok' }] }, finishReason: 'STOP' }],
      usageMetadata: { promptTokenCount: 5, candidatesTokenCount: 5, totalTokenCount: 10 },
    },
  ],
  [
    /embeddings/,
    { object: 'list', model: 'm', data: [{ object: 'embedding', index: 0, embedding: [1] }], usage: USAGE },
  ],
  [
    /\/completions/,
    {
      id: 'x',
      object: 'text_completion',
      created: 1,
      model: 'm',
      choices: [{ text: 'ok', index: 0, finish_reason: 'stop' }],
      usage: USAGE,
    },
  ],
];
const CHAT_ANSWER = {
  id: 'x',
  object: 'chat.completion',
  created: 1,
  model: 'm',
  choices: [{ index: 0, message: { role: 'assistant', content: 'ok' }, finish_reason: 'stop' }],
  usage: USAGE,
};

function answerTo(path: string): object {
  if (path.includes('chat/completions')) return CHAT_ANSWER;
  return ANSWERS.find(([pattern]) => pattern.test(path))?.[1] ?? {};
}

beforeAll(async () => {
  provider = createServer((req, res) => {
    req.resume().on('end', () => {
      res.setHeader('content-type', 'application/json');
      res.end(JSON.stringify(answerTo(req.url ?? '')));
    });
  });
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  const origin = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  gateway = await measuredProcess(origin, 'prepaid');
  for (const route of [...Object.values(ROUTES), ...Object.values(TEXT_ROUTES)]) await send(route('"hi"'));
  floor = await gateway.floor();
  await gateway.measured();
});

afterAll(async () => {
  await gateway.end();
  provider.closeAllConnections();
  provider.close();
});

interface Sent {
  readonly path: string;
  readonly body: string | Buffer;
}

async function send({ path, body }: Sent, type = 'application/json'): Promise<string> {
  const socket = connect(gateway.port, '127.0.0.1');
  let seen = '';
  socket.on('error', () => {});
  socket.on('data', (piece) => {
    seen += piece.toString('latin1');
  });
  const head = `POST /v1/${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.key}\r\ncontent-type: ${type}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  socket.write(head);
  socket.write(body);
  await eventually(() => seen.includes('\r\n\r\n'), 60_000);
  socket.destroy();
  return seen;
}

const TEXT_CASES = TEXT_KINDS.flatMap((kind) =>
  Object.entries(TEXT_ROUTES).map(([name, route]) => [name, kind, route, KINDS[kind] as () => string] as const),
);
const CASES = Object.entries(KINDS).flatMap(([kind, said]) =>
  Object.entries(ROUTES).flatMap(([name, route]) => (takes(name, kind) ? [[name, kind, route, said] as const] : [])),
);

test.each([...CASES, ...TEXT_CASES])(
  '%s takes the largest body: %s',
  { timeout: 120_000 },
  async (name, kind, route, said) => {
    await expectCheap(`${name} | ${kind}`, route(said()));
  },
);

test.each(Object.entries(UPLOADS))('the largest file that is taken: %s', { timeout: 120_000 }, async (name, made) => {
  await expectCheap(name, made(), FORM_TYPE);
});

async function expectCheap(name: string, request: Sent, type?: string): Promise<void> {
  await gateway.measured();
  const answer = await send(request, type);
  const { grown, longestTurnMs } = await gateway.measured();
  const figures = `${Math.round(grown / MIB)} MiB, ${Math.round(longestTurnMs)} ms where the floor takes ${Math.round(floor)}`;
  if (process.env['SHOW']) console.log(`${name} | ${answer.slice(9, 12)} | ${figures}`);
  expect(answer).toMatch(/^HTTP\/1\.1 200/);
  expect(grown, figures).toBeLessThan(MOST_GROWN);
  expect(longestTurnMs, figures).toBeLessThan(MOST_TURN * floor);
}
