import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';

/** Milliseconds between two words of a stream, so that one can watch it arrive. */
const WORD_MS = 40;

/**
 * Starts a server that speaks the wire formats of OpenAI, Anthropic and Gemini, and answers with what the request said.
 *
 * It lets the real provider adapters run where no provider key is at hand.
 */
export async function startFakeProviders(): Promise<{ url: string; server: Server }> {
  const server = createServer((req, res) => {
    void answer(req, res);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return { url: `http://127.0.0.1:${address.port}`, server };
}

interface Body {
  model?: string;
  stream?: boolean;
  messages?: { content: unknown }[];
  contents?: { parts: { text?: string }[] }[];
}

async function answer(req: IncomingMessage, res: ServerResponse): Promise<void> {
  let text = '';
  for await (const piece of req) text += piece;
  const body = JSON.parse(text) as Body;
  const path = req.url ?? '';
  if (path.startsWith('/v1/messages')) await answerAnthropic(body, res);
  else if (path.startsWith('/v1beta/models/')) await answerGemini(body, path.includes(':stream'), res);
  else await answerOpenAI(body, res);
}

function wordsFor(prompt: string, provider: string): string[] {
  return `You said: "${prompt}" This is a local stand-in for ${provider}, so no key was needed.`.split(/(?<= )/);
}

function lastText(body: Body): string {
  const content =
    body.messages?.at(-1)?.content ??
    body.contents
      ?.at(-1)
      ?.parts.map((part) => part.text ?? '')
      .join('');
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part: { text?: string }) => part.text ?? '').join('');
}

const tokens = (text: string) => Math.max(1, Math.ceil(text.length / 4));

async function answerOpenAI(body: Body, res: ServerResponse): Promise<void> {
  const words = wordsFor(lastText(body), 'OpenAI');
  const head = { id: 'chatcmpl-demo', created: Math.floor(Date.now() / 1000), model: body.model };
  const completion = tokens(words.join(''));
  const prompt = tokens(lastText(body));
  const usage = { prompt_tokens: prompt, completion_tokens: completion, total_tokens: prompt + completion };
  if (!body.stream) {
    const message = { role: 'assistant', content: words.join(''), refusal: null };
    const choices = [{ index: 0, message, logprobs: null, finish_reason: 'stop' }];
    return json(res, { ...head, object: 'chat.completion', choices, usage });
  }
  const chunk = (delta: object, finish: string | null) => ({
    ...head,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finish }],
    usage: null,
  });
  await events(res, [
    chunk({ role: 'assistant', content: '', refusal: null }, null),
    ...words.map((word) => chunk({ content: word }, null)),
    chunk({}, 'stop'),
    { ...head, object: 'chat.completion.chunk', choices: [], usage },
    '[DONE]',
  ]);
}

async function answerAnthropic(body: Body, res: ServerResponse): Promise<void> {
  const words = wordsFor(lastText(body), 'Anthropic');
  const usage = { input_tokens: tokens(lastText(body)), output_tokens: tokens(words.join('')) };
  const message = { id: 'msg_demo', type: 'message', role: 'assistant', model: body.model, stop_sequence: null };
  if (!body.stream) {
    return json(res, { ...message, content: [{ type: 'text', text: words.join('') }], stop_reason: 'end_turn', usage });
  }
  await events(res, [
    {
      type: 'message_start',
      message: { ...message, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } },
    },
    { type: 'content_block_start', index: 0, content_block: { type: 'text', text: '' } },
    ...words.map((text) => ({ type: 'content_block_delta', index: 0, delta: { type: 'text_delta', text } })),
    { type: 'content_block_stop', index: 0 },
    { type: 'message_delta', delta: { stop_reason: 'end_turn', stop_sequence: null }, usage },
    { type: 'message_stop' },
  ]);
}

async function answerGemini(body: Body, stream: boolean, res: ServerResponse): Promise<void> {
  const words = wordsFor(lastText(body), 'Google');
  const prompt = tokens(lastText(body));
  const part = (text: string, finishReason?: string) => ({
    candidates: [{ content: { role: 'model', parts: [{ text }] }, index: 0, ...(finishReason && { finishReason }) }],
    usageMetadata: {
      promptTokenCount: prompt,
      candidatesTokenCount: tokens(words.join('')),
      totalTokenCount: prompt + tokens(words.join('')),
    },
    modelVersion: 'gemini-demo',
    responseId: 'demo',
  });
  if (!stream) return json(res, part(words.join(''), 'STOP'));
  await events(res, [...words.map((word) => part(word)), part('', 'STOP')]);
}

function json(res: ServerResponse, value: object): void {
  res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value));
}

async function events(res: ServerResponse, values: readonly (object | string)[]): Promise<void> {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  for (const value of values) {
    if (res.destroyed) return;
    const name = typeof value === 'object' && 'type' in value ? `event: ${value.type}\n` : '';
    res.write(`${name}data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`);
    await new Promise((resolve) => setTimeout(resolve, WORD_MS));
  }
  res.end();
}
