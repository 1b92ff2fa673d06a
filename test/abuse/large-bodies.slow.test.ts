import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../helpers/eventually.js';
import { type MeasuredProcess, measuredProcess } from './measured-process.js';

const MIB = 1024 * 1024;
const LARGEST = 20 * MIB - 4_096;

/**
 * The most that a process may grow by, garbage included that is not collected yet: what was measured, with little room. Base64
 * with line breaks is written anew.
 */
const mostGrown = (kind: string) => (kind === IN_LINES ? 160 : 112) * MIB;
/** No turn may take longer; processor time of all threads, so that a busy machine does not count, with room for a slow one. */
const MOST_TURN_MS = 200;

let gateway: MeasuredProcess;
let provider: Server;

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
  [/\/completions/, { id: 'x', object: 'text_completion', created: 1, model: 'm', choices: [], usage: USAGE }],
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
  for (const route of Object.keys(ROUTES)) await post(route, 'hi');
  await gateway.measured();
});

afterAll(async () => {
  await gateway.end();
  provider.closeAllConnections();
  provider.close();
});

/** Each inbound route, relayed and translated to each dialect; `content` is the JSON of what is asked. */
type Route = (content: string, picture: string | undefined) => { readonly path: string; readonly body: string };

const chat =
  (model: string): Route =>
  (content, picture) => ({
    path: 'chat/completions',
    body: picture
      ? `{"model":"${model}","max_tokens":16,"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/png;base64,${picture}"}}]}]}`
      : `{"model":"${model}","max_tokens":16,"messages":[{"role":"user","content":${content}}]}`,
  });
const messages =
  (model: string): Route =>
  (content, picture) => ({
    path: 'messages',
    body: picture
      ? `{"model":"${model}","max_tokens":16,"messages":[{"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/png","data":"${picture}"}}]}]}`
      : `{"model":"${model}","max_tokens":16,"messages":[{"role":"user","content":${content}}]}`,
  });
const responses =
  (model: string): Route =>
  (content, picture) => ({
    path: 'responses',
    body: picture
      ? `{"model":"${model}","max_output_tokens":16,"input":[{"role":"user","content":[{"type":"input_image","image_url":"data:image/png;base64,${picture}"}]}]}`
      : `{"model":"${model}","max_output_tokens":16,"input":[{"role":"user","content":${content.replaceAll('"type":"text"', '"type":"input_text"')}}]}`,
  });
const gemini =
  (model: string): Route =>
  (content, picture) => ({
    path: `models/${model}:generateContent`,
    body: picture
      ? `{"generationConfig":{"maxOutputTokens":16},"contents":[{"role":"user","parts":[{"inlineData":{"mimeType":"image/png","data":"${picture}"}}]}]}`
      : `{"generationConfig":{"maxOutputTokens":16},"contents":[{"role":"user","parts":${content.startsWith('[') ? content.replaceAll('"type":"text",', '') : `[{"text":${content}}]`}}]}`,
  });

const ROUTES: Readonly<Record<string, Route>> = {
  'chat at OpenAI': chat('gpt'),
  'chat at Anthropic': chat('claude'),
  'chat at Google': chat('gemini'),
  'messages at Anthropic': messages('claude'),
  'messages at OpenAI': messages('gpt'),
  'messages at Google': messages('gemini'),
  'responses at OpenAI': responses('gpt'),
  'responses at Anthropic': responses('claude'),
  'responses at Google': responses('gemini'),
  'generateContent at Google': gemini('gemini'),
  'generateContent at OpenAI': gemini('gpt'),
  'generateContent at Anthropic': gemini('claude'),
};

const SMALL_PNG = Buffer.from('89504e470d0a1a0a0000000d4948445200000010000000100806000000', 'hex').toString('base64');
const filled = (unit: string) => unit.repeat(Math.floor((LARGEST - 1_000) / Buffer.byteLength(unit)));
const part = (letters: number) => `{"type":"text","text":"${'x'.repeat(letters)}"},`;
const base64 = (unit: string) => SMALL_PNG.slice(0, 36) + filled(unit);

const IN_LINES = 'a picture in lines';

/** What fills the largest body that is taken. */
const KINDS: Readonly<Record<string, () => { readonly content: string; readonly picture?: string }>> = {
  'plain text': () => ({ content: `"${filled('word ')}"` }),
  'text with escapes': () => ({ content: `"${filled('A line of some code.\\n')}"` }),
  'escapes alone': () => ({ content: `"${filled('\\u65e5\\n')}"` }),
  'text of many bytes a letter': () => ({ content: `"${filled('日本語')}"` }),
  'many parts': () => ({ content: `[${part(2_300).repeat(8_500)}{"type":"text","text":"x"}]` }),
  'a picture': () => ({ content: '', picture: base64('iVBORw0K') }),
  [IN_LINES]: () => ({ content: '', picture: base64('iVBORw0KiVBORw0KiVBORw0KiVBORw0K\\n') }),
};

async function post(name: string, text: string): Promise<string> {
  return send((ROUTES[name] as Route)(JSON.stringify(text), undefined));
}

async function send({ path, body }: ReturnType<Route>): Promise<string> {
  const socket = connect(gateway.port, '127.0.0.1');
  let seen = '';
  socket.on('error', () => {});
  socket.on('data', (piece) => {
    seen += piece.toString('latin1');
  });
  const head = `POST /v1/${path} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.key}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n`;
  socket.write(head);
  socket.write(body);
  await eventually(() => seen.includes('\r\n\r\n'), 60_000);
  socket.destroy();
  return seen;
}

describe.each(Object.keys(ROUTES))('%s', (route) => {
  test.each(Object.keys(KINDS))('takes the largest body of %s', { timeout: 120_000 }, async (kind) => {
    const { content, picture } = (KINDS[kind] as () => { content: string; picture?: string })();
    const request = (ROUTES[route] as Route)(content, picture);
    await gateway.measured();
    const answer = await send(request);
    const { grown, longestTurnMs } = await gateway.measured();
    const figures = `${Math.round(grown / MIB)} MiB, ${Math.round(longestTurnMs)} ms`;
    if (process.env['SHOW']) console.log(`${route} | ${kind} | ${answer.slice(9, 12)} | ${figures}`);
    expect(answer).toMatch(/^HTTP\/1\.1 200/);
    expect(grown, figures).toBeLessThan(mostGrown(kind));
    expect(longestTurnMs, figures).toBeLessThan(MOST_TURN_MS);
  });
});
