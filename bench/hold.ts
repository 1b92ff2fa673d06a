import { request } from 'node:http';

/** Opens so many streams, waits for the first bytes of each, and keeps them open. */
const [port = '', key = ''] = process.argv.slice(2);
const body = JSON.stringify({
  model: 'bench-openai',
  stream: true,
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Hi' }],
});
const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'content-length': body.length };

process.on('message', (count: number) => {
  void Promise.all(Array.from({ length: count }, open)).then(() => process.send?.('open'));
});
process.on('disconnect', () => process.exit());
process.send?.({ port: 0 });

function open(): Promise<void> {
  return new Promise((resolve, reject) => {
    request(
      { port: Number(port), host: '127.0.0.1', method: 'POST', path: '/v1/chat/completions', headers, agent: false },
      (res) => {
        res.once('data', () => resolve());
      },
    )
      .on('error', reject)
      .end(body);
  });
}
