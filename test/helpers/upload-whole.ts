import { once } from 'node:events';
import { connect } from 'node:net';

const MB = 1_000_000;

/** How a request says where its body ends. */
export const FRAMINGS = [`content-length: ${12 * MB}`, 'transfer-encoding: chunked'] as const;

/**
 * Sends 12 MB with `connection: close`, all of it whatever comes, as clients do that read the answer afterwards.
 *
 * @returns what went wrong at the client, and what it was answered.
 */
export async function uploadWhole(port: number, key: string, framing: (typeof FRAMINGS)[number]) {
  const socket = connect(port, '127.0.0.1');
  const faults: unknown[] = [];
  socket.on('error', (fault) => faults.push(fault));
  let text = '';
  socket.setEncoding('utf8').on('data', (piece: string) => {
    text += piece;
  });
  const ended = once(socket, 'close');
  const isChunked = framing === 'transfer-encoding: chunked';
  socket.write(
    'POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n',
  );
  socket.write(`authorization: Bearer ${key}\r\n${framing}\r\n\r\n`);
  const piece = Buffer.alloc(MB, 'x');
  for (let i = 0; i < 12; i++) {
    if (isChunked) socket.write(`${MB.toString(16)}\r\n`);
    await new Promise((resolve) => void socket.write(piece, resolve));
    if (isChunked) socket.write('\r\n');
  }
  if (isChunked) socket.write('0\r\n\r\n');
  await ended;
  return { faults, text };
}
