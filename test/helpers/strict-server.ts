import type { IncomingMessage, ServerResponse } from 'node:http';
import { listen } from './listen.js';
import { compatibleProblem, PUBLISHED_SCHEMAS } from './strict-compatible.js';

type Fields = Readonly<Record<string, unknown>>;

/** What a model says in one turn. */
export interface Turn {
  readonly thinking?: string | undefined;
  readonly text?: string | undefined;
  readonly calls?: readonly { readonly id: string; readonly name: string; readonly args: Fields }[] | undefined;
}

/** A server that speaks for several providers, each at the path of its name, as strictly as its published schema. */
export interface StrictServer {
  readonly origin: string;
  /** What it refused: `groq: the field x`. */
  readonly refusals: string[];
  /** The bodies it was sent, in order. */
  readonly bodies: Fields[];
  close(): Promise<void>;
}

/** Starts one. @param says what the model of a provider answers to a request. */
export async function strictServer(says: (provider: string, body: Fields) => Turn): Promise<StrictServer> {
  const refusals: string[] = [];
  const bodies: Fields[] = [];
  const answer = async (request: IncomingMessage, response: ServerResponse) => {
    const pieces: Buffer[] = [];
    for await (const piece of request) pieces.push(piece as Buffer);
    const body = JSON.parse(Buffer.concat(pieces).toString()) as Fields;
    const [, provider = ''] = (request.url ?? '').split('/');
    bodies.push(body);
    const schema = PUBLISHED_SCHEMAS[provider];
    const problem = schema ? compatibleProblem(body, schema) : 'no such provider';
    if (problem !== undefined) {
      refusals.push(`${provider}: ${problem}`);
      response.writeHead(400, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: problem, type: 'invalid_request_error' } }));
      return;
    }
    const turn = says(provider, body);
    const written = body['stream'] === true ? asStream(provider, turn, body) : JSON.stringify(asAnswer(provider, turn));
    const type = body['stream'] === true ? 'text/event-stream' : 'application/json';
    response.writeHead(200, { 'content-type': type });
    response.end(written);
  };
  const { origin, close } = await listen((request, response) => void answer(request, response));
  return { origin, refusals, bodies, close };
}

const USAGE = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
const BASE = { id: 'cmpl-1', created: 1, model: 'm' };
const PLACES: Readonly<Record<string, string>> = {
  deepseek: 'reasoning_content',
  xai: 'reasoning_content',
  fireworks: 'reasoning_content',
};

/** The content and the reasoning of a message, where the provider has them. */
function saidIn(provider: string, { thinking, text }: Turn): Fields {
  if (provider === 'mistral') {
    if (thinking === undefined) return { content: text ?? '' };
    const thought = { type: 'thinking', thinking: [{ type: 'text', text: thinking }] };
    return { content: [thought, ...(text === undefined ? [] : [{ type: 'text', text }])] };
  }
  return {
    content: text ?? null,
    ...(thinking !== undefined && { [PLACES[provider] ?? 'reasoning']: thinking }),
    ...(thinking !== undefined &&
      provider === 'openrouter' && {
        reasoning_details: [{ type: 'reasoning.text', text: thinking, signature: 'sig', index: 0 }],
      }),
  };
}

function callsIn({ calls = [] }: Turn): object[] {
  return calls.map(({ id, name, args }, index) => ({
    index,
    id,
    type: 'function',
    function: { name, arguments: JSON.stringify(args) },
  }));
}

function finishOf({ calls = [] }: Turn): string {
  return calls.length > 0 ? 'tool_calls' : 'stop';
}

function asAnswer(provider: string, turn: Turn): Fields {
  const calls = callsIn(turn);
  const message = { role: 'assistant', ...saidIn(provider, turn), ...(calls.length > 0 && { tool_calls: calls }) };
  const choice = { index: 0, message, finish_reason: finishOf(turn) };
  return { ...BASE, object: 'chat.completion', choices: [choice], usage: USAGE };
}

/** The same, in pieces: what was thought, what is said, the calls, the end, the usage where the provider puts it. */
function asStream(provider: string, turn: Turn, body: Fields): string {
  const chunks: Fields[] = [];
  const say = (delta: Fields, more: Fields = {}) =>
    chunks.push({
      ...BASE,
      object: 'chat.completion.chunk',
      choices: [{ index: 0, delta, finish_reason: null, ...more }],
    });
  say({ role: 'assistant', content: '' });
  if (turn.thinking !== undefined) {
    const { content, ...reasoning } = saidIn(provider, { thinking: turn.thinking });
    say(provider === 'mistral' ? { content } : reasoning);
  }
  for (const piece of (turn.text ?? '').split(/(?<= )/)) if (piece !== '') say({ content: piece });
  for (const call of callsIn(turn)) say({ tool_calls: [call] });
  chunks.push({
    ...BASE,
    object: 'chat.completion.chunk',
    choices: [{ index: 0, delta: {}, finish_reason: finishOf(turn) }],
    ...(provider === 'groq' && { x_groq: { id: 'req', usage: USAGE } }),
    ...(provider === 'mistral' && { usage: USAGE }),
  });
  if (body['stream_options'] !== undefined)
    chunks.push({ ...BASE, object: 'chat.completion.chunk', choices: [], usage: USAGE });
  return `${chunks.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join('')}data: [DONE]\n\n`;
}
