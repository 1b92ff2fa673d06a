import { connect, type Socket } from 'node:net';
import type { gate } from '../../src/testing/index.js';
import type { AbuseSite, Attacker } from './abuse-site.js';

/** What the provider reports at the end, of a file and of reasoning. */
export const REPORT = { input: 120_000, output: 30_010 };

/** A raw stream of OpenAI's chat format whose usage comes after a gate. */
export function openaiStream(report: object, before: ReturnType<typeof gate>) {
  const chunk = (delta: object, finish: string | null = null) =>
    `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`;
  const usage = `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', created: 1, model: 'm', choices: [], usage: report })}\n\n`;
  return [
    chunk({ role: 'assistant', content: '' }),
    chunk({ content: 'All of the words.' }),
    chunk({}, 'stop'),
    before,
    `${usage}data: [DONE]\n\n`,
  ];
}

/** Posts a body. */
export function postRaw(site: AbuseSite, attacker: Attacker, path: string, body: object): Socket {
  const { hostname, port } = new URL(site.url);
  const socket = connect(Number(port), hostname);
  const text = JSON.stringify(body);
  socket.write(
    `POST /v1/${path} HTTP/1.1\r\nhost: a\r\nauthorization: Bearer ${attacker.key}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(text)}\r\n\r\n${text}`,
  );
  socket.on('error', () => {});
  return socket;
}

/** Posts a body, reads until a piece of text is there, and closes the socket. */
export async function leaveAt(
  site: AbuseSite,
  attacker: Attacker,
  path: string,
  body: object,
  word: string,
): Promise<void> {
  const socket = postRaw(site, attacker, path, body);
  let seen = '';
  await new Promise<void>((resolve, reject) => {
    socket.on('data', (piece) => {
      seen += String(piece);
      if (seen.includes(word)) resolve();
    });
    socket.on('close', () => reject(new Error(`closed before ${word}: ${seen}`)));
  });
  socket.removeAllListeners('close');
  socket.destroy();
}

/** The same as OpenAI writes it. */
export const reportOf = ({ input, output }: typeof REPORT) => ({
  prompt_tokens: input,
  completion_tokens: output,
  total_tokens: input + output,
  completion_tokens_details: { reasoning_tokens: output - 10 },
});

export const CHAT = { stream: true, stream_options: { include_usage: true }, max_tokens: 40_000 };
export const TEXT = [{ role: 'user', content: 'hi' }];
export const FILE = [{ role: 'user', content: [{ type: 'file', file: { file_id: 'file-1' } }] }];

/** Waits until a charge of the account is recorded, and nothing is held. */
export async function settled(site: AbuseSite, attacker: Attacker): Promise<void> {
  for (;;) {
    const { held } = await site.gateway.accounts.get(attacker.id);
    if (Number(held) === 0 && (await attacker.charged()) > 0) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
}
