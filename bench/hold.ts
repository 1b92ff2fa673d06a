import { request } from 'node:http';
import type { Hello } from './processes.js';

/** Opens a number of streams, waits for the first bytes of each, and keeps them open. */
const { port, headers: own, model = 'bench-openai' } = JSON.parse(process.argv[2] ?? '{}') as Hello;
const body = JSON.stringify({
  model,
  stream: true,
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Hi' }],
});
const headers = { ...own, 'content-type': 'application/json', 'content-length': body.length };
/** How many connections are being opened at any time. */
const AT_ONCE = 50;

process.on('message', (count: number) => {
  let left = count;
  const worker = async () => {
    while (left-- > 0) await open();
  };
  void Promise.all(Array.from({ length: AT_ONCE }, worker)).then(() => process.send?.('open'));
});
process.on('disconnect', () => process.exit());
process.send?.({ port: 0 });

function open(): Promise<void> {
  return new Promise((resolve, reject) => {
    request({ port, host: '127.0.0.1', method: 'POST', path: '/v1/chat/completions', headers, agent: false }, (res) => {
      res.once('data', () => resolve());
    })
      .on('error', reject)
      .end(body);
  });
}
