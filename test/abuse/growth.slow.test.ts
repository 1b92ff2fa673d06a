import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../helpers/eventually.js';
import { type MeasuredProcess, measuredProcess } from './measured-process.js';

const MIB = 1024 * 1024;
const LARGEST = 20 * MIB - 1_000;

/** What one client may make a process grow by, with room for the allocator of the machine. */
const MOST_GROWN = 96 * MIB;
/** No turn may take longer; processor time, so that a busy machine does not count, with room for a slow one. */
const MOST_TURN_MS = 400;

let gateway: MeasuredProcess;
const sockets: Socket[] = [];

beforeAll(async () => {
  gateway = await measuredProcess('http://127.0.0.1:9');
  await post('{"model":"gpt","messages":[{"role":"user","content":"hi"}],"max_tokens":16}');
  await gateway.measured();
});

afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await gateway.end();
});

function open(bytes: number, body: string): { readonly socket: Socket; readonly seen: () => string } {
  const socket = connect(gateway.port, '127.0.0.1');
  sockets.push(socket);
  let text = '';
  socket.on('error', () => {});
  socket.on('data', (piece) => {
    text += piece.toString('latin1');
  });
  const head = `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.key}\r\ncontent-type: application/json\r\ncontent-length: ${bytes}\r\n\r\n`;
  socket.write(head);
  socket.write(body);
  return { socket, seen: () => text };
}

async function post(body: string): Promise<string> {
  const { socket, seen } = open(Buffer.byteLength(body), body);
  await eventually(() => seen().includes('\r\n\r\n'), 60_000);
  socket.destroy();
  return seen();
}

const filled = (head: string, item: string, tail: string) =>
  head + item.repeat(Math.floor((LARGEST - head.length - tail.length) / item.length)) + tail;
const CHAT = '{"model":"gpt","messages":[{"role":"user","content":"x"}],"x":';

/** Bodies of the longest that is taken, made to cost a parser as much as they can. */
const BOMBS: readonly (readonly [name: string, body: () => string])[] = [
  ['empty objects', () => filled(`${CHAT}[`, '{},', '0]}')],
  ['objects without an end', () => filled('[[[[[[[[', '{},', '')],
  ['lists in lists', () => filled(`${CHAT}[`, '[[[[[[[[]]]]]]]],', '0]}')],
  ['numbers as names', () => `${CHAT}{${Array.from({ length: 1_500_000 }, (_, i) => `"${i}":0`).join(',')}}}`],
];

describe('one client, whatever it sends', () => {
  test.each(BOMBS)('a body of %s is refused before it is parsed', { timeout: 120_000 }, async (_name, body) => {
    const text = body();
    await gateway.measured();
    const answers = await Promise.all([post(text), post('{"model":"none","messages":[]}')]);
    expect(answers[0]).toMatch(/ 400 .*json_too_complex|json_too_complex/s);
    const { grown, longestTurnMs } = await gateway.measured();
    expect(grown).toBeLessThan(MOST_GROWN);
    expect(longestTurnMs).toBeLessThan(MOST_TURN_MS);
  });

  test('sixty long bodies that come slowly', { timeout: 120_000 }, async () => {
    await gateway.measured();
    const part = `${CHAT}"${'x'.repeat(LARGEST - 200)}`;
    const slow = Array.from({ length: 60 }, () => open(LARGEST, part));
    await eventually(() => slow.filter(({ seen }) => seen().includes(' 429 ')).length >= 59, 60_000);
    const { grown, longestTurnMs } = await gateway.measured();
    expect(grown).toBeLessThan(MOST_GROWN);
    expect(longestTurnMs).toBeLessThan(MOST_TURN_MS);
    for (const { socket } of slow) socket.destroy();
  });
});
